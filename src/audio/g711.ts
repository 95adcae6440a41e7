/** G.711 by table. A μ-law code depends on the upper 14 bits of a sample alone, an A-law code on the upper 12. */

/** The sample of each PCMU code, G.711 §4. */
export const ulawSamples: Int16Array = new Int16Array(256);
/** The sample of each PCMA code, G.711 §3. */
export const alawSamples: Int16Array = new Int16Array(256);
const ulawCodes = new Uint8Array(1 << 14);
const alawCodes = new Uint8Array(1 << 12);

function ulawSample(code: number): number {
  const inverted = ~code;
  const exponent = (inverted >> 4) & 7;
  const magnitude = (((inverted & 15) << 3) + 0x84) << exponent;
  return code & 0x80 ? magnitude - 0x84 : 0x84 - magnitude;
}

function alawSample(code: number): number {
  const toggled = code ^ 0x55;
  const exponent = (toggled >> 4) & 7;
  const mantissa = toggled & 15;
  const magnitude = exponent === 0 ? (mantissa << 4) + 8 : ((mantissa << 4) + 0x108) << (exponent - 1);
  return code & 0x80 ? magnitude : -magnitude;
}

/** `sample` has 14 bits. Negative ones take the one's complement, so that both halves meet their decision values alike. */
function ulawCode(sample: number): number {
  const magnitude = Math.min((sample < 0 ? ~sample : sample) + 33, 0x1fff);
  const segment = 26 - Math.clz32(magnitude);
  const code = (segment << 4) | ((magnitude >> (segment + 1)) & 15);
  return (sample < 0 ? 0x7f : 0xff) ^ code;
}

/** `sample` has 12 bits. */
function alawCode(sample: number): number {
  const magnitude = sample < 0 ? ~sample : sample;
  const exponent = magnitude < 16 ? 0 : 28 - Math.clz32(magnitude);
  const mantissa = (exponent === 0 ? magnitude : magnitude >> (exponent - 1)) & 15;
  return ((sample < 0 ? 0 : 0x80) | (exponent << 4) | mantissa) ^ 0x55;
}

for (let code = 0; code < 256; code++) {
  ulawSamples[code] = ulawSample(code);
  alawSamples[code] = alawSample(code);
}
for (let index = 0; index < ulawCodes.length; index++) ulawCodes[index] = ulawCode((index << 18) >> 18);
for (let index = 0; index < alawCodes.length; index++) alawCodes[index] = alawCode((index << 20) >> 20);

/** PCMU bytes from `at` into 16-bit samples, G.711 §4 (μ-law). */
export function decodeUlaw(from: Uint8Array, at: number, samples: number, out: Int16Array): void {
  for (let index = 0; index < samples; index++) out[index] = ulawSamples[from[at + index]!]!;
}

/** PCMA bytes from `at` into 16-bit samples, G.711 §3 (A-law). */
export function decodeAlaw(from: Uint8Array, at: number, samples: number, out: Int16Array): void {
  for (let index = 0; index < samples; index++) out[index] = alawSamples[from[at + index]!]!;
}

/** 16-bit samples into PCMU bytes at `at`. */
export function encodeUlaw(from: Int16Array, samples: number, out: Uint8Array, at: number): void {
  for (let index = 0; index < samples; index++) out[at + index] = ulawCodes[(from[index]! >> 2) & 0x3fff]!;
}

/** 16-bit samples into PCMA bytes at `at`. */
export function encodeAlaw(from: Int16Array, samples: number, out: Uint8Array, at: number): void {
  for (let index = 0; index < samples; index++) out[at + index] = alawCodes[(from[index]! >> 4) & 0xfff]!;
}
