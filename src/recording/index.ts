export { type Piece, type SoundWish, soundOf } from './library/sound-of.ts';
export { type Attendee, chainLink, chainStart, type ListedFile, type Manifest, type Span } from './manifest.ts';
export { type NamesOptions, RecordedNames } from './names.ts';
export { openStorage, type Storage, type StorageOptions } from './open-storage.ts';
export type { Putting, Range, Shelf, ShelfKey, Taken } from './ports.ts';
export { openRecorder } from './recorder.ts';
export type { OpenRecorder, RecorderOptions } from './recorder-options.ts';
export type { HttpDoor, S3Place } from './s3-requests.ts';
export type { UploadCounts } from './uploads.ts';
