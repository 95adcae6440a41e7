export type { Brand } from './brand.ts';
export { type Chance, dashed, newId, randomHex, SystemChance, undashed } from './chance.ts';
export type { Alarm, Clock } from './clock.ts';
export { Failure, type FailureKind } from './failure.ts';
export { isObject, type Json, type JsonObject } from './json.ts';
export { type Log, noLog } from './log.ts';
export { type Machine, Runner, type Step, type Time } from './machine.ts';
export { type Closable, Owner } from './owner.ts';
export { SystemClock } from './system-clock.ts';
