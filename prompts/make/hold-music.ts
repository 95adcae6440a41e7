/** Samples per second of the hold music. */
export const MUSIC_RATE = 24_000;

/** Beats a minute, and beats a bar. */
const TEMPO = 69;
const BEATS = 4;
/** Seconds of a beat: whole frames of 20 ms, so that the loop is one too. */
const BEAT = Math.round((60 / TEMPO) * 50) / 50;

/** Chords, one per bar, as semitones above middle C, the bass first. Twice through with two melodies, then back to the beginning. */
const CHORDS: readonly (readonly number[])[] = [
  [-24, -5, 0, 4, 11], // C major 7
  [-27, -3, 0, 4, 7], // A minor 7
  [-31, -3, 0, 5, 9], // F major 6
  [-29, -5, 2, 5, 9], // G 9
  [-32, -5, -1, 4, 7], // E minor 7
  [-27, -3, 0, 4, 7],
  [-22, -3, 2, 5, 9], // D minor 7
  [-29, -7, -1, 2, 5], // G 7
];

/** Notes of the melody: bar, beat, semitones above middle C, beats. */
const MELODY: readonly (readonly [bar: number, beat: number, note: number, beats: number])[] = [
  [0, 0, 16, 2],
  [0, 2.5, 14, 0.5],
  [0, 3, 12, 1],
  [1, 0, 9, 3],
  [2, 0, 12, 1.5],
  [2, 1.5, 14, 0.5],
  [2, 2, 16, 2],
  [3, 0, 14, 3],
  [4, 0, 19, 1.5],
  [4, 1.5, 16, 0.5],
  [4, 2, 14, 2],
  [5, 0, 16, 1],
  [5, 1, 12, 3],
  [6, 0, 14, 1.5],
  [6, 1.5, 12, 0.5],
  [6, 2, 9, 2],
  [7, 0, 11, 1.5],
  [7, 2, 14, 2],
  [8, 1, 19, 1],
  [8, 2, 16, 2],
  [9, 1, 16, 1],
  [9, 2, 12, 2],
  [10, 0, 17, 1],
  [10, 1, 16, 1],
  [10, 2, 12, 2],
  [11, 0, 14, 4],
  [12, 1, 16, 1],
  [12, 2, 19, 2],
  [13, 0, 21, 1.5],
  [13, 1.5, 19, 0.5],
  [13, 2, 16, 2],
  [14, 0, 17, 1],
  [14, 1, 14, 1],
  [14, 2, 12, 2],
  [15, 0, 14, 1],
  [15, 1, 11, 3],
];

/** Which note of the chord sounds at which half beat. */
const PATTERN = [1, 2, 3, 4, 3, 2, 3, 2];

/** A partial of an instrument: times the pitch, how loud, and seconds until it has fallen to a third. */
type Partial = readonly [times: number, gain: number, decay: number];

/** Something like an electric piano. */
const KEYS: readonly Partial[] = [
  [1, 1, 0.9],
  [2, 0.32, 0.55],
  [3, 0.1, 0.4],
  [4, 0.09, 0.22],
  [7, 0.035, 0.07],
];
/** Something like a vibraphone. */
const BARS: readonly Partial[] = [
  [1, 1, 1.5],
  [3.98, 0.16, 0.4],
  [10.1, 0.02, 0.06],
];
const BASS: readonly Partial[] = [
  [1, 1, 1.1],
  [2, 0.45, 0.6],
  [3, 0.14, 0.3],
];

const FULL_BARS = CHORDS.length * 2;
const FADE_IN = 0.006;
const LONGEST = 6;
/** Echoes that make a small hall: seconds and how loud. */
const HALL: readonly (readonly [seconds: number, gain: number])[] = [
  [0.031, 0.24],
  [0.047, 0.2],
  [0.071, 0.17],
  [0.113, 0.13],
  [0.167, 0.1],
  [0.241, 0.07],
];
/** dBFS of the effective value of all of it: music is a little below voices. */
const LEVEL = -25;

/** A calm piece of a minute that ends where it begins: whatever sounds beyond its end sounds at its beginning. Written for Parley, by this script alone. */
export function composeHoldMusic(): Int16Array {
  const piece = new Float64Array(Math.round(FULL_BARS * BEATS * BEAT * MUSIC_RATE));
  for (let bar = 0; bar < FULL_BARS; bar++) accompany(piece, bar);
  for (const [bar, beat, note, beats] of MELODY) {
    play(piece, BARS, { at: (bar * BEATS + beat) * BEAT, note, gain: 0.5, held: beats * BEAT });
  }
  return levelled(inHall(piece));
}

function accompany(piece: Float64Array, bar: number): void {
  const chord = CHORDS[bar % CHORDS.length]!;
  const from = bar * BEATS;
  play(piece, BASS, { at: from * BEAT, note: chord[0]!, gain: 0.55, held: 3 * BEAT });
  play(piece, BASS, { at: (from + 3) * BEAT, note: chord[0]! + 12, gain: 0.22, held: BEAT });
  for (const [index, voice] of PATTERN.entries()) {
    // A little louder on the first and third beat, as a hand plays.
    const gain = 0.25 + (index % 4 === 0 ? 0.07 : 0);
    play(piece, KEYS, { at: (from + index / 2) * BEAT, note: chord[voice]!, gain, held: 1.6 * BEAT });
  }
}

interface Note {
  /** Seconds from the beginning. */
  readonly at: number;
  /** Semitones above middle C. */
  readonly note: number;
  readonly gain: number;
  /** Seconds until it is damped. */
  readonly held: number;
}

function play(piece: Float64Array, instrument: readonly Partial[], { at, note, gain, held }: Note): void {
  const pitch = 261.625_565 * 2 ** (note / 12);
  const from = Math.round(at * MUSIC_RATE);
  for (const [times, loud, decay] of instrument) {
    const hz = pitch * times;
    if (hz > MUSIC_RATE * 0.45) continue;
    const step = (2 * Math.PI * hz) / MUSIC_RATE;
    for (let index = 0; index < LONGEST * MUSIC_RATE; index++) {
      const seconds = index / MUSIC_RATE;
      const damped = seconds > held ? Math.exp((held - seconds) / 0.18) : 1;
      const loudness = gain * loud * Math.exp(-seconds / decay) * damped * Math.min(1, seconds / FADE_IN);
      if (loudness < 1e-5 && seconds > FADE_IN) break;
      const place = (from + index) % piece.length;
      piece[place] = piece[place]! + loudness * Math.sin(step * index);
    }
  }
}

function inHall(piece: Float64Array): Float64Array {
  const out = Float64Array.from(piece);
  for (const [seconds, gain] of HALL) {
    const shift = Math.round(seconds * MUSIC_RATE);
    for (let index = 0; index < piece.length; index++) {
      out[index] = out[index]! + gain * piece[(index - shift + piece.length) % piece.length]!;
    }
  }
  return out;
}

function levelled(piece: Float64Array): Int16Array {
  const effective = Math.sqrt(piece.reduce((sum, each) => sum + each * each, 0) / piece.length);
  const gain = (32_768 * 10 ** (LEVEL / 20)) / effective;
  return Int16Array.from(piece, (each) => Math.round(each * gain));
}
