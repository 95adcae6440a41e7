import { Failure } from '../../base/index.ts';
import type { Rule } from './rule.ts';

const nobodyWaits = (id: string): Failure =>
  new Failure('not-found', 'nobody_waits_so', 'nobody waits so to be admitted', { details: { id } });

/** Lets in who waits. */
export const admit: Rule<'waiting.admit'> = (_conference, { which }) => {
  throw nobodyWaits(which);
};

/** Turns away who waits. */
export const deny: Rule<'waiting.deny'> = (_conference, { which }) => {
  throw nobodyWaits(which);
};
