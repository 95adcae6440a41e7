/** Uncompressed 16-bit sound; several channels are interleaved. */
export interface Wav {
  readonly rate: number;
  readonly channels: number;
  readonly samples: Int16Array;
}

/** Bytes that are not such a file: a reason and the offset where it shows. */
export interface MalformedWav {
  readonly malformed: 'not-riff' | 'no-format' | 'not-pcm16' | 'no-samples';
  readonly at: number;
}

const HEADER = 44;
const PCM = 1;
const EXTENSIBLE = 0xfffe;

function writeTag(bytes: Uint8Array, at: number, tag: string): void {
  for (let index = 0; index < 4; index++) bytes[at + index] = tag.charCodeAt(index);
}

const tagAt = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** A RIFF file with one format and one data chunk. */
export function writeWav({ rate, channels, samples }: Wav): Uint8Array {
  const bytes = new Uint8Array(HEADER + samples.length * 2);
  const view = viewOf(bytes);
  writeTag(bytes, 0, 'RIFF');
  view.setUint32(4, bytes.length - 8, true);
  writeTag(bytes, 8, 'WAVE');
  writeTag(bytes, 12, 'fmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * channels * 2, true);
  view.setUint16(32, channels * 2, true);
  view.setUint16(34, 16, true);
  writeTag(bytes, 36, 'data');
  view.setUint32(40, samples.length * 2, true);
  for (let index = 0; index < samples.length; index++) view.setInt16(HEADER + index * 2, samples[index]!, true);
  return bytes;
}

/** Reads 16-bit PCM. Unknown chunks are skipped; a data chunk that is cut off, or still says 0 or -1, reaches to the end. */
export function readWav(bytes: Uint8Array): Wav | MalformedWav {
  const view = viewOf(bytes);
  if (bytes.length < 12 || tagAt(bytes, 0) !== 'RIFF' || tagAt(bytes, 8) !== 'WAVE') return { malformed: 'not-riff', at: 0 };
  let format: Pick<Wav, 'rate' | 'channels'> | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const tag = tagAt(bytes, at);
    const length = view.getUint32(at + 4, true);
    const body = at + 8;
    if (tag === 'fmt ') {
      format = readFormat(view, body, length);
      if (format === undefined) return { malformed: 'not-pcm16', at };
    } else if (tag === 'data') {
      return format === undefined ? { malformed: 'no-format', at } : { ...format, samples: readSamples(view, body, length) };
    }
    at = body + length + (length & 1);
  }
  return { malformed: 'no-samples', at: bytes.length };
}

function readFormat(view: DataView, at: number, length: number): Pick<Wav, 'rate' | 'channels'> | undefined {
  if (length < 16 || at + length > view.byteLength) return undefined;
  const code = view.getUint16(at, true);
  const isPcm = code === PCM || (code === EXTENSIBLE && length >= 26 && view.getUint16(at + 24, true) === PCM);
  const channels = view.getUint16(at + 2, true);
  if (!isPcm || channels === 0 || view.getUint16(at + 14, true) !== 16) return undefined;
  return { rate: view.getUint32(at + 4, true), channels };
}

function readSamples(view: DataView, at: number, length: number): Int16Array {
  const there = view.byteLength - at;
  const samples = new Int16Array(Math.floor((length === 0 ? there : Math.min(length, there)) / 2));
  for (let index = 0; index < samples.length; index++) samples[index] = view.getInt16(at + index * 2, true);
  return samples;
}
