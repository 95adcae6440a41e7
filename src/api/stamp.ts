const GREGORIAN = 62_167_219_200;

export { isoTime } from '../base/index.ts';

/** Seconds since the year 0, as KAZOO counts; `epoch` is in ms. */
export const gregorian = (epoch: number): number => Math.floor(epoch / 1000) + GREGORIAN;
