import { readFileSync } from 'node:fs';

/** A sound of `test/fixtures/media`. */
export const fixture = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(`../fixtures/media/${name}`, import.meta.url)));

/** A WAV file to be written: `values` from -1 to 1, the same in all channels; `put` writes one of them as `code` and `bits` say. */
export interface WavText {
  readonly rate: number;
  readonly channels: number;
  readonly code: number;
  readonly bits: number;
  readonly put: (view: DataView, at: number, value: number) => void;
  readonly values: readonly number[];
}

/** The bytes of a WAV file in any of its formats. */
export function wavOf({ rate, channels, code, bits, put, values }: WavText): Uint8Array<ArrayBuffer> {
  const frame = (channels * bits) / 8;
  const bytes = new Uint8Array(44 + values.length * frame);
  const view = new DataView(bytes.buffer);
  const tag = (at: number, text: string): void => bytes.set(Buffer.from(text), at);
  tag(0, 'RIFF');
  view.setUint32(4, bytes.length - 8, true);
  tag(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, code, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * frame, true);
  view.setUint16(32, frame, true);
  view.setUint16(34, bits, true);
  tag(36, 'data');
  view.setUint32(40, values.length * frame, true);
  for (const [index, value] of values.entries()) {
    for (let channel = 0; channel < channels; channel++) put(view, 44 + index * frame + (channel * bits) / 8, value);
  }
  return bytes;
}

/** 16-bit PCM. */
export const pcm16 = (rate: number, values: readonly number[], channels = 1): Uint8Array<ArrayBuffer> =>
  wavOf({ rate, channels, code: 1, bits: 16, put: (view, at, value) => view.setInt16(at, Math.round(value * 32_767), true), values });
