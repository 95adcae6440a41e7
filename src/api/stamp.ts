const GREGORIAN = 62_167_219_200;

export { isoTime } from '../base/index.ts';

/** Epoch ms of seconds since the year 0. */
export const ofGregorian = (seconds: number): number => (seconds - GREGORIAN) * 1000;

/** Seconds since the year 0, as KAZOO counts; `epoch` is in ms. */
export const gregorian = (epoch: number): number => Math.floor(epoch / 1000) + GREGORIAN;
