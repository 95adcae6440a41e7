import { alawSamples, ulawSamples } from '../audio/index.ts';

/** How the samples of a WAV file are written. */
export interface WavFormat {
  readonly rate: number;
  readonly channels: number;
  /** Bytes of one sample of one channel. */
  readonly width: number;
  /** The sample at an offset, in 16 bit; 24, 32 bit and float are not rounded yet. */
  readonly read: (view: DataView, at: number) => number;
}

const PCM = 1;
const FLOAT = 3;
const ALAW = 6;
const ULAW = 7;
const EXTENSIBLE = 0xfffe;
/** What a file may say; beyond is garbage. */
const LOWEST_RATE = 1000;
const HIGHEST_RATE = 384_000;
const MOST_CHANNELS = 32;

/** By format code and bits. */
const READERS: Readonly<Record<string, WavFormat['read']>> = {
  [`${PCM} 8`]: (view, at) => (view.getUint8(at) - 128) * 256,
  [`${PCM} 16`]: (view, at) => view.getInt16(at, true),
  [`${PCM} 24`]: (view, at) => (view.getUint8(at) | (view.getInt16(at + 1, true) << 8) | 0) / 256,
  [`${PCM} 32`]: (view, at) => view.getInt32(at, true) / 65_536,
  [`${FLOAT} 32`]: (view, at) => whole(view.getFloat32(at, true)),
  [`${FLOAT} 64`]: (view, at) => whole(view.getFloat64(at, true)),
  [`${ALAW} 8`]: (view, at) => alawSamples[view.getUint8(at)]!,
  [`${ULAW} 8`]: (view, at) => ulawSamples[view.getUint8(at)]!,
};

/** What is no number is silence. */
const whole = (sample: number): number => (Number.isNaN(sample) ? 0 : sample * 32_768);

/** Reads the body of a `fmt ` chunk; words say why it cannot be played. */
export function readWavFormat(body: Uint8Array): WavFormat | string {
  if (body.length < 16) return 'its WAV format is cut off';
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const said = view.getUint16(0, true);
  const code = said === EXTENSIBLE && body.length >= 26 ? view.getUint16(24, true) : said;
  const channels = view.getUint16(2, true);
  const rate = view.getUint32(4, true);
  const bits = view.getUint16(14, true);
  const read = READERS[`${code} ${bits}`];
  if (read === undefined) return `WAV of format ${code} with ${bits} bits is none of PCM, float, A-law and µ-law`;
  if (channels === 0 || channels > MOST_CHANNELS) return `it has ${channels} channels`;
  if (rate < LOWEST_RATE || rate > HIGHEST_RATE) return `its rate is ${rate} Hz`;
  return { rate, channels, width: bits / 8, read };
}
