export { type Attendee, chainLink, chainStart, type ListedFile, type Manifest, type Span } from './manifest.ts';
export type { Putting, Range, Shelf, ShelfKey, Taken } from './ports.ts';
export { type OpenRecorder, openRecorder, type RecorderOptions } from './recorder.ts';
