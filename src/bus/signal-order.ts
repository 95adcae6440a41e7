import { type Entry, type Fact, isSpeech, type Signal, type SpeechSignal, type TalkSignal } from '../conference/index.ts';

/** Signals that may wait for facts before them; beyond that whole pairs are dropped. */
const WAITING = 10_000;

interface Waiting {
  readonly signal: Signal;
  /** Of the newest publish before it. */
  readonly ticket: number;
}

/** Half of a pair. */
type Half = TalkSignal | SpeechSignal;

/** A pair whose start was told and whose stop was not yet. */
interface Open {
  readonly signal: Half;
  /** Counts the pairs. */
  readonly number: number;
}

/**
 * Keeps signals in order with facts: behind those that were published before them, before those that were published after them, and in pairs.
 * Facts may be read back from the journal before they are published here, so what a fact ends is also ended when its stop has not come yet.
 */
export class SignalOrder {
  /** Signals that went to nobody because too many waited. */
  dropped = 0;
  /** Counts `publish`. */
  ticket = 0;
  /** The number of the newest pair. */
  pairs = 0;
  #drained = 0;
  #count = 0;
  readonly #tell: (signal: Signal, pair: number) => void;
  /** Facts published here and perhaps not told yet, oldest first. */
  readonly #tickets = new Map<string, number>();
  /** By room, as `roomKey` names it. */
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #open = new Map<string, Map<string, Open>>();
  /** Whose start was dropped, so that the stop is dropped too; as `pairKey` names them. */
  readonly #halves = new Set<string>();

  constructor(tell: (signal: Signal, pair: number) => void) {
    this.#tell = tell;
  }

  published(facts: readonly Fact[]): void {
    this.ticket += 1;
    for (const fact of facts) this.#tickets.set(factKey(fact), this.ticket);
  }

  /** Tells it now if everything that was published before it is told, else later. */
  give(signal: Signal): void {
    if (this.#drained === this.ticket && this.#count === 0) this.#pass(signal);
    else if (!this.#drops(signal)) this.#wait(signal);
  }

  /** This entry is the next to be told: first comes what was signalled before it, and the stop of those whom it silences. */
  before({ fact }: Entry): void {
    if (!('conference' in fact)) return;
    if (this.#waiting.size === 0 && this.#open.size === 0) return;
    const room = roomKey(fact);
    const waiting = this.#waiting.get(room);
    if (waiting !== undefined) this.#passUntil(room, waiting, this.#tickets.get(factKey(fact)) ?? Number.POSITIVE_INFINITY);
    const open = this.#open.get(room);
    if (open !== undefined) this.#silence(fact, open);
  }

  /** Everything that was published up to this ticket is told. */
  drained(ticket: number): void {
    this.#drained = Math.max(this.#drained, ticket);
    for (const [key, each] of this.#tickets) {
      if (each > ticket) break;
      this.#tickets.delete(key);
    }
    for (const [room, waiting] of this.#waiting) this.#passUntil(room, waiting, ticket + 1);
  }

  #drops(signal: Signal): boolean {
    if (signal.type === 'transcript.interim') {
      if (this.#count < WAITING) return false;
    } else if (isStart(signal)) {
      if (this.#count < WAITING) return false;
      this.#halves.add(pairKey(signal));
    } else if (!this.#halves.delete(pairKey(signal))) {
      return false;
    }
    this.dropped += 1;
    return true;
  }

  #wait(signal: Signal): void {
    const room = roomKey(signal);
    const waiting = this.#waiting.get(room) ?? [];
    this.#waiting.set(room, waiting);
    waiting.push({ signal, ticket: this.ticket });
    this.#count += 1;
  }

  /** Tells those given before the publish of this ticket. */
  #passUntil(room: string, waiting: Waiting[], ticket: number): void {
    const end = waiting.findIndex((each) => each.ticket >= ticket);
    const passed = waiting.splice(0, end === -1 ? waiting.length : end);
    if (waiting.length === 0) this.#waiting.delete(room);
    this.#count -= passed.length;
    for (const each of passed) this.#pass(each.signal);
  }

  /** A start opens a pair and a stop closes it; whatever has no other half is nobody's. */
  #pass(signal: Signal): void {
    // No pair: whoever is live gets it.
    if (signal.type === 'transcript.interim') {
      this.#tell(signal, Number.POSITIVE_INFINITY);
      return;
    }
    const room = roomKey(signal);
    const key = pairKey(signal);
    const open = this.#open.get(room);
    const started = open?.get(key);
    if (isStart(signal)) {
      if (started !== undefined) return;
      this.pairs += 1;
      if (open === undefined) this.#open.set(room, new Map([[key, { signal, number: this.pairs }]]));
      else open.set(key, { signal, number: this.pairs });
      this.#tell(signal, this.pairs);
    } else if (open !== undefined && started !== undefined) {
      this.#close(open, started);
      this.#tell(signal, started.number);
    }
  }

  #silence(fact: Fact, open: Map<string, Open>): void {
    for (const started of silenced(fact, open)) {
      this.#close(open, started);
      this.#tell(endOf(started.signal, fact.at), started.number);
    }
  }

  #close(open: Map<string, Open>, { signal }: Open): void {
    open.delete(pairKey(signal));
    if (open.size === 0) this.#open.delete(roomKey(signal));
  }
}

/** The key of a conference is its account and its id. */
const roomKey = ({ account, conference }: Signal | Fact): string => `${account} ${conference}`;

const factKey = (fact: Fact): string => `${roomKey(fact)} ${fact.sequence}`;

const isStart = ({ type }: Half): boolean => type === 'participant.started-talking' || type === 'speech.started';

const pairKey = (half: Half): string => (isSpeech(half) ? `${half.transcription} ${half.leg}` : half.about.id);

const endOf = (half: Half, at: number): Half =>
  isSpeech(half) ? { ...half, type: 'speech.ended', at } : { ...half, type: 'participant.stopped-talking', at };

/** Who of the talking cannot talk after this. */
function silenced(fact: Fact, open: ReadonlyMap<string, Open>): readonly Open[] {
  switch (fact.type) {
    case 'participant.muted':
    case 'participant.left':
      return [...open.values()].filter(({ signal }) => signal.about?.id === fact.participant);
    case 'transcription.stopped':
      return [...open.values()].filter(({ signal }) => isSpeech(signal) && signal.transcription === fact.transcription);
    case 'room.closed':
    case 'conference.deleted':
      return [...open.values()];
    default:
      return [];
  }
}
