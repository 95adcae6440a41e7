import type { AccountId } from '../accounts/index.ts';
import type { Chance, Clock, Closable, Log } from '../base/index.ts';
import type { Bus } from '../bus/index.ts';
import type { CallId, ConferenceId, Execute, StreamDirection, Streams as StreamsPort } from '../conference/index.ts';
import type { Engine, EngineEvent } from '../media/index.ts';

/** Samples in a second that a program may have; what it hears ends at half of it, or at half of the room's. */
export type StreamRate = 8000 | 16_000 | 24_000 | 48_000;

/** Samples in a second of the sound in AudioSocket's messages. */
export type SoundRate = StreamRate | 12_000 | 32_000 | 44_100 | 96_000 | 192_000;

/** What surrounds 20 ms of sound in a binary frame: nothing (`pcm`, VoIPBIN's `sln`), an RTP header, AudioSocket's header. */
export type Framing = 'pcm' | 'rtp' | 'sln' | 'audiosocket';

/** What is in an RTP packet of a datagram: G.711, or L16 at 8 and at 16 kHz (RFC 3551). */
export type RtpPayload = 'ulaw' | 'alaw' | 'slin' | 'slin16';

/** What a program hears: all in one, everybody apart, or nothing. */
export type Hear = 'mix' | 'legs' | 'none';

/** How a program wants to take part. */
export interface StreamWish {
  readonly framing: Framing;
  /** Packets are datagrams, with this in them; `framing` is `rtp` then, and `rate` that of the payload. */
  readonly payload?: RtpPayload;
  readonly rate: StreamRate;
  /** Of AudioSocket, where its messages have another rate; `rate` is `innerRate` of it then. */
  readonly soundRate?: SoundRate;
  readonly hear: Hear;
  readonly speak: boolean;
  /** Also text frames: what happens in the room, and what the program wants. VoIPBIN's has none. */
  readonly talks: boolean;
  /** Shown as the participant's name. */
  readonly name: string;
  readonly role: 'member' | 'moderator';
  /** Absent: as its role joins. */
  readonly muted?: boolean;
  readonly deaf?: boolean;
  /** Leaves when everybody who is no program has left. */
  readonly leavesAlone: boolean;
  /** At most so many streams in the conference, this one counted; absent: the house's limit. */
  readonly limit?: number;
}

/** Who wants in, and where. */
export interface StreamRequest {
  readonly account: AccountId;
  readonly conference: ConferenceId;
  readonly wish: StreamWish;
  /** Only this call hears it and is heard by it, and it ends with it. */
  readonly only?: CallId;
}

/** An upgraded websocket, as whoever upgraded it hands it over. */
export interface StreamSocket {
  send(data: string | Uint8Array): void;
  close(how?: { readonly code?: number; readonly reason?: string }): void;
  onMessage(take: (frame: string | Uint8Array) => void): void;
  /** Called once, also after an error. */
  onClose(gone: () => void): void;
  /** Bytes that the far end has not taken yet. */
  readonly bufferedAmount: number;
}

/** A place in a conference that waits for its websocket. */
export interface OpenedStream {
  take(socket: StreamSocket): void;
  /** The websocket never came. */
  drop(): void;
}

/** For the metrics. */
export interface StreamCounts {
  readonly streams: number;
  /** Since the start: opened, cut because they read too slowly, ms of sound that programs sent and that found no place. */
  readonly opened: number;
  readonly tooSlow: number;
  readonly overflowedMs: number;
}

/** What the room of streams is made of. */
export interface StreamsOptions {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly engine: Pick<Engine, 'stream'>;
  readonly execute: Execute;
  readonly follow: Bus['follow'];
  /** Streams of one conference at most. Default 20. */
  readonly maxPerConference?: number;
  /** Seconds of sound that a program may send ahead. Default 60. */
  readonly maxAhead?: number;
}

/** Programs that listen and speak. */
export interface Streams extends StreamsPort, Closable {
  /**
   * Makes it a participant. Refuses with limit/streams_full, limit/overloaded, conflict/call_gone and what `stream.open` refuses. Whoever opens takes or drops;
   * what is neither within ten seconds is dropped.
   */
  open(request: StreamRequest): Promise<OpenedStream>;
  /** What the engine tells by itself: a dead thread ends its streams. */
  engineEvent(event: EngineEvent): void;
  counts(): StreamCounts;
}

/** Which way sound goes, as the domain names it. */
export const directionOf = ({ hear, speak }: Pick<StreamWish, 'hear' | 'speak'>): StreamDirection =>
  hear === 'none' ? 'in' : speak ? 'both' : 'out';
