import type { Ear } from './ear.ts';
import type { Phone } from './phone.ts';
import { TONES } from './sound.ts';

const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));
/** A sample this loud is no noise. */
const LOUD = 1500;
const PULSE = 100;
const PAUSE = 600;

/** Notes when something loud begins; times are ms of `performance.now()`. */
class Onset {
  at: number | undefined;
  #isArmed = false;

  constructor(ear: Ear) {
    const take = ear.take.bind(ear);
    ear.take = (samples, at = performance.now()) => {
      this.#hear(samples, at);
      take(samples, at);
    };
  }

  arm(): void {
    this.at = undefined;
    this.#isArmed = true;
  }

  #hear(samples: Int16Array, at: number): void {
    const first = this.#isArmed ? samples.findIndex((each) => Math.abs(each) > LOUD) : -1;
    if (first < 0) return;
    this.#isArmed = false;
    this.at = at + first / 8;
  }
}

/**
 * How much later a talker hears his echo than another phone hears him: what a program adds that says what it hears. One pulse after the other; those that
 * somebody did not hear are left out.
 */
export async function echoes(talker: Phone, other: Phone, count: number): Promise<number[]> {
  const [echo, direct] = [new Onset(talker.ear), new Onset(other.ear)];
  for (const each of [talker, other]) each.rtp.play(0);
  await sleep(1500);
  const added: number[] = [];
  for (let n = 0; n < count; n++) {
    echo.arm();
    direct.arm();
    talker.rtp.play(TONES[1]!);
    await sleep(PULSE);
    talker.rtp.play(0);
    // At every place within the 20 ms of everybody who takes part.
    await sleep(PAUSE + ((n * 7) % 20));
    if (echo.at !== undefined && direct.at !== undefined) added.push(echo.at - direct.at);
  }
  return added;
}
