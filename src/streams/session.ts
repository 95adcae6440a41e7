import { dashed, type JsonObject, type Log } from '../base/index.ts';
import type { CallId, Fact, Participant, Signal } from '../conference/index.ts';
import type { Stream } from '../media/index.ts';
import { readAsked } from './asked.ts';
import { type End, ends } from './ends.ts';
import { LEG_HEADER, packingOf } from './framing.ts';
import { type Hearing, HearingLegs, HearingMix } from './hearing.ts';
import type { StreamSocket, StreamWish } from './options.ts';
import type { Packing } from './packing.ts';
import { PlainRtp } from './plain-rtp.ts';
import { FRAMES } from './rates.ts';
import { personBody, type Roster, signalBody } from './roster.ts';
import { Speech } from './speech.ts';

/** Seconds of sound that may wait for a slow reader, but at least so many bytes. */
const MOST_UNREAD = 3;
const LEAST_UNREAD = 65_536;
/** Frames in a second that a program may send; it needs 50. */
const MOST_FRAMES = 2000;
/** Text frames that are not understood and get an answer; after more there is silence. */
const MOST_ANSWERS = 20;

/** Where a program takes part. */
export interface Seat {
  readonly call: CallId;
  readonly stream: Stream;
  readonly roster: Roster;
  /** Itself. */
  readonly self: Participant;
}

/** What a session is made of. */
export interface SessionOptions extends Seat {
  readonly wish: StreamWish;
  readonly only: CallId | undefined;
  readonly mostMs: number;
  readonly now: () => number;
  readonly log: Log;
  /** Once: it is over. */
  readonly onEnd: (end: End) => void;
}

/** One program in a conference, from the moment it takes part to its last frame. */
export class Session {
  readonly #options: SessionOptions;
  readonly #packing: Packing;
  readonly #speech: Speech;
  #hearing: Hearing | undefined;
  #seat: Seat;
  readonly #mostUnread: number;
  #socket: StreamSocket | undefined;
  #end: End | undefined;
  #answers = 0;
  #second = 0;
  #inSecond = 0;
  #hadPeople: boolean;
  #toldOverflow = 0;

  constructor(options: SessionOptions) {
    const { wish, roster, mostMs } = options;
    this.#options = options;
    this.#seat = options;
    // 32 bits by chance are at the end of an id.
    this.#packing =
      wish.payload === undefined
        ? packingOf(wish.framing, wish)
        : new PlainRtp(wish.payload, Number.parseInt(options.call.slice(-8), 16) >>> 0);
    const { rate } = wish;
    this.#speech = new Speech({ feed: () => this.#seat.stream.feed, rate, mostMs, onMark: (name) => this.#tell({ type: 'mark', name }) });
    this.#hearing = this.#newHearing();
    this.#mostUnread = Math.max(LEAST_UNREAD, MOST_UNREAD * 2 * (wish.soundRate ?? rate));
    this.#hadPeople = roster.hasPeople;
  }

  get call(): CallId {
    return this.#seat.call;
  }

  /** It takes part elsewhere from now on; what it says goes on there, and what it hears begins anew. */
  sit(seat: Seat): void {
    const before = this.#seat;
    this.#seat = seat;
    before.stream.close();
    this.#hearing = this.#newHearing();
    this.#hadPeople = seat.roster.hasPeople;
  }

  #newHearing(): Hearing | undefined {
    const { rate, hear } = this.#options.wish;
    const { roster } = this.#seat;
    const send = (frame: Uint8Array): void => this.#socket?.send(frame);
    if (hear === 'mix') return new HearingMix({ rate, send, packing: this.#packing });
    return hear === 'legs' ? new HearingLegs({ rate, send, numberOf: (leg) => roster.numberOf(leg) }) : undefined;
  }

  get isTaken(): boolean {
    return this.#socket !== undefined;
  }

  /** ms of the program's sound that found no place. */
  get overflowedMs(): number {
    return this.#speech.overflowedMs;
  }

  /** Its websocket has come. */
  take(socket: StreamSocket): void {
    if (this.#end !== undefined) {
      socket.close({ code: this.#end.code, reason: this.#end.reason });
      return;
    }
    this.#socket = socket;
    socket.onClose(() => this.end(ends.stopped));
    socket.onMessage((frame) => this.#hear(frame));
    this.#tell(this.#hello());
  }

  fact(fact: Fact): void {
    const { wish, only } = this.#options;
    const { roster } = this.#seat;
    const body = roster.hear(fact);
    if (body !== undefined) this.#tell(body);
    if (fact.type === 'participant.left' && only !== undefined && fact.about?.call.id === only) this.end(ends.callEnded);
    this.#hadPeople ||= roster.hasPeople;
    if (wish.leavesAlone && this.#hadPeople && !roster.hasPeople) this.end(ends.alone);
  }

  signal(signal: Signal): void {
    const body = signalBody(signal);
    if (body !== undefined) this.#tell(body);
  }

  /** Every 10 ms: what the room said goes out, what the program said goes in. */
  pump(now: number): void {
    if (this.#end !== undefined) return;
    for (const item of this.#seat.stream.tap.read()) {
      if (item.type === 'ended') {
        this.end(ends.failed);
        return;
      }
      // What was said before the websocket came is of no use to it.
      if (this.isTaken) this.#hearing?.take(item);
    }
    this.#speech.pump(now);
    if (this.#speech.overflowedMs > this.#toldOverflow && this.#toldOverflow === 0) {
      this.#tell({ type: 'error', code: 'speech_overflow', detail: 'more was said ahead than can wait; what found no place is lost' });
    }
    this.#toldOverflow = this.#speech.overflowedMs;
    if ((this.#socket?.bufferedAmount ?? 0) > this.#mostUnread) this.end(ends.tooSlow);
  }

  /** The first end counts. */
  end(end: End): void {
    if (this.#end !== undefined) return;
    this.#tell({ type: 'goodbye', reason: end.reason, detail: end.detail });
    this.#end = end;
    this.#seat.stream.close();
    this.#socket?.close({ code: end.code, reason: end.reason });
    this.#options.onEnd(end);
  }

  #hello(): JsonObject {
    const { wish } = this.#options;
    const { call, roster, self } = this.#seat;
    const { rate, hear, speak, framing } = wish;
    return {
      type: 'hello',
      version: 1,
      stream: dashed(call),
      you: personBody(self),
      hear,
      speak,
      format: 's16le',
      framing,
      rate,
      frame_ms: 1000 / FRAMES,
      frame_bytes: (2 * rate) / FRAMES + (hear === 'legs' ? LEG_HEADER : 0),
      header_bytes: hear === 'legs' ? LEG_HEADER : 0,
      participants: roster.people.filter(({ id }) => id !== self.id).map(personBody),
    };
  }

  #tell(body: JsonObject): void {
    if (this.#options.wish.talks && this.#end === undefined) this.#socket?.send(JSON.stringify(body));
  }

  #hear(frame: string | Uint8Array): void {
    if (this.#end !== undefined || this.#isFlood()) return;
    if (typeof frame === 'string') this.#ask(frame);
    else this.#sound(frame);
  }

  #sound(frame: Uint8Array): void {
    const { wish, now } = this.#options;
    const { sound, hangsUp } = this.#packing.unpack(frame);
    if (wish.speak) for (const bytes of sound) this.#speech.hear(bytes, now());
    else this.#answer('not_speaking', 'this stream only listens; ask with speak=true');
    if (hangsUp) this.end(ends.stopped);
  }

  #ask(text: string): void {
    if (!this.#options.wish.talks) return;
    const asked = readAsked(text);
    if (typeof asked === 'string') this.#answer('not_understood', asked);
    else if (asked.type === 'clear') this.#speech.clear();
    else if (asked.type === 'mark') this.#speech.mark(asked.name);
    else if (asked.type === 'stop') this.end(ends.stopped);
  }

  #answer(code: string, detail: string): void {
    if (this.#answers >= MOST_ANSWERS) return;
    this.#answers += 1;
    this.#tell({ type: 'error', code, detail });
  }

  #isFlood(): boolean {
    const second = Math.floor(this.#options.now() / 1000);
    if (second !== this.#second) this.#inSecond = 0;
    this.#second = second;
    this.#inSecond += 1;
    if (this.#inSecond <= MOST_FRAMES) return false;
    this.end(ends.flood);
    return true;
  }
}
