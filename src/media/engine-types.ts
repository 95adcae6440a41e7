import type { AccountId } from '../accounts/index.ts';
import type { Chance, Clock, Log } from '../base/index.ts';
import type { ConferenceId, LegId, Media } from '../conference/index.ts';
import type { RtpHeader, SrtpSuite } from '../rtp/index.ts';
import type { Feed, FeedRequest, Stream, StreamRequest, Tap, TapRequest } from './tap-types.ts';
import type {
  DtlsFailure,
  Fingerprint,
  IceCredentials,
  ThreadChange,
  ThreadCodec,
  ThreadDirection,
  ThreadWebRtc,
} from './thread/messages.ts';

/** What an end of a call agreed to send and receive; the same value reaches the thread. */
export type Codec = ThreadCodec;
/** RFC 3264 direction from OUR side: `recvonly` = we only receive. */
export type Direction = ThreadDirection;

export interface LegRequest {
  readonly leg: LegId;
  readonly account: AccountId;
  readonly conference: ConferenceId;
  /** The local address to receive on; IPv4 or IPv6, never a wildcard. */
  readonly address: string;
  /** Where the far end is expected, when known: legs with the same remote address and port never share a local port. */
  readonly remote?: { readonly address: string; readonly port: number };
  /** A port to try first (a leg that lived before a restart). */
  readonly port?: number;
  /** It will be moved to rooms that others are in already, as who stands in a lobby: where rooms live in several threads it gets a port of its own. */
  readonly mayMove?: boolean;
  /**
   * The far end is a browser (RFC 8834): it is found by ICE, of which we do the lite side, and has its keys by DTLS, of which we are the passive side;
   * RTCP is on the same port. `remote` is not needed then, neither here nor later, and `crypto` is never given. `either`: it is offered to telephones too,
   * and whoever answers says by `change` what it is: `webrtc`, or `remote` without.
   */
  readonly webrtc?: boolean | 'either';
}

/** What our side of ICE and DTLS is, for a description. */
export interface WebRtcLocal extends IceCredentials {
  /** Of our certificate; the same for all legs as long as the engine lives. */
  readonly fingerprint: Fingerprint;
}

/** How keys are sent; times in ms. */
export interface DigitTimes {
  /** How long each key is pressed, 40 to 6000. Default 100. */
  readonly ms?: number;
  /** Silence between two keys, 40 to 6000. Default 60. */
  readonly gapMs?: number;
}

export interface LegAddress {
  readonly address: string;
  readonly port: number;
  readonly ssrc: number;
  /** Of a leg that was asked for with `webrtc`. */
  readonly webrtc?: WebRtcLocal;
}

/** What ICE and DTLS need to know of the far end, and a restart of us: see `Engine.iceCredentials`. */
export type WebRtcChange = ThreadWebRtc;

/** What the signalling agreed on. Given at answer and at every renegotiation; parts left out stay. */
export type LegChange = ThreadChange;

/** A leg as a plain value, for the store. */
export interface LegRecord {
  readonly leg: LegId;
  readonly address: string;
  readonly port: number;
  readonly ssrc: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly remote: { readonly address: string; readonly port: number; readonly rtcpPort: number } | null;
  readonly codec: Codec | null;
  readonly telephoneEvent: number | null;
  /** Keys in base64: to be sealed by whoever keeps it. */
  readonly crypto: { readonly suite: SrtpSuite; readonly ourKey: string; readonly theirKey: string } | null;
  readonly direction: Direction;
  /** Its far end is a browser: it cannot go on after a restart, and its keys are not given. */
  readonly webrtc?: boolean;
}

/** What the engine tells by itself. */
export type EngineEvent =
  /** A key was pressed for so many ms, and let go just now; `way` is how it came: as an event of RFC 4733, or as a tone in the sound. */
  | { readonly type: 'digit'; readonly leg: LegId; readonly digit: string; readonly ms: number; readonly way: 'event' | 'tone' }
  /**
   * Nothing came for the configured time while something was due. Of a browser: it has not checked for 30 s that we are there (`no-consent`, RFC 7675), or
   * never did since it was described (`no-check`); whatever sound it sends or does not.
   */
  | { readonly type: 'media-lost'; readonly leg: LegId; readonly silentMs: number; readonly why?: 'no-check' | 'no-consent' }
  /** A browser was found and has its keys: from now on there is sound. Told again after each new DTLS association. */
  | { readonly type: 'connected'; readonly leg: LegId; readonly suite: SrtpSuite; readonly from: FarAddress }
  /** A browser is somewhere else now: its network has changed. */
  | { readonly type: 'pair-moved'; readonly leg: LegId; readonly from: FarAddress }
  /** A browser gets no keys, for this reason: nothing will ever be heard, unless a change names other fingerprints or restarts ICE. `reason` is in words. */
  | { readonly type: 'dtls-failed'; readonly leg: LegId; readonly why: DtlsFailure; readonly reason: string }
  /** A browser closed its connection, as it does when its page goes. The leg stays open; what comes of it is the signalling's affair. */
  | { readonly type: 'dtls-closed'; readonly leg: LegId }
  /** Nothing could be heard of the far end since the codec was agreed on; told once, while something was due. The call goes on. */
  | ({ readonly type: 'media-silent'; readonly leg: LegId; readonly silentMs: number; readonly reason: string } & MediaSilence)
  /**
   * Nothing came for `quietAfterMs`, neither sound nor reports, while sound was due; told again each time that it has lasted as long once more. A telephone
   * that suppresses silence may be well. Never of browsers, whose consent says whether they are there.
   */
  | { readonly type: 'media-quiet'; readonly leg: LegId; readonly silentMs: number }
  /**
   * So many people hear: at least one packet in a hundred was lost or late, counted every 10 s. The time of losses began so long ago, and is told as long as
   * it goes on, with all that was lost in it.
   */
  | { readonly type: 'media-losses'; readonly leg: LegId; readonly sinceMs: number; readonly lost: number; readonly all: number }
  | { readonly type: 'level'; readonly leg: LegId; readonly talking: boolean; readonly energy: number }
  /** New legs are refused from now on, or taken again; `thread` is missing when the limit is the whole engine's. */
  | { readonly type: 'overload'; readonly state: 'began' | 'ended'; readonly thread?: number; readonly reason: string }
  /** A media thread died; these legs are gone. */
  | { readonly type: 'thread-died'; readonly legs: readonly LegId[]; readonly reason: string };

/** Why nothing of a far end can be heard, as far as its port can tell; `from` is where the last packet came from, `count` how many came. */
export type MediaSilence =
  | { readonly why: 'nothing-came' }
  | { readonly why: 'only-strangers'; readonly from: FarAddress; readonly count: number }
  | { readonly why: 'wrong-payload-type'; readonly from: FarAddress; readonly count: number; readonly payloadType: number }
  | { readonly why: 'malformed' | 'not-authentic'; readonly from: FarAddress; readonly count: number };

/** Where a packet came from. */
export interface FarAddress {
  readonly address: string;
  readonly port: number;
}

/** When new legs are refused with limit/overloaded. */
export interface EngineLimits {
  /**
   * ms: p99 of how late the ticks of a thread begin, for three seconds in a row; five times that while less than a quarter of its time is used,
   * because then it is not for its legs. Default 20.
   */
  readonly lateMs?: number;
  /** Share of a thread's time that is used, 0 … 1, for three seconds in a row. Default 0.85. */
  readonly busy?: number;
  /** Legs of all threads together. Default: no limit. */
  readonly legs?: number;
}

/** How much one media thread has to do. */
export interface ThreadLoad {
  readonly thread: number;
  /** Share of its time that is used, 0 … 1, over the last seconds. */
  readonly busy: number;
  /** ms after their deadline that 99 of 100 ticks began at latest, over the last seconds. */
  readonly lateP99Ms: number;
  readonly legs: number;
  readonly admits: boolean;
  /** In words, when it does not admit. */
  readonly reason?: string;
}

/** How much the engine has to do: `busy` is the mean of all threads that may run, `admits` says whether a leg of a new room would be taken. */
export interface EngineLoad extends Omit<ThreadLoad, 'thread'> {
  readonly threads: readonly ThreadLoad[];
}

/** What the engine counted since it was opened; lateness covers the time since the last read. */
export interface EngineMetrics {
  readonly legs: number;
  readonly mixes: number;
  /** Local RTP ports in use. */
  readonly ports: number;
  readonly ticks: number;
  /** Ticks that began more than 5 ms after their deadline. */
  readonly lateTicks: number;
  /** ms after the deadline, since the last read. */
  readonly tickLateness: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly packetsIn: number;
  readonly packetsOut: number;
  readonly sendFailures: number;
  readonly malformed: number;
  /** SRTP packets that are not by who has the key, or came twice. */
  readonly notAuthentic: number;
  /** RTCP packets that came in too great a flood to be read. */
  readonly reportsDropped: number;
  /** Packets whose source belongs to no leg. */
  readonly strangers: number;
  /** ICE checks (STUN) that are not signed with the password of the leg that they name, or name none. */
  readonly checksRefused: number;
  /** DTLS datagrams from a place that ICE has not found, or more of them than a handshake needs. */
  readonly dtlsIgnored: number;
  readonly lost: number;
  readonly late: number;
  /** Frames that were made up because nothing had come in time. */
  readonly concealed: number;
  /** Distinct sounds that were encoded. */
  readonly encoded: number;
  /** Legs by their estimated conversational MOS, rounded down, as of their last report. */
  readonly mos1: number;
  readonly mos2: number;
  readonly mos3: number;
  readonly mos4: number;
  /** Of these legs, added up: interarrival jitter, and time in the jitter buffer, ms. */
  readonly jitterMs: number;
  readonly bufferMs: number;
}

/** What one leg has seen, and how its far end sounds to us. */
export interface LegMetrics {
  readonly codec: Codec['name'] | null;
  readonly packetsIn: number;
  readonly packetsOut: number;
  readonly lost: number;
  /** Of the lost, the ones that in-band FEC brought back. */
  readonly recovered: number;
  /** Packets that came too late to be heard. */
  readonly late: number;
  /** Frames that were made up because nothing had come in time. */
  readonly concealed: number;
  /** RFC 3550 §6.4.1 interarrival jitter, ms. */
  readonly jitter: number;
  /** RFC 3550 §6.4.1 round trip, ms, once a report told it. */
  readonly roundTrip: number | null;
  /** How long packets wait in the jitter buffer, ms, smoothed. */
  readonly bufferMs: number;
  /** Bursts of missing frames and the gaps between them, RFC 3611 §4.7.2: how many, their mean lengths, and the part of each that was missing, 0 to 1. */
  readonly bursts: number;
  readonly burstMs: number;
  readonly burstDensity: number;
  readonly gapMs: number;
  readonly gapDensity: number;
  /** Estimated by the E-model of its band (ITU-T G.107; G.107.1 divided by 1.29), 0 to 93.2; null: nothing has come. */
  readonly rFactor: number | null;
  /** 1 to 4.5, of listening and of conversation (RFC 3611 §4.7.5). */
  readonly mosLq: number | null;
  readonly mosCq: number | null;
  /** ms since its last packet, and since something louder than the room's `energy-level` was heard of it, by whomever; null: never, as far as its thread knows. */
  readonly lastPacketMs: number | null;
  readonly lastSoundMs: number | null;
}

/** The header of an RTP packet (RFC 3550 §5.1) on its way, as it is in the clear. */
export interface PacketHeader extends RtpHeader {
  /** Epoch ms: when it came, or the tick in which it was sent. */
  readonly at: number;
  readonly sent: boolean;
  /** Bytes of its payload, without those of SRTP. */
  readonly length: number;
}

/** Where the engine's sockets may live: an inclusive range (RTP even, RTCP above it), or wherever the system likes. */
export type PortRange = { readonly from: number; readonly to: number } | 'any';

/** What an engine is made of. */
export interface EngineOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly chance: Chance;
  readonly ports: PortRange;
  /** Even RTP ports to take before others when they are free and in the range: those that were in use before a restart. Default: none. */
  readonly preferredPorts?: readonly number[];
  /** Media threads at most; a room lives in one. Default: the machine's cores less one, at least one. */
  readonly threads?: number;
  readonly limits?: EngineLimits;
  /** How packets are moved. Default `batched` where the system can, else `dgram`. */
  readonly sockets?: 'batched' | 'dgram';
  /** Mean absolute sample value above which somebody talks, 0 … 1800, on `TalkDetector`'s scale. Default: the detector's own. */
  readonly energyLevel?: number;
  /** ms without any packet from a leg that should send, until `media-lost`. Default 60 000. */
  readonly mediaTimeoutMs?: number;
  /** ms after the codec was agreed on without anything that can be heard, until `media-silent`. Default 3 000. */
  readonly silentAfterMs?: number;
  /** ms without any packet from a leg that should send, until `media-quiet`. Absent: it is never told. */
  readonly quietAfterMs?: number;
  /** Gives memory that is free back to the system: asked for behind waves of calls (`memoryTrim`). Absent: nobody does. */
  readonly giveBack?: () => void;
  /** Called for everything the engine tells by itself; never while a method of the engine runs. */
  readonly onEvent: (event: EngineEvent) => void;
}

/** The media engine as the signalling sees it. */
export interface Engine extends Media {
  /** Reserves a port and an SSRC. Refuses with limit/no_free_port and limit/overloaded. Nothing is sent until `change` gave remote and codec. */
  open(request: LegRequest): Promise<LegAddress>;
  /** Takes effect with the next tick. */
  change(leg: LegId, change: LegChange): void;
  /** New ones of ours for a restart of ICE: to be put into the answer and, as `webrtc.local`, into the `change` that goes with it. */
  iceCredentials(): IceCredentials;
  /**
   * From now on it lives in another room of the engine, whatever is planned there: with its port, SSRC, numbers, keys and counters. Rejects with
   * not-found/no_such_leg (it has ended, or ends meanwhile), limit/overloaded and conflict/leg_stays (it stays where it was), unavailable/thread_died (it is gone).
   */
  move(leg: LegId, to: { readonly account: AccountId; readonly conference: ConferenceId }): Promise<void>;
  /** Presses keys at the far end, after those that are being pressed: by RFC 4733, or as tones where it knows no events. Unknown legs are ignored; refuses with invalid/bad_digits. */
  sendDigits(leg: LegId, digits: string, times?: DigitTimes): void;
  record(leg: LegId): Promise<LegRecord | undefined>;
  /** Sends RTCP BYE, frees the place. Idempotent; resolves when the thread has let go, with what was known of the leg, if there was any. */
  end(leg: LegId): Promise<LegMetrics | undefined>;
  /** Resolves when the tick thread mixes by this plan of the conference, or by a later one, or the mix is gone. */
  planApplied(account: AccountId, conference: ConferenceId, version: number): Promise<void>;
  /** Listens to a conference without being in it, before its first leg already, until the tap is closed. */
  tap(account: AccountId, conference: ConferenceId, request: TapRequest): Tap;
  /** Speaks in a conference without being in it: a source of hearing plans. Refuses with conflict/feed_open. */
  feed(account: AccountId, conference: ConferenceId, request: FeedRequest): Feed;
  /** A program sits in a conference like a leg. Refuses with limit/overloaded, conflict/leg_open; `thread-died` names it among the legs. */
  stream(request: StreamRequest): Stream;
  metrics(): Promise<EngineMetrics>;
  /** As measured in the last seconds; costs nothing to read. */
  load(): EngineLoad;
  legMetrics(leg: LegId): Promise<LegMetrics | undefined>;
  /** The headers of its packets, both ways, in the next `ms`; nothing of what is in them. Undefined: there is no such leg, or it went to another thread meanwhile. */
  packetHeaders(leg: LegId, ms: number): Promise<readonly PacketHeader[] | undefined>;
  /** Ends every leg; resolves when the thread has exited. Later calls are refused with unavailable/closed. */
  close(): Promise<void>;
}
