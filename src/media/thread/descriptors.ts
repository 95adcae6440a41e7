import type { Libc } from './libc.ts';

/** No descriptor number above this is noted; a process with more than a million would leak the rest if a thread died. */
const LARGEST = 2 ** 20;

/**
 * Which sockets a thread has opened by system calls of its own. The runtime does not know them, so nobody would close them if the thread died:
 * one bit each, in memory that outlives the thread.
 */
export class Descriptors {
  readonly memory: SharedArrayBuffer;
  readonly #bits: Uint8Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(LARGEST / 8)) {
    this.memory = memory;
    this.#bits = new Uint8Array(memory);
  }

  note(fd: number): void {
    if (fd >= 0 && fd < LARGEST) this.#bits[fd >> 3] = this.#bits[fd >> 3]! | (1 << (fd & 7));
  }

  forget(fd: number): void {
    if (fd >= 0 && fd < LARGEST) this.#bits[fd >> 3] = this.#bits[fd >> 3]! & ~(1 << (fd & 7));
  }

  /** Those that are open still; asked once the thread has ended. */
  left(): number[] {
    const found: number[] = [];
    for (const [place, byte] of this.#bits.entries()) {
      for (let bit = 0; byte >> bit > 0; bit++) if ((byte >> bit) & 1) found.push(place * 8 + bit);
    }
    return found;
  }
}

/** The same calls, with every socket noted while it is open. */
export function noting(libc: Libc, descriptors: Descriptors): Libc {
  return {
    ...libc,
    socket: (domain, type, protocol) => {
      const fd = libc.socket(domain, type, protocol);
      descriptors.note(fd);
      return fd;
    },
    close: (fd) => {
      // Forgotten first: if the thread dies in between, the number may be somebody else's by the time that it is looked at.
      descriptors.forget(fd);
      return libc.close(fd);
    },
  };
}
