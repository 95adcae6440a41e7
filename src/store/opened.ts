import type { JsonObject } from '../base/index.ts';
import type { Conference, Room } from '../conference/index.ts';

/** Characters and bytes that are kept beside what they say, at most. */
const MOST = 16_000_000;

/** A conference as its row has it, and what that says. */
interface Known {
  readonly sealed: Uint8Array;
  readonly document: JsonObject;
  readonly roomText: string | null;
  readonly room: Room | undefined;
}

/** What a row has, and how it is read. */
interface Written {
  readonly sealed: Uint8Array;
  readonly roomText: string | null;
  readonly open: () => JsonObject;
}

const sizeOf = ({ sealed, roomText }: Known): number => sealed.length + (roomText?.length ?? 0);

/**
 * Documents and rooms that were read or written last, beside the very bytes they are kept as: a conference that is steered is read and written again and again,
 * and unsealing, sealing and reading its JSON would cost more than the database does. It is believed only where the row still has the same bytes, so that
 * it may be forgotten at any time, and whoever else writes is seen. Documents and rooms are values that nobody changes in place.
 */
export class Opened {
  readonly #known = new Map<string, Known>();
  #size = 0;

  /** What a row says. */
  read(key: string, { sealed, roomText, open }: Written): Pick<Conference, 'document' | 'room'> {
    const known = this.#known.get(key);
    const isSealedAlike = known !== undefined && Buffer.compare(known.sealed, sealed) === 0;
    const document = isSealedAlike ? known.document : open();
    const isRoomAlike = known !== undefined && known.roomText === roomText;
    const room = isRoomAlike ? known.room : roomText === null ? undefined : (JSON.parse(roomText) as Room);
    this.#keep(key, { sealed: isSealedAlike ? known.sealed : sealed, document, roomText, room });
    return { document, room };
  }

  /** How a conference is to be kept: a document that was read, or written, so is not sealed anew. */
  write(key: string, { document, room }: Pick<Conference, 'document' | 'room'>, seal: () => Uint8Array): Pick<Known, 'sealed' | 'roomText'> {
    const known = this.#known.get(key);
    const sealed = known?.document === document ? known.sealed : seal();
    const roomText = room === undefined ? null : known?.room === room ? known.roomText : JSON.stringify(room);
    this.#keep(key, { sealed, document, roomText, room });
    return { sealed, roomText };
  }

  forget(key: string): void {
    const known = this.#known.get(key);
    if (known !== undefined) this.#size -= sizeOf(known);
    this.#known.delete(key);
  }

  /** The newest stand last. */
  #keep(key: string, known: Known): void {
    this.forget(key);
    this.#known.set(key, known);
    this.#size += sizeOf(known);
    for (const oldest of this.#known.keys()) {
      if (this.#size <= MOST) return;
      this.forget(oldest);
    }
  }
}
