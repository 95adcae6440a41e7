import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The smallest model that sherpa-onnx recognises with: one of the kind SenseVoice (`model.onnx`, `tokens.txt`) that knows two words. A tone in the lower half
 * of the mel scale is "low", one in the upper half "high", and what is neither is nothing. No engine ships a model of its own in a package, and a download of a
 * gigabyte is not for a test; features, decoding and words are sherpa's, as they are with a real one.
 */
export function writeTinyModel(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'tokens.txt'), TOKENS.map((token, id) => `${token} ${id}\n`).join(''));
  writeFileSync(join(folder, 'model.onnx'), model());
}

/** The first is CTC's blank. SenseVoice says language, feeling, kind of sound and style before the first word. */
const TOKENS = ['<blk>', '▁low', '▁high', '<|en|>', '<|NEUTRAL|>', '<|Speech|>', '<|woitn|>'] as const;
const BEFORE = [3, 4, 5, 6] as const;
const MEL = 80;
/** Frames of 10 ms that one step of the model sees, and that it goes on by. */
const [WINDOW, SHIFT] = [7, 6];
const WIDTH = MEL * WINDOW;
/** By how much the mean of one half must be above that of the other, in the logarithm of the energy. */
const CLEARLY = 2;

/** Protocol buffers: a number, bytes, or a message in bytes, under the number of its field. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}
const whole = (field: number, value: number): Buffer => Buffer.concat([varint(field * 8), varint(value)]);
const part = (field: number, value: Buffer | string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes]);
};
const all = (...parts: readonly (Buffer | readonly Buffer[])[]): Buffer => Buffer.concat(parts.flat());

/** ONNX (onnx.proto): a constant of 32-bit floats. */
function constant(name: string, dims: readonly number[], values: readonly number[]): Buffer {
  const bytes = Buffer.from(Float32Array.from(values).buffer);
  return all(
    dims.map((each) => whole(1, each)),
    whole(2, 1),
    part(8, name),
    part(9, bytes),
  );
}

const node = (kind: string, inputs: readonly string[], output: string, attributes: Buffer = Buffer.alloc(0)): Buffer =>
  all(
    inputs.map((each) => part(1, each)),
    part(2, output),
    part(4, kind),
    attributes,
  );

/** `kind`: 1 float, 6 int32. A name in `dims` is a length that is not known before. */
function value(name: string, kind: number, dims: readonly (number | string)[]): Buffer {
  const shape = dims.map((each) => part(1, typeof each === 'number' ? whole(1, each) : part(2, each)));
  return all(part(1, name), part(2, part(1, all(whole(1, kind), part(2, all(shape))))));
}

function model(): Buffer {
  const words = TOKENS.length;
  // What each feature says for each word: the means of the two halves, one less the other.
  const says = Array.from({ length: WIDTH }, (_, feature) => {
    const half = feature % MEL < MEL / 2 ? 1 : -1;
    const share = half / (WIDTH / 2);
    return [0, share, -share, 0, 0, 0, 0];
  }).flat();
  const bias = [CLEARLY, 0, 0, -1000, -1000, -1000, -1000];
  const before = BEFORE.flatMap((token) => TOKENS.map((_, id) => (id === token ? 1 : 0)));
  const axis = part(5, all(part(1, 'axis'), whole(3, 1), whole(20, 2)));
  const graph = all(
    part(1, node('MatMul', ['x', 'says'], 'said')),
    part(1, node('Add', ['said', 'bias'], 'heard')),
    part(1, node('Concat', ['before', 'heard'], 'logits', axis)),
    part(2, 'two words'),
    part(5, constant('says', [WIDTH, words], says)),
    part(5, constant('bias', [words], bias)),
    part(5, constant('before', [1, BEFORE.length, words], before)),
    part(11, value('x', 1, [1, 'T', WIDTH])),
    ...['x_length', 'language', 'text_norm'].map((name) => part(11, value(name, 6, [1]))),
    part(12, value('logits', 1, [1, 'L', words])),
  );
  const told = {
    vocab_size: words,
    ...{ lfr_window_size: WINDOW, lfr_window_shift: SHIFT, normalize_samples: 1 },
    ...{ with_itn: 14, without_itn: 15, lang_auto: 0, lang_zh: 3, lang_en: 4, lang_ja: 11, lang_ko: 12, lang_yue: 7 },
    neg_mean: Array(WIDTH).fill(0).join(),
    inv_stddev: Array(WIDTH).fill(1).join(),
  };
  const metadata = Object.entries(told).map(([key, text]) => part(14, all(part(1, key), part(2, String(text)))));
  return all(whole(1, 8), part(2, 'parley'), part(7, graph), part(8, all(part(1, ''), whole(2, 13))), metadata);
}

/** What the two words are, Hz. */
const WORDS = { low: 500, high: 3300 } as const;

/** The words as tones of half a second, with silence before, between and behind them. */
export function tonesSaid(rate: number, words: readonly (keyof typeof WORDS)[]): Int16Array {
  const step = rate / 2;
  const samples = new Int16Array(step * (2 * words.length + 1));
  for (const [index, word] of words.entries())
    for (let n = 0; n < step; n++) samples[step * (2 * index + 1) + n] = 8000 * Math.sin((2 * Math.PI * WORDS[word] * n) / rate);
  return samples;
}
