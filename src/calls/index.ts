export { openCalls } from './open-calls.ts';
export type { CallCounts, Calls, CallsLimits, CallsOptions } from './options.ts';
