/** What a `tone_stream://` says, read (rulings, row "tones"). */
export interface ToneScore {
  readonly notes: readonly Note[];
  /** How often all of it is played: `L=` times `loops=`; Infinity: until somebody stops it. */
  readonly rounds: number;
  /** ms of all rounds together. */
  readonly ms: number;
  /** The lowest rate that carries its highest sine, Hz. */
  readonly rate: 8000 | 16_000 | 48_000;
}

/** One `%(…)`: sines that sound together, and the pause behind them. */
export interface Note {
  readonly onMs: number;
  readonly offMs: number;
  readonly hertz: readonly number[];
  /** Of each sine when it begins, dBm0: a full-scale sine is +3.14 (G.711). */
  readonly level: number;
  /** The level changes every so many ms; 0: it does not. */
  readonly everyMs: number;
  /** By so many dB, negative: falling. */
  readonly change: number;
  /** How often it is played before the next one. */
  readonly times: number;
}

/** Text that is no tone stream: why, and at which character. */
export interface MalformedTones {
  readonly malformed: string;
  readonly at: number;
}

const PREFIX = 'tone_stream://';
/** Nobody writes longer ones, and reading them costs time. */
const LONGEST_TEXT = 4000;
const LONGEST_MS = 86_400_000;
const MOST_SINES = 20;
const QUIETEST = -63;
const FORM = /^(?:(v)=(-?\d+(?:\.\d+)?)|([<>])=(\d+)|(\+)=(\d+(?:\.\d+)?|\.\d+)|([wdlLrc])=(\d+)|(loops)=(-?\d+))$/;
const SINES = /^%\((\d+(?:,\d+(?:\.\d+)?)+)\)$/;

/** What an item sets for the tones behind it. */
interface Hand {
  v: number;
  direction: -1 | 1;
  every: number;
  '+': number;
  w: number;
  d: number;
  l: number;
  L: number;
  loops: number;
}

/**
 * Reads a tone stream. `d=` and `w=` are the length and the pause of tones that say 0; a decay without `+=` changes by 1 dB; a count of 0 is one
 * time; `loops=-1` never ends.
 */
export function readToneStream(text: string): ToneScore | MalformedTones {
  if (!text.startsWith(PREFIX)) return { malformed: 'it does not begin with tone_stream://', at: 0 };
  if (text.length > LONGEST_TEXT) return { malformed: `it is longer than ${LONGEST_TEXT} characters`, at: LONGEST_TEXT };
  const hand: Hand = { v: -7, direction: -1, every: 0, '+': 1, w: 0, d: 0, l: 1, L: 1, loops: 1 };
  const notes: Note[] = [];
  const items = text.slice(PREFIX.length).split(';');
  let at = PREFIX.length;
  for (const [index, item] of items.entries()) {
    const wrong = take(item, { hand, notes, isLast: index === items.length - 1 });
    if (wrong !== undefined) return { malformed: wrong, at };
    at += item.length + 1;
  }
  return whole(notes, hand, text.length);
}

function whole(notes: readonly Note[], { L, loops }: Hand, at: number): ToneScore | MalformedTones {
  if (notes.length === 0) return { malformed: 'it has no tone', at };
  const once = notes.reduce((sum, { onMs, offMs, times }) => sum + (onMs + offMs) * times, 0);
  const rounds = Math.max(1, L) * (loops < 0 ? Number.POSITIVE_INFINITY : Math.max(1, loops));
  if (once === 0 && rounds === Number.POSITIVE_INFINITY) return { malformed: 'it would repeat nothing without end', at };
  const highest = Math.max(...notes.flatMap(({ hertz }) => hertz));
  return { notes, rounds, ms: once === 0 ? 0 : once * rounds, rate: highest <= 3600 ? 8000 : highest <= 7200 ? 16_000 : 48_000 };
}

/** Takes one item; says what is wrong with it. */
function take(item: string, { hand, notes, isLast }: { hand: Hand; notes: Note[]; isLast: boolean }): string | undefined {
  const sines = SINES.exec(item);
  if (sines !== null) return takeSines(sines[1]!.split(',').map(Number), hand, notes);
  const [key, value] = (FORM.exec(item) ?? []).slice(1).filter((each) => each !== undefined);
  if (key === undefined) return item === '' ? 'there is an empty item' : `"${item.slice(0, 40)}" is no item of a tone stream`;
  return takeSetting(key, Number(value), hand, isLast);
}

function takeSetting(key: string, value: number, hand: Hand, isLast: boolean): string | undefined {
  if (key === 'v') {
    if (value > 0 || value < QUIETEST) return `v= is 0 to ${QUIETEST} dB`;
    hand.v = value;
  } else if (key === '<' || key === '>') {
    hand.direction = key === '<' ? 1 : -1;
    hand.every = value;
  } else if (key === 'loops') {
    if (!isLast) return 'loops= comes last';
    hand.loops = value;
  } else if (key !== 'r' && key !== 'c') {
    hand[key as '+' | 'w' | 'd' | 'l' | 'L'] = value;
  }
  return value > LONGEST_MS ? `${key}= is at most ${LONGEST_MS}` : undefined;
}

function takeSines([on = 0, off = 0, ...hertz]: readonly number[], hand: Hand, notes: Note[]): string | undefined {
  if (hertz.length === 0) return '%() has a length, a pause and at least one frequency';
  if (hertz.length > MOST_SINES) return `%() has at most ${MOST_SINES} frequencies`;
  if (hertz.some((each) => each >= 24_000)) return 'frequencies are below 24000 Hz';
  if (Math.max(on, off) > LONGEST_MS) return `%() lasts at most ${LONGEST_MS} ms`;
  const { v: level, direction, every: everyMs, '+': change, w, d, l } = hand;
  notes.push({ onMs: on || d, offMs: off || w, hertz, level, everyMs, change: direction * change, times: Math.max(1, l) });
  return undefined;
}
