import { noLog, SystemClock } from '../../src/base/index.ts';
import type { EngineOptions } from '../../src/media/index.ts';
import { SeededChance } from './seeded-chance.ts';

/**
 * Tests share their machine with browsers, third-party phones and each other. What those take away makes ticks late, and a server that turned callers away
 * for it would be right, but it is not what these tests ask. `test/scenario/overload.test.ts` and `src/media/overload.test.ts` ask that.
 */
export const PATIENT = { PARLEY_MEDIA_MAX_LATE: '1000', PARLEY_MEDIA_MAX_BUSY: '100' } as const;

/** The same for an engine without a server, on real time and any ports. */
export const patientEngine = (options: Partial<EngineOptions> = {}): EngineOptions => ({
  clock: new SystemClock(),
  log: noLog,
  chance: new SeededChance(),
  ports: 'any',
  limits: { lateMs: Number.POSITIVE_INFINITY, busy: 1 },
  onEvent: () => {},
  ...options,
});
