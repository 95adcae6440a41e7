import type { CryptoSuite, KeyParameters, OfferedCrypto } from './crypto.ts';

/** RFC 3264 direction, always seen from the side that wrote the description. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** The codecs of this house: RFC 3551 (PCMU, PCMA, G722, L16) and RFC 7587 (opus). All are sent as one channel. */
export type CodecName = 'PCMU' | 'PCMA' | 'G722' | 'opus' | 'L16';

/** What a receiver of Opus asks of its sender (RFC 7587 §6.1). Stereo is left out: we send one channel, and every decoder takes it. */
export interface OpusFormat {
  readonly useInbandFec: boolean;
  readonly useDtx: boolean;
  /** Constant bit rate. */
  readonly cbr: boolean;
  /** Bits per second, 6 000 … 510 000; null: no wish. */
  readonly maxAverageBitrate: number | null;
  /** Hz: more than this is of no use to the receiver. */
  readonly maxPlaybackRate: number;
  /** Hz: whoever wrote this captures no more (`sprop-maxcapturerate`). */
  readonly maxCaptureRate: number;
}

/** A codec as a description names it. */
export interface NamedCodec {
  readonly name: CodecName;
  readonly payloadType: number;
  /** Hz of the RTP timestamp: 8000 for G722 although its sound has 16 000 (RFC 3551 §4.5.2), always 48 000 for opus. */
  readonly clockRate: number;
  /** Hz of the sound inside. */
  readonly rate: number;
  /** Only for opus: what the writer wants to receive. */
  readonly opus?: OpusFormat;
}

/** A payload type that goes with a codec and has a clock of its own: telephone-event (RFC 4733), CN (RFC 3389). */
export interface ClockedPayload {
  readonly payloadType: number;
  /** Hz of its timestamps and of the durations in it. */
  readonly clockRate: number;
}

/** Of a certificate (RFC 8122 §5): the hash in lower case, and its bytes as `AB:CD:…`. */
export interface Fingerprint {
  readonly hash: string;
  readonly value: string;
}

/** What one side of ICE calls itself, and with what it proves it (RFC 8839 §5.4). */
export interface IceCredentials {
  readonly ufrag: string;
  readonly pwd: string;
}

/** How DTLS and its keys, and ICE, are said of one line (RFC 8839, RFC 8122, RFC 5763); what a bundle says once counts for all lines in it (RFC 8843 §7.1.3). */
export interface BrowserAttributes {
  readonly mid?: string;
  readonly ice?: IceCredentials;
  readonly fingerprints?: readonly Fingerprint[];
  readonly setup?: 'active' | 'passive' | 'actpass' | 'holdconn';
  /** It lives only in its bundle, so that its port is 0 although it is no refusal (RFC 8843 §6). */
  readonly bundleOnly?: true;
}

/** One m= line, reduced to what an answer needs. */
export interface MediaLine extends BrowserAttributes {
  readonly type: string;
  readonly port: number;
  readonly protocol: string;
  /** The formats as they stood, for a refusal in kind. */
  readonly formats: string;
  /** In the writer's order of preference. Empty unless this is audio over some kind of RTP. */
  readonly codecs: readonly NamedCodec[];
  readonly telephoneEvents: readonly ClockedPayload[];
  readonly comfortNoises: readonly ClockedPayload[];
  /** The a=crypto lines that we can do (RFC 4568), in the writer's order. */
  readonly crypto: readonly OfferedCrypto[];
  /** Undefined when there is no usable c= or it is the old hold address (RFC 2543 §B.5). */
  readonly address: string | undefined;
  /** The address was 0.0.0.0 or ::. */
  readonly blackhole: boolean;
  readonly rtcpPort: number;
  /** RFC 5761. */
  readonly rtcpMux: boolean;
  /** RFC 8858: there is no port for RTCP alone. */
  readonly rtcpMuxOnly: boolean;
  readonly direction: Direction;
  /** ms. */
  readonly ptime: number | undefined;
  /** ms. */
  readonly maxptime: number | undefined;
  /** The header extension for the audio level (RFC 6464): its id, and whether the writer would send it. */
  readonly audioLevel: { readonly id: number; readonly sends: boolean } | undefined;
}

/** A session description (RFC 8866). */
export interface SessionDescription {
  /** From o=: digits as they stood. The same version again means: nothing changed (RFC 3264 §8). */
  readonly origin: { readonly sessionId: string; readonly version: string };
  readonly media: readonly MediaLine[];
  /** Lines that share one transport, by their mids (RFC 8843). */
  readonly bundles: readonly (readonly string[])[];
  /** The writer answers checks and sends none (RFC 8445 §2.5). */
  readonly iceLite: boolean;
}

/** No session description. */
export interface MalformedSdp {
  readonly malformed: string;
}

/** The keys of an encrypted stream, each a master key followed by its master salt (RFC 4568 §6.1). */
export interface AgreedCrypto {
  readonly suite: CryptoSuite;
  /** The tag of the a=crypto line that was taken. */
  readonly tag: number;
  /** What we encrypt with. */
  readonly ourKey: Uint8Array;
  /** What they encrypt with. */
  readonly theirKey: Uint8Array;
  /** The master key identifier that stands in each of their packets, at its full length; null: none (RFC 3711 §3.1). */
  readonly theirMki: Uint8Array | null;
  /** Packets until their key is used up, when they said so. */
  readonly theirLifetime: number | null;
}

/** What both sides will do, in our own words. */
export interface Agreed {
  /** Undefined when the far end gave no address to send to. With `rtcpMux` both ports are the same. */
  readonly remote: { readonly address: string; readonly port: number; readonly rtcpPort: number } | undefined;
  /** The one codec of the call; `ptime` is the ms per packet that we send. Its `opus` is what they want to receive. */
  readonly codec: NamedCodec & { readonly ptime: number };
  /** With the codec's clock wherever they have it, else with 8000. */
  readonly telephoneEvent: ClockedPayload | null;
  /** Payload type of CN with the codec's clock (RFC 3389). */
  readonly comfortNoise: number | null;
  /** RTP and RTCP on one port, both ways. */
  readonly rtcpMux: boolean;
  /** Null: in the clear, unless there is `webrtc`. */
  readonly crypto: AgreedCrypto | null;
  /** The far end is found by ICE and has its keys by DTLS, of which we are the passive side; null: neither. */
  readonly webrtc: AgreedWebRtc | null;
  /** Id of the header extension in which they tell how loud they are (RFC 6464), 1 … 14. Its level counts; its V bit may be unset. */
  readonly audioLevelId: number | null;
  /** Our direction. */
  readonly direction: Direction;
  /** The far end has put us on hold: it does not listen. */
  readonly held: boolean;
}

/** What a browser said of itself. */
export interface AgreedWebRtc {
  readonly remote: IceCredentials;
  /** Its certificate fits one of them. */
  readonly fingerprints: readonly Fingerprint[];
  /** What we call ourselves from now on, where ICE was restarted (RFC 8839 §4.4.1.1.1); whoever keeps the session notes it. */
  readonly local?: IceCredentials;
}

/** What we say of ourselves to a browser: the lite side of ICE, the passive one of DTLS. */
export interface LocalWebRtc extends IceCredentials {
  readonly fingerprint: Fingerprint;
  /** Of what we send (RFC 5576). */
  readonly ssrc: number;
  /** Where we answer checks, the best first; all at `LocalMedia.port`. */
  readonly addresses: readonly string[];
}

/** Our end of the media. */
export interface LocalMedia {
  /** Never a wildcard. */
  readonly address: string;
  readonly port: number;
  /** Decimal digits; the same for the life of the dialog. */
  readonly sessionId: string;
  /** ms per packet that we like to send. */
  readonly ptime: number;
  /** Our keys, the same key for the same suite for the life of the dialog (see `keyRing`). Without them nothing is encrypted. */
  readonly keys?: (suite: CryptoSuite) => KeyParameters;
  /** Our leg is one for browsers: nothing but ICE and DTLS will do. Absent: neither. */
  readonly webrtc?: LocalWebRtc;
}

/** Whether media is encrypted with SDES (RFC 4568): always, when the far end wants to, never. */
export type EncryptionPolicy = 'required' | 'offered' | 'off';

/** What an account or device wants of its calls. */
export interface Wishes {
  /** What may be used, the best first. */
  readonly codecs: readonly CodecName[];
  /** Who chooses among what both have: we by `codecs`, or the offerer by the order of its own (RFC 3264 §6.1). Default `ours`. */
  readonly order?: 'ours' | 'theirs';
  readonly encryption: EncryptionPolicy;
  /** ms per packet that we send whatever the far end likes, as far as its maxptime allows. Default: what it likes, else `LocalMedia.ptime`. */
  readonly interval?: number;
  /** Suites that are good enough, the best first. Default: all four. */
  readonly suites?: readonly CryptoSuite[];
  /** Default true. */
  readonly rtcpMux?: boolean;
  /** Default true. */
  readonly comfortNoise?: boolean;
  /** Default true. */
  readonly audioLevel?: boolean;
  /** What we ask of those who send us Opus. Default: in-band FEC. */
  readonly opus?: Partial<OpusFormat>;
}

/** Why an offer or answer comes to nothing. */
export type RefusalReason =
  | 'no-audio'
  | 'no-usable-codec'
  | 'no-address'
  | 'profile-unknown'
  | 'encryption-required'
  | 'encryption-off'
  | 'no-usable-crypto'
  | 'mux-only'
  | 'mux-needed'
  | 'no-ice'
  | 'ice-lite'
  | 'no-fingerprint'
  | 'dtls-role';

/** A negotiation that failed: 488, and `words` for its Warning. */
export interface Refused {
  readonly refused: RefusalReason;
  readonly words: string;
}

/** What we said last: stored with the dialog, sent again unchanged by a session refresh (RFC 4028 §7.4, RFC 3264 §8). */
export interface LocalDescription {
  readonly body: string;
  /** The version in o=. */
  readonly version: number;
}
