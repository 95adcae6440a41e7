import { loadCodecs, openDecoder } from '../../audio/index.ts';
import { OggPackets } from './ogg-packets.ts';

/** Some sound of one rate. The samples are good until the next piece is asked for. */
export interface Piece {
  readonly rate: number;
  readonly samples: Int16Array;
}

/** Hz at which Opus is decoded. */
type OpusRate = 8000 | 16_000;
/** Bytes of Opus that are decoded in one go, about a second of sound: 2 ms of work. */
const SLICE = 4096;
/** Longest head of a WAV file before its sound. */
const LONGEST_HEAD = 65_536;

const tagAt = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));

/** Where the sound of a WAV file begins and what rate it has; undefined: more bytes are needed, or it is none of ours (16 bit, one channel). */
function headOf(bytes: Uint8Array): { readonly at: number; readonly rate: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 12 || tagAt(bytes, 8) !== 'WAVE') return undefined;
  let rate = 0;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const [tag, length] = [tagAt(bytes, at), view.getUint32(at + 4, true)];
    if (tag === 'data') return rate === 0 ? undefined : { at: at + 8, rate };
    const isWhole = at + 24 <= bytes.length;
    if (tag === 'fmt ' && isWhole && view.getUint16(at + 10, true) === 1 && view.getUint16(at + 22, true) === 16)
      rate = view.getUint32(at + 12, true);
    at += 8 + length + (length & 1);
  }
  return undefined;
}

/** What stands behind a head: pairs of bytes, whatever pieces they come in. */
async function* wavSound(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Piece, void, undefined> {
  let held: Uint8Array = new Uint8Array();
  let rate: number | undefined;
  for await (const chunk of chunks) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    if (rate === undefined) {
      const head = headOf(held);
      if (head === undefined && held.length > LONGEST_HEAD) return;
      if (head === undefined) continue;
      rate = head.rate;
      held = held.subarray(head.at);
    }
    const even = held.length & ~1;
    // Samples must begin at an even place of their memory.
    const copy = new Uint8Array(even);
    copy.set(held.subarray(0, even));
    yield { rate, samples: new Int16Array(copy.buffer) };
    held = held.subarray(even);
  }
}

async function* opusSound(
  chunks: AsyncIterable<Uint8Array>,
  { breathe, rate }: Required<SoundWish>,
): AsyncGenerator<Piece, void, undefined> {
  await loadCodecs();
  const decoder = openDecoder({ name: 'opus', rate, clockRate: 48_000 });
  const packets = new OggPackets();
  // 120 ms is the longest packet (RFC 6716 §2.1.4).
  const out = new Int16Array(0.12 * rate);
  let seen = 0;
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += SLICE) {
        for (const packet of packets.add(chunk.slice(at, at + SLICE))) {
          seen += 1;
          // OpusHead and OpusTags (RFC 7845 §3).
          const count = seen <= 2 ? 0 : decoder.decode(packet, 0, packet.length, out);
          if (count > 0) yield { rate, samples: out.subarray(0, count) };
        }
        await breathe();
      }
    }
  } finally {
    decoder.close();
  }
}

/** How the sound of a file is wanted. */
export interface SoundWish {
  /** Lets others do their work in between. */
  readonly breathe: () => Promise<void>;
  /** Of Opus; WAV has its own. Default 8000: for a picture that is the least work, and nobody sees what is above. */
  readonly rate?: OpusRate;
}

/** The sound of a file as it comes. */
export function soundOf(type: string, chunks: AsyncIterable<Uint8Array>, { breathe, rate = 8000 }: SoundWish): AsyncIterable<Piece> {
  return type === 'audio/ogg' ? opusSound(chunks, { breathe, rate }) : wavSound(chunks);
}
