import { open } from 'node:fs/promises';
import { ByteStream } from './byte-stream.ts';
import { unplayable } from './sound-source.ts';

const PIECE = 65_536;

/** A file, read as it is needed: however long it is, two pieces of it are in memory. */
export function fileBytes(path: string): ByteStream {
  let isClosed = false;
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    const file = await open(path, 'r').catch((error: unknown) => {
      throw unplayable('its file cannot be opened', { cause: error });
    });
    try {
      while (!isClosed) {
        const { bytesRead, buffer } = await file.read(new Uint8Array(PIECE), 0, PIECE);
        if (bytesRead === 0) return;
        yield buffer.subarray(0, bytesRead);
      }
    } catch (error) {
      throw unplayable('its file cannot be read', { cause: error });
    } finally {
      await file.close();
    }
  };
  return new ByteStream(pieces(), () => {
    isClosed = true;
  });
}
