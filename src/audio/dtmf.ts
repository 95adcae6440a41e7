/** The rows and columns of the keypad, Hz (ITU-T Q.23). */
const HERTZ = [697, 770, 852, 941, 1209, 1336, 1477, 1633];
const KEYS = ['1', '2', '3', 'A', '4', '5', '6', 'B', '7', '8', '9', 'C', '*', '0', '#', 'D'];
const RATE = 8000;
/** Samples between two looks. */
export const DTMF_HOP = 80;
/** Samples that one look sees: of the shortest key, 40 ms, two looks see nothing but tone, wherever it begins. */
const WINDOW = 160;
const HOP_MS = (1000 * DTMF_HOP) / RATE;

/** Of all energy in a window, the two tones must have at least this share: 15 dB of noise leave 0.97. */
const PURE = 0.84;
/** The stronger tone may have so many times the energy of the weaker one (8 dB; ±6 must be taken). */
const TWIST = 6.3;
/** Share by which a frequency may be off: ±1.5 % must be taken, ±3.5 % must not (Q.24 table A-1). Two looks at a noisy tone may be wrong by so much more; the longer a key, the less. */
const OFF = 0.015;
const DOUBT = 0.007;
const MOST_OFF = 0.025;
/** Peak amplitude of the weaker tone at least, about -41 dBm0. */
const FAINT = 200;
/** The energy of a key may change so many times from look to look. */
const STEADY = 2.2;
/** A key is let go when its tones have less than this share of what they had: 10 ms of interruption leave more. */
const GONE = 0.02;

/** How much of the energy is in the changes from sample to sample: of keys between these, of most voices less, of most hisses more. */
const DEEP = 0.28;
const HIGH = 1.5;

const window = Float64Array.from({ length: WINDOW }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (n + 0.5)) / WINDOW));
const sumOf = (values: Float64Array): number => values.reduce((sum, each) => sum + each, 0);
/** Energy of a tone, as it is in the window, from the square of its coefficient. */
const SCALE = (2 * sumOf(window.map((each) => each * each))) / sumOf(window) ** 2;
/** Energy of a tone of amplitude 1 in the window. */
const UNIT = sumOf(window.map((each) => each * each)) / 2;
const angles = Float64Array.from(HERTZ, (hertz) => (2 * Math.PI * hertz) / RATE);
const cosines = angles.map(Math.cos);
const sines = angles.map(Math.sin);
const shaped = new Float64Array(WINDOW);
/** The rising half of a Hann window; the falling one is what lacks to 1. */
const rising = window.slice(0, DTMF_HOP);

/** The most that the highest tone may seem to be off, in bins of the window: what is farther off is no key, and is not made out to be more than it is. */
const FARTHEST = ((OFF + DOUBT) * 1633 * WINDOW) / RATE;

/** Share of a tone's energy that is found when it is off by so many radians per sample (a Hann window). */
function found(off: number): number {
  const bins = (Math.abs(off) * WINDOW) / (2 * Math.PI);
  if (bins < 0.01) return 1;
  if (bins > FARTHEST) return 1;
  const amplitude = Math.sin(Math.PI * bins) / (Math.PI * bins * (1 - bins * bins));
  return amplitude * amplitude;
}

/**
 * Hears keys that are sent as tones (ITU-T Q.23, Q.24), in sound of 8 kHz, 10 ms at a time. Each look sees 20 ms under a window, asks all eight frequencies, and
 * learns from the phase since the last look how far off each tone is. Voices fail because they have more than two tones, or other ones, or not for long.
 */
export class DtmfDetector {
  /** The last 20 ms are nothing but two tones as a key has; true for a moment now and then in music, too. */
  matched = false;
  /** The key that was let go in this hop; undefined: none. */
  key: string | undefined;
  /** How long it was pressed, ms. */
  ms = 0;
  /** The last two hops, one after the other or the other way round. */
  readonly #samples = new Float64Array(WINDOW);
  /** Where the newer of them begins. */
  #newer = 0;
  /** The last sample. */
  #end = 0;
  /** Of the newer hop, under the rising half of a window: energy, and energy of the changes from sample to sample. */
  #risen = 0;
  #risenChange = 0;
  /** Energy under the window, roughly, and that of the changes. */
  #level = 0;
  #change = 0;
  #real = new Float64Array(8);
  #imaginary = new Float64Array(8);
  #realBefore = new Float64Array(8);
  #imaginaryBefore = new Float64Array(8);
  #total = 0;
  /** Place in the keypad of what was matched last; -1: nothing. */
  #last = -1;
  #energy = 0;
  #energyBefore = 0;
  /** The key that is pressed; -1: none. Its energy, and for how many hops. */
  #pressed = -1;
  #reference = 0;
  #hops = 0;
  /** By how much its tones were off, added up over so many hops. */
  #offRow = 0;
  #offColumn = 0;
  #measured = 0;

  /** A key is being pressed. */
  get isPressed(): boolean {
    return this.#pressed >= 0;
  }

  /** The next 10 ms: samples[at … at + 80). */
  push(samples: Int16Array, at: number): void {
    const kept = this.#samples;
    const from = DTMF_HOP - this.#newer;
    let before = this.#end;
    let whole = 0;
    let risen = 0;
    let wholeChange = 0;
    let risenChange = 0;
    for (let n = 0; n < DTMF_HOP; n++) {
      const sample = samples[at + n]!;
      kept[from + n] = sample;
      const energy = sample * sample;
      const change = (sample - before) * (sample - before);
      before = sample;
      whole += energy;
      wholeChange += change;
      risen += energy * rising[n]!;
      risenChange += change * rising[n]!;
    }
    this.#level = this.#risen + whole - risen;
    this.#change = this.#risenChange + wholeChange - risenChange;
    this.#newer = from;
    this.#end = before;
    this.#risen = risen;
    this.#risenChange = risenChange;
    this.#look();
  }

  /** Another sound begins. */
  reset(): void {
    this.#samples.fill(0);
    this.#end = this.#risen = this.#risenChange = 0;
    this.#last = this.#pressed = -1;
    this.matched = false;
    this.key = undefined;
  }

  #look(): void {
    this.key = undefined;
    this.#listen();
    const place = this.#match();
    this.matched = place >= 0;
    if (this.#pressed >= 0) this.#hold(place);
    else if (place >= 0 && place === this.#last && this.#isSteady()) this.#press(place);
    this.#last = place;
    this.#energyBefore = this.#energy;
  }

  /** Goertzel at all eight frequencies, four at a time, for these do not wait for each other; of what may be a key, which most voices may not. */
  #listen(): void {
    this.#keepBefore();
    const level = this.#level;
    const change = this.#change;
    if (level < FAINT * FAINT * UNIT || change < DEEP * level || change > HIGH * level) {
      this.#total = 0;
      for (let tone = 0; tone < HERTZ.length; tone++) this.#real[tone] = this.#imaginary[tone] = 0;
      return;
    }
    this.#total = this.#shape(0, DTMF_HOP - this.#newer) + this.#shape(DTMF_HOP, this.#newer);
    this.#hear(0);
    this.#hear(4);
  }

  #keepBefore(): void {
    const real = this.#real;
    const imaginary = this.#imaginary;
    this.#real = this.#realBefore;
    this.#imaginary = this.#imaginaryBefore;
    this.#realBefore = real;
    this.#imaginaryBefore = imaginary;
  }

  /** Puts a hop under its half of the window, and gives its energy there. */
  #shape(at: number, from: number): number {
    const samples = this.#samples;
    let total = 0;
    for (let n = 0; n < DTMF_HOP; n++) {
      const each = samples[from + n]! * window[at + n]!;
      shaped[at + n] = each;
      total += each * each;
    }
    return total;
  }

  #hear(tone: number): void {
    const byA = 2 * cosines[tone]!;
    const byB = 2 * cosines[tone + 1]!;
    const byC = 2 * cosines[tone + 2]!;
    const byD = 2 * cosines[tone + 3]!;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let wasA = 0;
    let wasB = 0;
    let wasC = 0;
    let wasD = 0;
    // Two samples in a turn, so that nothing has to change places. No lists here: each would be an object.
    for (let n = 0; n < WINDOW; n += 2) {
      const one = shaped[n]!;
      wasA = one + byA * a - wasA;
      wasB = one + byB * b - wasB;
      wasC = one + byC * c - wasC;
      wasD = one + byD * d - wasD;
      const two = shaped[n + 1]!;
      a = two + byA * wasA - a;
      b = two + byB * wasB - b;
      c = two + byC * wasC - c;
      d = two + byD * wasD - d;
    }
    this.#keep(tone, a, wasA);
    this.#keep(tone + 1, b, wasB);
    this.#keep(tone + 2, c, wasC);
    this.#keep(tone + 3, d, wasD);
  }

  // Positional, because it runs for every look.
  #keep(tone: number, now: number, before: number): void {
    this.#real[tone] = now - before * cosines[tone]!;
    this.#imaginary[tone] = before * sines[tone]!;
  }

  /** The place in the keypad of what is heard; -1: it is no key. */
  #match(): number {
    if (this.#total < FAINT * FAINT * UNIT) return -1;
    const row = this.#loudest(0);
    const column = this.#loudest(4);
    const low = this.#energyOf(row) / found(this.#off(row));
    const high = this.#energyOf(column) / found(this.#off(column));
    this.#energy = low + high;
    if (low < FAINT * FAINT * UNIT || high < FAINT * FAINT * UNIT) return -1;
    if (low > high * TWIST || high > low * TWIST) return -1;
    if (low + high < PURE * this.#total) return -1;
    return row * 4 + column - 4;
  }

  #loudest(from: number): number {
    let best = from;
    for (let tone = from + 1; tone < from + 4; tone++) if (this.#energyOf(tone) > this.#energyOf(best)) best = tone;
    return best;
  }

  #energyOf(tone: number): number {
    return (this.#real[tone]! * this.#real[tone]! + this.#imaginary[tone]! * this.#imaginary[tone]!) * SCALE;
  }

  /** By how much the tone is beside its frequency, radians per sample: what its phase has gained since the last look. */
  #off(tone: number): number {
    const real = this.#real[tone]!;
    const imaginary = this.#imaginary[tone]!;
    const realBefore = this.#realBefore[tone]!;
    const imaginaryBefore = this.#imaginaryBefore[tone]!;
    const gained = Math.atan2(imaginary * realBefore - real * imaginaryBefore, real * realBefore + imaginary * imaginaryBefore);
    const turn = gained - angles[tone]! * DTMF_HOP;
    return (turn - 2 * Math.PI * Math.round(turn / (2 * Math.PI))) / DTMF_HOP;
  }

  /** Two looks saw the same key, with the right frequencies and as loud. */
  #isSteady(): boolean {
    if (this.#energy > this.#energyBefore * STEADY || this.#energyBefore > this.#energy * STEADY) return false;
    this.#offRow = this.#offColumn = this.#measured = 0;
    this.#measure(this.#last);
    return this.#isRight(this.#last);
  }

  #measure(place: number): void {
    const row = place >> 2;
    const column = 4 + (place & 3);
    // An interruption of the tone is a leap of its phase, and no more than a doubt.
    this.#offRow += Math.min(MOST_OFF * angles[row]!, Math.abs(this.#off(row)));
    this.#offColumn += Math.min(MOST_OFF * angles[column]!, Math.abs(this.#off(column)));
    this.#measured += 1;
  }

  /** The frequencies of what was measured are those of this key. */
  #isRight(place: number): boolean {
    const most = (OFF + DOUBT / this.#measured) * this.#measured;
    return this.#offRow < most * angles[place >> 2]! && this.#offColumn < most * angles[4 + (place & 3)]!;
  }

  #press(place: number): void {
    this.#pressed = place;
    this.#reference = this.#energy;
    // It was heard for 30 ms, and most likely for as much of the hops before and behind as not.
    this.#hops = 3;
  }

  #hold(place: number): void {
    const pressed = this.#pressed;
    const left = this.#energyOf(pressed >> 2) + this.#energyOf(4 + (pressed & 3));
    const isOther = place >= 0 && place !== pressed && place === this.#last;
    if (left >= GONE * this.#reference && !isOther) {
      this.#hops += 1;
      if (place === pressed && place === this.#last) this.#measure(place);
      return;
    }
    if (this.#isRight(pressed)) this.key = KEYS[pressed];
    this.ms = this.#hops * HOP_MS;
    this.#pressed = -1;
    if (isOther && this.#isSteady()) this.#press(place);
  }
}

/** The two frequencies of a key, Hz; undefined: there is no such key. */
export function dtmfTones(key: string): readonly [number, number] | undefined {
  const place = KEYS.indexOf(key);
  return place < 0 ? undefined : [HERTZ[place >> 2]!, HERTZ[4 + (place & 3)]!];
}
