/** What the telephones say: a second of each sound, encoded beforehand, so that saying it costs nothing; and what their ears are made of. */
import { loadCodecs, openDecoder, openEncoder, type SoundDecoder } from '../src/audio/index.ts';
import { PulseFinder } from './pulse.ts';

export type CodecName = 'PCMU' | 'PCMA' | 'G722' | 'opus';

/** How each codec travels. `step`: RTP clock ticks in 20 ms; `earRate`: Hz at which sampled ears listen. */
export const formats = {
  PCMU: { payloadType: 0, rtpmap: 'PCMU/8000', rate: 8000, clockRate: 8000, step: 160, earRate: 8000 },
  PCMA: { payloadType: 8, rtpmap: 'PCMA/8000', rate: 8000, clockRate: 8000, step: 160, earRate: 8000 },
  G722: { payloadType: 9, rtpmap: 'G722/8000', rate: 16_000, clockRate: 8000, step: 160, earRate: 16_000 },
  opus: { payloadType: 111, rtpmap: 'opus/48000/2', rate: 48_000, clockRate: 48_000, step: 960, earRate: 16_000 },
} as const;

/** Frames of a loop: one second. */
export const FRAMES = 50;
/** The frame of the loop that carries the pulse, in those that have one. */
export const PULSE_FRAME = 25;
/** Whole tens of Hz, so that a loop of a second has no seam; none is a multiple of another, all are far below the pulse. */
export const TONES: readonly number[] = Array.from({ length: 30 }, (_, n) => 400 + 70 * n);
const [TONE, PULSE] = [2500, 9000];
const PULSE_HERTZ = 3000;

const loops = new Map<string, readonly Uint8Array[]>();

/** A second of a tone (0 Hz: silence), with or without one loud frame that can be timed. */
export function loopOf(codec: CodecName, hertz: number, hasPulse = false): readonly Uint8Array[] {
  const name = `${codec} ${hertz} ${hasPulse}`;
  const known = loops.get(name);
  if (known !== undefined) return known;
  const { rate, clockRate } = formats[codec];
  const encoder = openEncoder({ name: codec, rate, clockRate });
  const size = rate / FRAMES;
  const samples = new Int16Array(size);
  const bytes = new Uint8Array(1500);
  const frame = (n: number): Uint8Array => {
    const isPulse = hasPulse && n % FRAMES === PULSE_FRAME;
    for (let i = 0; i < size; i++) {
      const turn = (2 * Math.PI * (n * size + i)) / rate;
      samples[i] = (hertz === 0 ? 0 : TONE * Math.sin(hertz * turn)) + (isPulse ? PULSE * Math.sin(PULSE_HERTZ * turn) : 0);
    }
    return bytes.slice(0, encoder.encode(samples, size, bytes, 0));
  };
  // The first time round settles the encoder, so that the end of the second one fits its beginning.
  for (let n = 0; n < FRAMES; n++) frame(n);
  const made = Array.from({ length: FRAMES }, (_, n) => frame(n));
  encoder.close();
  loops.set(name, made);
  return made;
}

export const openEar = (codec: CodecName): SoundDecoder => {
  const { earRate, clockRate } = formats[codec];
  return openDecoder({ name: codec, rate: earRate, clockRate });
};

export const finderOf = (codec: CodecName): PulseFinder => new PulseFinder(formats[codec].earRate, PULSE_HERTZ);

/** ms from the beginning of the packet with the pulse until the finder sees it, when a codec has encoded and decoded once and nothing lies between. */
export const ownDelay: Record<CodecName, number> = { PCMU: 0, PCMA: 0, G722: 0, opus: 0 };

/** Before anything else here. */
export async function openSounds(): Promise<void> {
  await loadCodecs();
  for (const codec of Object.keys(ownDelay) as CodecName[]) {
    const ear = openEar(codec);
    const finder = finderOf(codec);
    const frame = formats[codec].earRate / FRAMES;
    const said = loopOf(codec, TONES[0]!, true);
    const heard = new Int16Array(5760);
    const pair = new Int16Array(2 * frame);
    for (let n = 0; n < 2 * FRAMES; n++) {
      const payload = said[n % FRAMES]!;
      ear.decode(payload, 0, payload.length, heard);
      pair.copyWithin(0, frame);
      pair.set(heard.subarray(0, frame), frame);
      const onset = n < FRAMES ? -1 : finder.find(pair);
      if (onset < 0) continue;
      ownDelay[codec] = (n - 1 - FRAMES - PULSE_FRAME) * 20 + (1000 * onset) / formats[codec].earRate;
      break;
    }
    ear.close();
  }
}
