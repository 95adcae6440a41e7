/** The second door of this room, for workers of others: what reads a tap there, and the codecs' faster library. No engine comes with it. */
export { TapReader } from './tap-reader.ts';
export type { TapFrame, TapItem } from './tap-types.ts';
export { takeLibopus } from './thread/libopus.ts';
