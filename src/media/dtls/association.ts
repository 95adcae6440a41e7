import { DtlsServer } from 'werift';
import type { SrtpSuite } from '../../rtp/index.ts';
import type { DtlsFailure, Fingerprint } from '../thread/messages.ts';
import { fits, isAnyKnown, SIGNATURE } from './certificate.ts';
import type { Identity } from './messages.ts';
import { provedCertificate } from './proof.ts';
import { ALERT, type DtlsRecord, isAdmitted, recordsOf } from './records.ts';

/** Our suites by their numbers in DTLS, the one we like better first (RFC 5764 §4.1.2, RFC 7714 §14.2), with the bytes of key and salt. */
const PROFILES: readonly { readonly number: 1 | 7; readonly suite: SrtpSuite; readonly key: number; readonly salt: number }[] = [
  { number: 7, suite: 'AEAD_AES_128_GCM', key: 16, salt: 12 },
  { number: 1, suite: 'AES_CM_128_HMAC_SHA1_80', key: 16, salt: 14 },
];
/** Flights of the library: the far end's answer to ours; and one behind all, so that nothing is sent again. */
const [SERVER_FLIGHT, CLIENT_FLIGHT, NO_FLIGHT] = [4, 5, 99];
const CLOSE_NOTIFY = 0;
/** Where datagrams come from is the thread's affair. */
const NOWHERE = ['', 0] as const;

/** Keys of both directions, each master key followed by its salt. */
export interface Keys {
  readonly suite: SrtpSuite;
  readonly ourKey: Uint8Array;
  readonly theirKey: Uint8Array;
}

/** What comes of an association: once its keys or its failure, later perhaps its end. */
export interface AssociationEvents {
  readonly onDatagram: (bytes: Uint8Array) => void;
  readonly onKeys: (keys: Keys) => void;
  readonly onFailed: (why: DtlsFailure) => void;
  readonly onClosed: () => void;
}

/** The passive side of one DTLS association (RFC 5764), by werift; what it leaves unchecked is checked here. */
export class Association {
  readonly #fingerprints: readonly Fingerprint[];
  readonly #events: AssociationEvents;
  readonly #server: DtlsServer;
  readonly #transport: DtlsServer['options']['transport'];
  #isUp = false;
  #isOver = false;
  #hasClosed = false;

  constructor(options: { readonly identity: Identity; readonly fingerprints: readonly Fingerprint[]; readonly events: AssociationEvents }) {
    const { identity, fingerprints, events } = options;
    this.#fingerprints = fingerprints;
    this.#events = events;
    this.#transport = {
      type: 'udp',
      address: { address: '', family: 'IPv4', port: 0 },
      closed: false,
      onData: () => {},
      send: async (bytes: Buffer): Promise<void> => {
        if (!this.#isOver) events.onDatagram(Uint8Array.from(bytes));
      },
      close: async (): Promise<void> => {},
    };
    this.#server = new DtlsServer({
      transport: this.#transport,
      cert: identity.certificate,
      key: identity.key,
      signatureHash: SIGNATURE,
      srtpProfiles: PROFILES.map(({ number }) => number),
      certificateRequest: true,
      extendedMasterSecret: true,
    });
    this.#server.onConnect.subscribe(() => this.#finish());
    // The library says nothing when no profile fits both.
    this.#server.onError.subscribe((error) => this.#fail(error?.message === '' ? 'no-suite' : 'refused'));
  }

  /** One datagram of the far end, whatever is in it. */
  take(datagram: Uint8Array): void {
    for (const record of recordsOf(datagram)) {
      if (this.#isOver) return;
      if (record.type === ALERT) this.#hearAlert(record);
      else if (isAdmitted(record, this.#isUp)) this.#show(record.bytes);
    }
  }

  /** Nothing comes of it any more. */
  close(): void {
    this.#isOver = true;
    this.#server.dtls.flight = NO_FLIGHT;
  }

  #show(bytes: Uint8Array): void {
    try {
      this.#transport.onData(Buffer.from(bytes), NOWHERE);
    } catch {
      // What cannot be read is dropped, as RFC 6347 §4.1.2.7 wants it.
    }
  }

  /** Only what is sealed is believed. */
  #hearAlert({ epoch, type, version, sequence, fragment }: DtlsRecord): void {
    if (!this.#isUp || epoch === 0) return;
    const header = { contentType: type, protocolVersion: version, epoch, sequenceNumber: sequence, contentLen: fragment.length };
    try {
      const alert = this.#server.cipher.decryptPacket({ recordLayerHeader: header, fragment: Buffer.from(fragment) } as never);
      if (alert[1] !== CLOSE_NOTIFY || this.#hasClosed) return;
      this.#hasClosed = true;
      this.#events.onClosed();
    } catch {
      // By somebody else.
    }
  }

  #finish(): void {
    if (this.#isUp || this.#isOver) return;
    const outcome = this.#outcome();
    if (typeof outcome === 'string') this.#fail(outcome);
    else {
      this.#isUp = true;
      this.#events.onKeys(outcome);
    }
  }

  #outcome(): Keys | DtlsFailure {
    if (!isAnyKnown(this.#fingerprints)) return 'no-fingerprint';
    const { cipher, dtls, srtp } = this.#server;
    const certificate = provedCertificate({
      before: inOrder(dtls.handshakeCache[SERVER_FLIGHT]?.data),
      theirs: inOrder(dtls.handshakeCache[CLIENT_FLIGHT]?.data),
      masterSecret: cipher.masterSecret,
      exchanged: cipher.remoteKeyPair.publicKey ?? new Uint8Array(0),
    });
    if (certificate === undefined) return 'refused';
    if (!fits(certificate, this.#fingerprints)) return 'wrong-fingerprint';
    const profile = PROFILES.find(({ number }) => number === srtp.srtpProfile);
    if (profile === undefined) return 'no-suite';
    const { localKey, localSalt, remoteKey, remoteSalt } = this.#server.extractSessionKeys(profile.key, profile.salt);
    return { suite: profile.suite, ourKey: joined(localKey, localSalt), theirKey: joined(remoteKey, remoteSalt) };
  }

  #fail(why: DtlsFailure): void {
    if (this.#isUp || this.#isOver) return;
    this.close();
    this.#events.onFailed(why);
  }
}

const inOrder = <T extends { readonly message_seq: number }>(messages: readonly T[] = []): T[] =>
  [...messages].sort((one, other) => one.message_seq - other.message_seq);

const joined = (key: Uint8Array, salt: Uint8Array): Uint8Array => Uint8Array.from([...key, ...salt]);
