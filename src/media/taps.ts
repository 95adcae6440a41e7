/** The second door of this room, for workers of others: what reads a tap there. No engine comes with it. */
export { TapReader } from './tap-reader.ts';
export type { TapFrame, TapItem } from './tap-types.ts';
