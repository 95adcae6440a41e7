/** Mean absolute sample value, 0 … 32767: the scale of KAZOO's `current_energy` and of the profile's `energy-level`. `every`: looks at every so many-th sample only. */
export function meanLevel(frame: Int16Array, samples: number, every = 1): number {
  let sum = 0;
  for (let index = 0; index < samples; index += every) {
    sum += Math.abs(frame[index]!);
  }
  return samples === 0 ? 0 : sum / Math.ceil(samples / every);
}

export interface TalkDetectorOptions {
  /** Mean absolute sample value above which somebody talks, 0 … 1800; 0: always. Default 20. */
  readonly energyLevel?: number;
  /** How long it must be quiet before talking ends, ms. Default 400. */
  readonly holdMs?: number;
  /** Samples in a second. Default 8000. */
  readonly rate?: number;
}

/** Samples looked at in a second are at least so many: enough to tell how loud a voice is. */
const LOOKS = 9000;
/** Sound must be above twice the noise and above how much the noise varies so many times. */
const ABOVE = 2;
const VARIES = 2.5;
/** Noise is never thought to be louder than this (about -37 dBFS), so a loud steady sound is not taken for noise. */
const LOUDEST_NOISE = 400;
/** The first sound that is heard from somebody may be noise, as loud as this. */
const FIRST_NOISE = 250;
/** Frames from the first sound until its noise is known. Meanwhile whatever is above the energy level belongs into the mix: it may be a word as well. */
const UNSURE = 25;
/** Nobody must be louder than this to be heard, whatever the noise. */
const LOUDEST_ONSET = 900;
/** Sound above this tells three times as much as sound below. */
const CLEAR = 420;
/** So much evidence makes it talk: three clear frames or seven faint ones. A key click has one or two frames. */
const SURE = 7;
/** Frames of a faint sound must differ by this share from each other: what is always the same is a machine. */
const LIVELY = 0.05;
/** After so many frames without a change the sound is taken for noise. */
const STEADY = 15;
/** Noise has no frame that is quieter than its mean by more than this factor. */
const DIP = 1.6;
/** The quietest frame of so many is noise at most, even while somebody talks. */
const WINDOW = 75;

/**
 * Tells talking from silence and from noise. Frames are meant to be 20 ms.
 *
 * A sound is `audible` when it is louder than the energy level and clearly louder than the leg's own noise, from its first frame on.
 * It is `talking` once it has lasted too long for a click and is not a steady faint hum. Both end when all of the hold time was below
 * three quarters of the threshold: a voice at the threshold does not flutter. Digital silence says nothing about noise.
 */
export class TalkDetector {
  /** Somebody talks: what people are told. Certain, therefore 60 to 160 ms after the first sound. */
  talking = false;
  /** The sound belongs into the mix: from the first frame on, so that no word loses its beginning. */
  audible = false;
  /** Mean absolute sample value of the last frame. */
  energy = 0;
  /** It suffices to look at every so many-th sample. */
  readonly every: number;
  readonly #level: number;
  readonly #hold: number;
  #onset: number;
  #quiet = 0;
  #evidence = 0;
  /** Mean level of the leg's noise, and by how much it varies; -1: nothing heard yet. */
  #noise = -1;
  #varies = 0;
  /** Smoothed share by which neighbouring frames differ, and how long that has been little. */
  #change = 0;
  #steady = 0;
  #smooth = 0;
  #before = 0;
  #quietest = LOUDEST_NOISE;
  #looked = 0;
  #unsure = UNSURE;

  constructor({ energyLevel = 20, holdMs = 400, rate = 8000 }: TalkDetectorOptions = {}) {
    this.#level = energyLevel;
    this.#onset = energyLevel;
    this.#hold = (holdMs * rate) / 1000;
    this.every = Math.max(1, Math.floor(rate / LOOKS));
    this.talking = this.audible = energyLevel === 0;
  }

  /** Mean level of this leg's noise, on the scale of `energy`. */
  get noise(): number {
    return Math.max(0, this.#noise);
  }

  /** One frame more. A tick without sound is a frame of zeros. */
  push(frame: Int16Array, samples: number): void {
    this.heard(meanLevel(frame, samples, this.every), samples);
  }

  /** As `push`, when the level of the frame is known already: the media tick measures it on codes that are never decoded. */
  heard(energy: number, samples: number): void {
    this.energy = energy;
    if (this.#level === 0) return;
    if (energy > 0) {
      this.#learn(energy);
      if (this.#unsure > 0) this.#unsure -= 1;
    }
    if (energy > this.#onset) this.#sound(energy);
    else {
      this.#evidence = Math.max(0, this.#evidence - 2);
      if (this.#unsure > 0 && energy > this.#level) this.audible = true;
      else if (this.audible) this.#pause(energy, samples);
    }
    this.#before = energy;
  }

  /** Another sender: nothing is known about his noise. */
  reset(): void {
    this.talking = this.audible = this.#level === 0;
    this.energy = this.#before = this.#change = this.#steady = this.#smooth = 0;
    this.#noise = -1;
    this.#onset = this.#level;
    this.#quiet = this.#evidence = this.#looked = 0;
    this.#quietest = LOUDEST_NOISE;
    this.#unsure = UNSURE;
  }

  #sound(energy: number): void {
    this.audible = true;
    this.#quiet = 0;
    if (this.talking) return;
    this.#evidence += energy > CLEAR ? 3 : 1;
    this.talking = this.#evidence >= SURE && (energy > CLEAR || this.#change > LIVELY);
  }

  #pause(energy: number, samples: number): void {
    this.#quiet = energy > 0.75 * this.#onset ? 0 : this.#quiet + samples;
    // A click is let go of sooner.
    if (this.#quiet >= (this.talking ? this.#hold : this.#hold / 4)) this.talking = this.audible = false;
  }

  #learn(energy: number): void {
    if (this.#noise < 0) this.#meet(energy);
    this.#compare(energy);
    if (energy * DIP < this.#noise) this.#suppose(energy * DIP);
    else if (!this.talking && energy < this.#onset) {
      this.#noise += 0.05 * (energy - this.#noise);
      this.#varies += 0.05 * (Math.abs(energy - this.#noise) - this.#varies);
    }
    this.#window(energy);
    const wished = Math.max(this.#level, ABOVE * this.#noise + VARIES * this.#varies);
    this.#onset = Math.min(Math.max(this.#level, LOUDEST_ONSET), wished);
  }

  /** The first sound of all. */
  #meet(energy: number): void {
    this.#suppose(0.7 * Math.min(energy, FIRST_NOISE));
    this.#before = energy;
    this.#smooth = energy;
  }

  #suppose(noise: number): void {
    this.#noise = noise;
    this.#varies = noise / 2;
  }

  /** A faint sound that never changes is noise. */
  #compare(energy: number): void {
    const before = this.#before;
    const change = before > 0 ? Math.abs(energy - before) / (energy + before) : 1;
    // Where a sound begins its frames differ in any case.
    if (change > 0.5) this.#change = this.#steady = 0;
    else this.#change += 0.15 * (change - this.#change);
    this.#smooth += 0.15 * (energy - this.#smooth);
    this.#steady = change < 0.25 && this.#change < 0.1 && energy < LOUDEST_NOISE ? this.#steady + 1 : 0;
    if (this.#steady >= STEADY && this.#smooth > this.#noise) this.#noise = Math.min(LOUDEST_NOISE, this.#smooth);
  }

  /** Nobody talks so long without a pause between two syllables. */
  #window(energy: number): void {
    if (energy < this.#quietest) this.#quietest = energy;
    if (++this.#looked < WINDOW) return;
    const least = Math.min(LOUDEST_NOISE, DIP * this.#quietest);
    if (least > this.#noise) this.#suppose(least);
    this.#looked = 0;
    this.#quietest = LOUDEST_NOISE;
  }
}
