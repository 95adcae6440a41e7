import type { EngineLimits } from '../../src/media/index.ts';

/**
 * Tests share their machine with browsers, third-party phones and each other. What those take away makes ticks late, and a server that turned callers away
 * for it would be right, but it is not what these tests ask. `test/scenario/overload.test.ts` and `src/media/overload.test.ts` ask that.
 */
export const PATIENT = { PARLEY_MEDIA_MAX_LATE: '1000', PARLEY_MEDIA_MAX_BUSY: '100' } as const;

/** The same for an engine without a server. */
export const PATIENT_LIMITS: EngineLimits = { lateMs: Number.POSITIVE_INFINITY, busy: 1 };
