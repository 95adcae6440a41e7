import { HmacSha1, type Reflexive } from '../../rtp/index.ts';
import { addressBytes } from './address.ts';
import type { Fingerprint, IceCredentials, IceState, ThreadWebRtc } from './messages.ts';
import type { Destination, Sockets } from './socket-port.ts';

/** Places of one far end that are remembered: a browser checks from each of its interfaces. */
const MOST = 8;
/** ms between two moves that are told: who jumps to and fro is followed, and not talked about. */
const TOLD_EVERY = 1000;
/** DTLS datagrams of one leg in a second: a handshake has some ten, and the rest is nobody's business. */
const DATAGRAMS = 40;

/** A place from which somebody who knows our password has checked. */
export interface Candidate {
  readonly to: Destination;
  readonly mapped: Reflexive;
}

/** What we call ourselves, ready to be compared and signed with. */
class Credentials {
  readonly text: IceCredentials;
  readonly ufrag: Uint8Array;
  readonly hmac: HmacSha1;

  constructor(text: IceCredentials) {
    this.text = text;
    this.ufrag = Buffer.from(text.ufrag);
    this.hmac = new HmacSha1(Buffer.from(text.pwd));
  }
}

const isSame = (one: readonly Fingerprint[], other: readonly Fingerprint[]): boolean =>
  one.length === other.length && one.every(({ hash, value }, at) => hash === other[at]!.hash && value === other[at]!.value);

/** The lite side of ICE for one leg (RFC 8445 §2.5): who it is, where it was found, whether it still wants to be sent anything. */
export class Ice {
  #own: Credentials;
  /** Before a restart: the far end goes on with them until it has our answer. */
  #former: Credentials | null = null;
  remote: IceCredentials | null = null;
  fingerprints: readonly Fingerprint[] = [];
  readonly candidates: Candidate[] = [];
  /** Where the far end is sent to: what it nominated last, else where it was found first. */
  home: Candidate | null = null;
  #isNominated = false;
  /** How often ICE was begun anew, and which of these the keys are from. */
  generation = 0;
  securedIn = 0;
  /** The DTLS association of this leg; null: none. */
  association: string | null = null;
  /** There will be no keys, unless something else is agreed on. */
  hasFailed = false;
  /** When it was last checked that we are there, or when that began to be expected, ms of the ticks' clock. */
  checkedAt: number;
  /** When the far end was found first without keys. */
  foundAt = -1;
  hasChecked = false;
  isLost = false;
  /** When it was last told that it has moved. */
  #toldAt = Number.NEGATIVE_INFINITY;
  #datagrams = 0;
  #second = 0;

  constructor(own: IceCredentials, now: number) {
    this.#own = new Credentials(own);
    this.checkedAt = now;
  }

  /** What another thread knew; where the far end is must be told to `PortPair.meet` too. */
  resume(state: IceState, now: number, sockets: Sockets): void {
    this.#former = state.former === null ? null : new Credentials(state.former);
    this.remote = state.remote;
    this.fingerprints = state.fingerprints;
    for (const { address, port } of state.candidates) this.candidates.push(candidateOf(sockets.destination(address, port)));
    this.home = state.home < 0 ? null : (this.candidates[state.home] ?? null);
    this.#isNominated = state.isNominated;
    this.generation = state.generation;
    this.securedIn = state.securedIn;
    this.association = state.association;
    this.hasFailed = state.hasFailed;
    this.hasChecked = state.hasChecked;
    this.checkedAt = now - state.uncheckedMs;
    this.foundAt = this.candidates.length > 0 ? now : -1;
  }

  /** What it takes along to another thread. */
  state(now: number): IceState {
    const { remote, fingerprints, generation, securedIn, association, hasFailed, hasChecked } = this;
    return {
      own: this.#own.text,
      former: this.#former?.text ?? null,
      ...{ remote, fingerprints, generation, securedIn, association, hasFailed, hasChecked },
      candidates: this.candidates.map(({ to: { address, port } }) => ({ address, port })),
      home: this.home === null ? -1 : this.candidates.indexOf(this.home),
      isNominated: this.#isNominated,
      uncheckedMs: now - this.checkedAt,
    };
  }

  /** What both descriptions say. True: the far end is another one, and has other keys. */
  agree({ local, remote, fingerprints }: ThreadWebRtc, now: number): boolean {
    const isAnother = this.fingerprints.length > 0 && !isSame(this.fingerprints, fingerprints);
    const restarts = local !== undefined && local.ufrag !== this.#own.text.ufrag;
    if (restarts) {
      this.#former = isAnother ? null : this.#own;
      this.#own = new Credentials(local);
      this.generation += 1;
    }
    if (this.remote === null || restarts) this.checkedAt = now;
    if (restarts || isAnother) this.#begin(now, isAnother);
    this.remote = remote;
    this.fingerprints = fingerprints;
    return isAnother;
  }

  #begin(now: number, isAnother: boolean): void {
    this.hasFailed = false;
    this.isLost = false;
    this.#isNominated = false;
    this.foundAt = this.home === null ? -1 : now;
    if (!isAnother) return;
    this.home = null;
    this.foundAt = -1;
    this.association = null;
  }

  /** With what a message for this ufrag is signed; null: it is not for us. `isFor` is asked, so that nothing is copied. */
  hmacFor(message: { isFor(ufrag: Uint8Array): boolean }): HmacSha1 | null {
    if (message.isFor(this.#own.ufrag)) return this.#own.hmac;
    return this.#former !== null && message.isFor(this.#former.ufrag) ? this.#former.hmac : null;
  }

  find(key: number): Candidate | null {
    for (let n = 0; n < this.candidates.length; n++) if (this.candidates[n]!.to.key === key) return this.candidates[n]!;
    return null;
  }

  /** A new place; gives the one that is forgotten for it. */
  meet(to: Destination): { readonly met: Candidate; readonly forgotten: Candidate | undefined } {
    const met = candidateOf(to);
    const oldest = this.candidates.length < MOST ? -1 : this.candidates.findIndex((each) => each !== this.home);
    const [forgotten] = oldest < 0 ? [] : this.candidates.splice(oldest, 1);
    this.candidates.push(met);
    return { met, forgotten };
  }

  /** It has checked from there, and perhaps nominates it. True: from now on it is sent to somewhere else. */
  checked(candidate: Candidate, isNominated: boolean, at: number): boolean {
    this.checkedAt = at;
    this.hasChecked = true;
    if (this.foundAt < 0) this.foundAt = at;
    if (candidate === this.home) {
      this.#isNominated ||= isNominated;
      return false;
    }
    if (this.home !== null && !isNominated) return false;
    this.#isNominated = isNominated;
    this.home = candidate;
    return true;
  }

  /** Whether a move is told now. */
  tellsMove(at: number): boolean {
    if (at - this.#toldAt < TOLD_EVERY) return false;
    this.#toldAt = at;
    return true;
  }

  /** Whether one more DTLS datagram is taken now. */
  takesDatagram(at: number): boolean {
    const second = Math.floor(at / 1000);
    this.#datagrams = second === this.#second ? this.#datagrams + 1 : 1;
    this.#second = second;
    return this.#datagrams <= DATAGRAMS;
  }
}

const candidateOf = (to: Destination): Candidate => ({ to, mapped: { bytes: addressBytes(to.address), port: to.port } });
