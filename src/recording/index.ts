export type { Putting, Range, Shelf, ShelfKey, Taken } from './ports.ts';
