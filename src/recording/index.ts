export type { Putting, Range, RecorderPort, Recording, Shelf, ShelfKey, Taken } from './ports.ts';
