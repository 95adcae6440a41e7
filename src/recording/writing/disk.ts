import { closeSync, constants, fdatasync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';

/**
 * The disk as a recording in the making sees it. Writing is synchronous, in the recorder's own worker: while it waits, rooms fill the rings of their taps,
 * and what does not fit there is a gap that is told. Waiting for what survives a power cut is not.
 */
export interface Disk {
  /** A folder with those above it. */
  folder(path: string): void;
  /** A new file, or the one that is there with what is in it. */
  open(path: string): number;
  /** All of it, or throws. */
  write(file: number, bytes: Uint8Array, at: number): void;
  /** To so many bytes, with zeros where nothing was written. */
  size(file: number, bytes: number): void;
  /** Says when all that was written survives a power cut. */
  sync(file: number, done: (error: Error | null) => void): void;
  close(file: number): void;
}

/** The disk itself. */
export const realDisk: Disk = {
  folder: (path) => void mkdirSync(path, { recursive: true, mode: 0o700 }),
  open: (path) => openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600),
  write(file, bytes, at) {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, at + done);
  },
  size: ftruncateSync,
  sync: fdatasync,
  close: closeSync,
};

/** Why a disk did not take something, for people. */
export function inWords(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC') return 'the disk is full';
  if (code === 'EDQUOT') return 'the quota of the disk is used up';
  if (code === 'EROFS') return 'the disk can only be read';
  if (code === 'EACCES' || code === 'EPERM') return 'the folder of recordings may not be written';
  return code === 'EIO' ? 'the disk has failed' : `the disk: ${code ?? message}`;
}
