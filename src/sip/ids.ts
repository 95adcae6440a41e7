import { type Chance, randomHex } from '../base/index.ts';

/** A branch no other transaction has, RFC 3261 §8.1.1.7. */
export const newBranch = (chance: Chance): string => `z9hG4bK${randomHex(chance, 12)}`;

/** A tag for From or To, RFC 3261 §19.3. */
export const newTag = (chance: Chance): string => randomHex(chance, 8);
