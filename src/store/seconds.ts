import type { Cdr } from '../conference/index.ts';

/** Full seconds of an answered call, rounded up; undefined for one that never was. */
export const secondsOf = ({ answeredAt, endedAt }: Pick<Cdr, 'answeredAt' | 'endedAt'>): number | undefined =>
  answeredAt === undefined ? undefined : Math.max(0, Math.ceil((endedAt - answeredAt) / 1000));
