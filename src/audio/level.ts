/** Mean absolute sample value, 0 … 32767: the scale of KAZOO's `current_energy` and of the profile's `energy-level`. */
export function meanLevel(frame: Int16Array, samples: number): number {
  let sum = 0;
  for (let index = 0; index < samples; index++) {
    sum += Math.abs(frame[index]!);
  }
  return samples === 0 ? 0 : sum / samples;
}

export interface TalkDetectorOptions {
  /** Mean absolute sample value above which somebody talks, 0 … 1800; 0: always. Default 20. */
  readonly energyLevel?: number;
  /** How long it must be quiet before talking ends, ms. Default 400. */
  readonly holdMs?: number;
  /** Samples in a second. Default 8000. */
  readonly rate?: number;
}

/**
 * Tells talking from silence. It begins with the first frame above the level, so that no word loses its beginning,
 * and ends when all of the hold time was below three quarters of it: a voice at the threshold does not flutter.
 */
export class TalkDetector {
  /** Somebody talks: what people are told. It is sure of it, so it comes up to 200 ms after the first sound. */
  talking = false;
  /** The sound belongs into the mix: from the first frame on, so that no word loses its beginning. */
  audible = false;
  /** Mean absolute sample value of the last frame. */
  energy = 0;
  readonly #onset: number;
  readonly #release: number;
  readonly #hold: number;
  #quiet = 0;

  constructor({ energyLevel = 20, holdMs = 400, rate = 8000 }: TalkDetectorOptions = {}) {
    this.#onset = energyLevel;
    this.#release = energyLevel * 0.75;
    this.#hold = (holdMs * rate) / 1000;
  }

  /** One frame more. A tick without sound is a frame of zeros. */
  push(frame: Int16Array, samples: number): void {
    this.heard(meanLevel(frame, samples), samples);
  }

  /** As `push`, when the level of the frame is known already: the media tick measures it on codes that are never decoded. */
  heard(level: number, samples: number): void {
    this.energy = level;
    if (this.energy > this.#onset || this.#onset === 0) {
      this.talking = true;
      this.audible = true;
      this.#quiet = 0;
      return;
    }
    this.#quiet = this.energy > this.#release ? 0 : this.#quiet + samples;
    if (this.#quiet >= this.#hold) this.talking = this.audible = false;
  }
}
