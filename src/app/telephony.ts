import type { Calls } from '../calls/index.ts';
import type { Telephony } from '../conference/index.ts';

/** The telephony of signalling that is opened last; until then nobody calls. */
export const telephonyOf = (calls: () => Calls | undefined): Telephony => ({
  answer: (call) => calls()?.answer(call),
  ring: (call) => calls()?.ring(call),
  hangUp: (call, reason, status) => calls()?.hangUp(call, reason, status),
  dial: (request) => calls()?.dial(request),
  bring: (call, place) => calls()?.bring(call, place),
  stage: (call, stage) => calls()?.stage?.(call, stage),
});
