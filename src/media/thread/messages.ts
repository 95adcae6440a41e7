import type { MessagePort } from 'node:worker_threads';
import type { Rate } from '../../audio/index.ts';
import type { DigitState, SrtpState, SrtpSuite } from '../../rtp/index.ts';

/** What crosses between the engine and a media thread. Plain values; the thread sees legs and rooms as mere names. */

/** A codec as the thread uses it. */
export interface ThreadCodec {
  readonly name: 'PCMU' | 'PCMA' | 'G722' | 'opus' | 'L16';
  readonly payloadType: number;
  /** ms per packet that we send, a multiple of 10 from 10 to 120. */
  readonly ptime: number;
  /** Hz of the sound of L16, 8 000, 16 000 or 48 000; the others have theirs. */
  readonly rate?: number;
  /** Hz of the RTP timestamp; only L16 has more than one. */
  readonly clockRate?: number;
  /** What the far end wants to receive (RFC 7587 §6.1). */
  readonly opus?: {
    readonly useInbandFec: boolean;
    readonly useDtx: boolean;
    readonly cbr: boolean;
    /** bit/s; null: no wish. */
    readonly maxAverageBitrate: number | null;
    /** Hz. */
    readonly maxPlaybackRate: number;
  };
}

/** RFC 3264 direction from OUR side: `recvonly` = we only receive. */
export type ThreadDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** An address with the two ports of a far end. */
export interface Remote {
  readonly address: string;
  readonly port: number;
  readonly rtcpPort: number;
}

/** Keys of SDES, each a master key followed by its master salt (RFC 4568 §6.1). */
export interface ThreadCrypto {
  readonly suite: SrtpSuite;
  readonly ourKey: Uint8Array;
  readonly theirKey: Uint8Array;
  /** What stands in each of their packets (RFC 3711 §3.1); absent: nothing. */
  readonly theirMki?: Uint8Array;
}

/** What one side of ICE calls itself, and with what it proves it (RFC 8445 §5.3). */
export interface IceCredentials {
  readonly ufrag: string;
  readonly pwd: string;
}

/** Of a certificate (RFC 8122 §5): the hash by its name in SDP, and its bytes as `AB:CD:…`. */
export interface Fingerprint {
  readonly hash: string;
  readonly value: string;
}

/** What the descriptions of both sides say of ICE and DTLS. */
export interface ThreadWebRtc {
  /** Ours, where it is another than before (a restart, RFC 8445 §9). */
  readonly local?: IceCredentials;
  /** The far end's. */
  readonly remote: IceCredentials;
  /** Its `a=fingerprint` lines: its certificate must fit one of them whose hash we know. Other ones than before: a new DTLS association is awaited. */
  readonly fingerprints: readonly Fingerprint[];
}

/** What renegotiation may change; parts left out stay. */
export interface ThreadChange {
  readonly remote?: Remote;
  readonly codec?: ThreadCodec;
  /** Payload type of telephone-event that the far end sends; null: none. */
  readonly telephoneEvent?: number | null;
  /** Hz of its timestamps. Default 8000. */
  readonly telephoneEventClock?: number;
  /** Payload type of comfort noise with the codec's clock (RFC 3389); null: none. */
  readonly comfortNoise?: number | null;
  /** Id of the header extension in which the far end tells how loud it is (RFC 6464); null: none. */
  readonly audioLevelId?: number | null;
  /** Keys of SRTP; null: in the clear. Equal keys go on with their counters. */
  readonly crypto?: ThreadCrypto | null;
  readonly direction?: ThreadDirection;
  /** Only of a leg that was opened for a browser. */
  readonly webrtc?: ThreadWebRtc;
}

/** A leg to be opened, with its random beginnings (RFC 3550 §5.1). */
export interface ThreadLeg {
  readonly leg: string;
  readonly room: string;
  readonly address: string;
  /** Which row of the port map is this address's. Default 0. */
  readonly row?: number;
  readonly remote?: { readonly address: string; readonly port: number };
  readonly port?: number;
  readonly ssrc: number;
  readonly sequence: number;
  readonly timestamp: number;
  /** RFC 7022: random, per leg. */
  readonly cname: string;
  /** Its port is to be nobody else's, for it may go to another thread with it. */
  readonly alone?: boolean;
  /** Its far end is a browser: it is found by ICE and has keys by DTLS; this is what we call ourselves to it. */
  readonly webrtc?: IceCredentials;
  /** Or its far end is a telephone: whoever answers says so. */
  readonly either?: boolean;
  /** It comes from another thread, with its port. */
  readonly state?: LegState;
}

/** What a leg takes along to another thread. The sound that it had not played yet stays behind. */
export interface LegState {
  readonly leg: string;
  readonly address: string;
  readonly port: number;
  readonly ssrc: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly cname: string;
  /** When it left, ms since 1970. */
  readonly at: number;
  /** All that was agreed on. */
  readonly agreed: ThreadChange;
  readonly srtp: { readonly sender: SrtpState; readonly receiver: SrtpState } | null;
  /** Where its far end was found to be; null: not yet. */
  readonly source: { readonly address: string; readonly port: number; readonly named: boolean } | null;
  /** Of a browser. */
  readonly ice: IceState | null;
  readonly digits: DigitState | null;
  /** The last sample that was sent. */
  readonly end: number;
  readonly counts: LegCounts;
}

/** What is known of a browser: what both sides call themselves, where it was found, and how far its keys are. */
export interface IceState {
  readonly own: IceCredentials;
  readonly former: IceCredentials | null;
  readonly remote: IceCredentials | null;
  readonly fingerprints: readonly Fingerprint[];
  readonly candidates: readonly { readonly address: string; readonly port: number }[];
  /** Which of the candidates it is sent to; -1: none. */
  readonly home: number;
  readonly isNominated: boolean;
  readonly generation: number;
  readonly securedIn: number;
  readonly association: string | null;
  readonly hasFailed: boolean;
  readonly hasChecked: boolean;
  /** ms since the last check. */
  readonly uncheckedMs: number;
}

/** What is counted of a leg all its life. */
export interface LegCounts {
  readonly packetsIn: number;
  readonly packetsOut: number;
  readonly octetsOut: number;
  readonly due: number;
  readonly lost: number;
  readonly late: number;
  readonly concealed: number;
  readonly recovered: number;
  readonly roundTrip: number | null;
  readonly extended: boolean;
}

/** A leg, or the name of a feed, and how loud. */
export interface LegGain {
  readonly leg: string;
  readonly gain: number;
}

/** Who hears whom in one room. */
export interface ThreadPlan {
  readonly version: number;
  /**
   * `aside`: not in the sum; those hear it whose `gains` name it. `energyLevel`: of this leg, in place of the room's. `unrecorded`: heard as ever, but in
   * nothing that is recorded of the room.
   */
  readonly sources: readonly (LegGain & { readonly aside?: boolean; readonly energyLevel?: number; readonly unrecorded?: boolean })[];
  /** `gain`: of all that he hears, 1 where it is missing. */
  readonly listeners: readonly {
    readonly leg: string;
    readonly gains: readonly LegGain[];
    readonly gain?: number;
    /** Hears himself too. */
    readonly echo?: boolean;
  }[];
  /** Samples in a second that the room has at most: it is mixed at the next rate of ours and sounds up to half of this one. Default 48 000. */
  readonly rate?: number;
  /** Voices are brought to one loudness. Default true. */
  readonly levels?: boolean;
  /** Mean absolute sample value above which somebody is heard. Default: that of `ThreadSettings`. */
  readonly energyLevel?: number;
  /** dBov of the noise while nobody talks. Default: silence. */
  readonly comfortNoise?: number;
}

/** Which local RTP ports a thread may take. */
export interface ThreadPorts {
  readonly range: { readonly from: number; readonly to: number } | 'any';
  /** Even ports that are tried before others. */
  readonly preferred: readonly number[];
  /** The `PortMap` that all threads of an engine share, and this thread's number in it. Default: one of its own. */
  readonly map?: { readonly memory: SharedArrayBuffer; readonly owner: number };
}

/** What a thread is started with. */
export interface ThreadSettings {
  readonly ports: ThreadPorts;
  readonly sockets?: 'batched' | 'dgram';
  readonly energyLevel?: number;
  readonly mediaTimeoutMs: number;
  /** ms after a leg was told its codec without anything that can be heard while `mayHear`, until `media-silent` is told, once. */
  readonly silentAfterMs: number;
  /** ms without anything, sound or reports, until `media-quiet` is told, and again each time that it has lasted so long once more. Absent: never. */
  readonly quietAfterMs?: number;
}

/** What a worker finds as its `workerData`; `descriptors` is the memory of `Descriptors`. */
export interface ThreadStart {
  readonly settings: ThreadSettings;
  readonly descriptors: SharedArrayBuffer;
}

/** What is tapped of a room: what most hear, what everybody adds to it, what this leg adds, or what this stream hears. */
export type ThreadTapWhat =
  | 'mix'
  | 'legs'
  | { readonly leg: string }
  | { readonly call: string }
  | { readonly stream: string; readonly apart: boolean };

/** A leg without a socket, and the rate at which it can hear. */
export interface ThreadStream {
  readonly leg: string;
  readonly rate: Rate;
}

/** Engine to thread. `ask` is answered by the same number. */
export type Order =
  | { readonly do: 'open'; readonly ask: number; readonly leg: ThreadLeg }
  | { readonly do: 'change'; readonly leg: string; readonly change: ThreadChange }
  /** Answered with whether it is there, once it has moved. */
  | { readonly do: 'move'; readonly ask: number; readonly leg: string; readonly room: string }
  /** Answered with its `LegState` once it has gone; null: it is not there; 'stays': it shares its port. */
  | { readonly do: 'release'; readonly ask: number; readonly leg: string }
  | { readonly do: 'record'; readonly ask: number; readonly leg: string }
  /** Presses keys at its far end, each so long and with such a pause behind it, ms. */
  | { readonly do: 'press'; readonly leg: string; readonly keys: string; readonly ms: number; readonly gapMs: number }
  | { readonly do: 'end'; readonly ask: number; readonly leg: string }
  | { readonly do: 'hear'; readonly room: string; readonly plan: ThreadPlan }
  /** `tap` and `feed` are numbers that no other of the engine's has; `memory` is a ring. */
  | {
      readonly do: 'tap';
      readonly tap: number;
      readonly room: string;
      readonly what: ThreadTapWhat;
      readonly memory: SharedArrayBuffer;
    }
  | { readonly do: 'untap'; readonly tap: number; readonly room: string }
  | {
      readonly do: 'feed';
      readonly feed: number;
      readonly room: string;
      readonly name: string;
      readonly memory: SharedArrayBuffer;
      /** It is a leg without a socket. */
      readonly stream?: ThreadStream;
    }
  | { readonly do: 'unfeed'; readonly feed: number; readonly room: string }
  | { readonly do: 'metrics'; readonly ask: number }
  | { readonly do: 'leg-metrics'; readonly ask: number; readonly leg: string }
  /** Somebody looks at the headers of its packets from now on, or has seen enough: then they are the answer. */
  | { readonly do: 'headers'; readonly ask: number; readonly leg: string; readonly on: boolean }
  /** The way to the worker that does handshakes of DTLS. */
  | { readonly do: 'dtls'; readonly port: MessagePort }
  | { readonly do: 'close' };

/** Why nothing of a far end can be heard. Packets count as strangers' when their source was not taken for the leg's. */
export type Silence =
  | { readonly why: 'nothing-came' }
  | { readonly why: 'only-strangers'; readonly from: { readonly address: string; readonly port: number }; readonly count: number }
  | {
      readonly why: 'wrong-payload-type';
      readonly from: { readonly address: string; readonly port: number };
      readonly count: number;
      readonly payloadType: number;
    }
  | {
      readonly why: 'malformed' | 'not-authentic';
      readonly from: { readonly address: string; readonly port: number };
      readonly count: number;
    };

/** Why there are no keys for a far end. */
export type DtlsFailure =
  /** Its certificate is not the one that its description named. */
  | 'wrong-fingerprint'
  /** None of its fingerprints is of a hash that we know. */
  | 'no-fingerprint'
  /** No suite of SRTP that both can do (RFC 5764 §4.1.2). */
  | 'no-suite'
  /** It began no handshake, or did not end it in time. */
  | 'timeout'
  /** What it said was no DTLS, or was refused. */
  | 'refused'
  /** The worker that does the handshakes ended in the middle of it. */
  | 'worker-died';

/** What a thread tells by itself. */
export type Signal =
  | ({ readonly type: 'media-silent'; readonly leg: string; readonly silentMs: number } & Silence)
  | { readonly type: 'digit'; readonly leg: string; readonly digit: string; readonly ms: number; readonly way: 'event' | 'tone' }
  | { readonly type: 'media-quiet'; readonly leg: string; readonly silentMs: number }
  | { readonly type: 'media-losses'; readonly leg: string; readonly sinceMs: number; readonly lost: number; readonly all: number }
  | { readonly type: 'media-lost'; readonly leg: string; readonly silentMs: number; readonly why?: 'no-check' | 'no-consent' }
  | {
      readonly type: 'connected';
      readonly leg: string;
      readonly suite: SrtpSuite;
      readonly from: { readonly address: string; readonly port: number };
    }
  | { readonly type: 'pair-moved'; readonly leg: string; readonly from: { readonly address: string; readonly port: number } }
  | { readonly type: 'dtls-failed'; readonly leg: string; readonly why: DtlsFailure }
  | { readonly type: 'dtls-closed'; readonly leg: string }
  | { readonly type: 'level'; readonly leg: string; readonly talking: boolean; readonly energy: number };

/** Thread to engine. */
export type Report =
  /** `reason`: why the sockets are slower than wished. `opus`: which libopus is at work. */
  | { readonly say: 'ready'; readonly sockets: 'batched' | 'dgram'; readonly reason?: string; readonly opus: string }
  | { readonly say: 'answer'; readonly ask: number; readonly value: unknown }
  | {
      readonly say: 'refused';
      readonly ask: number;
      readonly kind: 'limit' | 'invalid' | 'conflict';
      readonly code: string;
      readonly message: string;
    }
  | { readonly say: 'applied'; readonly room: string; readonly version: number }
  | { readonly say: 'signals'; readonly signals: readonly Signal[] };
