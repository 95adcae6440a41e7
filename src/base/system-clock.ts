import type { Alarm, Clock } from './clock.ts';

/** The longest wait that the runtime's timer takes (2^31 - 1 ms, about 24 days); longer waits are armed again. */
const LONGEST = 2_147_483_647;

/** The machine's own clock. */
export class SystemClock implements Clock {
  now(): number {
    return performance.now();
  }

  epoch(): number {
    return Date.now();
  }

  wake(at: number, fn: () => void): Alarm {
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const left = at - this.now();
      if (left > LONGEST) timer = setTimeout(arm, LONGEST);
      else timer = setTimeout(fn, Math.max(0, Math.ceil(left)));
    };
    arm();
    return { cancel: () => clearTimeout(timer) };
  }
}
