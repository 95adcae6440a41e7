import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { loadCodecs, openDecoder } from '../../src/audio/index.ts';
import { specOf } from '../../src/media/thread/codec.ts';
import type { ThreadCodec } from '../../src/media/thread/messages.ts';
import { aligned } from '../kit/lag.ts';
import { level, segmentalSnr, snr } from '../kit/measure.ts';
import { G722, jitter, l16, opus, PCMA, PCMU, payloadsOf, SoundHouse, type SoundPhone } from '../kit/sound-house.ts';
import { losses, speech } from '../kit/speech.ts';

before(loadCodecs);

const VOICES = [110, 140, 190, 230];
/** Silence in samples is not judged. */
const SILENCE = -50;
/** Nobody looks at the seconds in which the buffer finds its size. */
const SETTLED_MS = 3000;

interface Case {
  readonly name: string;
  readonly codec: ThreadCodec;
  readonly rate: 8000 | 16_000 | 48_000;
  readonly seconds: number;
}
const CASES: readonly Case[] = [
  { name: 'PCMU', codec: PCMU, rate: 8000, seconds: 20 },
  { name: 'PCMA', codec: PCMA, rate: 8000, seconds: 20 },
  { name: 'G.722', codec: G722, rate: 16_000, seconds: 15 },
  { name: 'L16', codec: l16(16_000), rate: 16_000, seconds: 15 },
  { name: 'Opus', codec: opus(), rate: 48_000, seconds: 12 },
];

/** Four voices, each heard by somebody of his own who hears every sample as it is in the room. */
async function play(
  { codec, rate }: Case,
  voices: readonly Uint8Array[][],
  { jitterMs = 0, lost }: { jitterMs?: number; lost: readonly boolean[][] },
) {
  await using house = new SoundHouse({ tickJitterMs: 2 });
  const pairs: { talker: SoundPhone; listener: SoundPhone }[] = [];
  for (const [n, voice] of voices.entries()) {
    const path = { lost: (at: number): boolean => lost[n]![at] === true, ...(jitterMs === 0 ? {} : { late: jitter(jitterMs, n + 1) }) };
    const talker = await house.phone(`talker ${n}`, { codec, path, room: `${n}`, phaseMs: 1 + 4 * n });
    const listener = await house.phone(`listener ${n}`, { codec: l16(rate), room: `${n}`, sends: 20 });
    listener.mute = true;
    house.change(talker.name, { direction: 'recvonly' });
    house.mix({ room: `${n}` });
    talker.say(voice);
    pairs.push({ talker, listener });
  }
  house.run(voices[0]!.length * 20 + 500);
  const counts = await Promise.all(pairs.map(({ talker }) => house.legMetrics(talker)));
  return pairs.map(({ listener }, n) => {
    assert.deepEqual([listener.gaps, listener.oddities], [[], 0]);
    return { heard: listener.heard.slice(), counts: counts[n]! };
  });
}

/** The same sound with what was lost made up for as simpler servers do. */
function filled(sound: Int16Array, lost: readonly boolean[], frame: number, by: 'zeros' | 'repeat'): Int16Array {
  const heard = sound.slice();
  lost.forEach((isLost, n) => {
    if (isLost) heard.set(by === 'zeros' ? new Int16Array(frame) : heard.slice((n - 1) * frame, n * frame), n * frame);
  });
  return heard;
}

/** What the packets sound like when all of them come. */
function decode(codec: ThreadCodec, payloads: readonly Uint8Array[]): Int16Array {
  const decoder = openDecoder(specOf(codec));
  const frame = decoder.rate / 50;
  const sound = new Int16Array(payloads.length * frame);
  for (const [n, payload] of payloads.entries()) decoder.decode(payload, 0, payload.length, sound.subarray(n * frame, (n + 1) * frame));
  decoder.close();
  return sound;
}

const frames = (sound: Int16Array, frame: number): Int16Array[] =>
  Array.from({ length: sound.length / frame }, (_, n) => sound.subarray(n * frame, (n + 1) * frame));
const equal = (some: Int16Array, other: Int16Array): boolean => some.every((sample, at) => sample === other[at]);
const isLoud = (samples: Int16Array): boolean => level(samples) > SILENCE;

interface Voices {
  readonly payloads: Uint8Array[][];
  readonly clean: Int16Array[];
}
const voicesOf = new Map<string, Voices>();
/** The voices of a case, encoded, and as they are heard over a perfect network. */
function perfect({ name, codec, rate, seconds }: Case): Voices {
  const known = voicesOf.get(name);
  if (known !== undefined) return known;
  const payloads = VOICES.map((pitch, n) => payloadsOf(codec, speech({ rate, seconds, seed: n + 1, pitch })));
  const voices = { payloads, clean: payloads.map((each) => decode(codec, each)) };
  voicesOf.set(name, voices);
  return voices;
}

for (const each of CASES) {
  const frame = each.rate / 50;
  test(`${each.name}, nothing lost: every sample of speech is heard as it was sent`, async () => {
    const { payloads, clean } = perfect(each);
    for (const [n, { heard, counts }] of (await play(each, payloads, { lost: payloads.map(() => []) })).entries()) {
      assert.deepEqual([counts['lost'], counts['late'], counts['concealed']], [0, 0, 0]);
      const { sound, lags: late } = aligned(clean[n]!, heard, frame);
      assert.equal(new Set(late).size, 1, `the delay moved: ${late}`);
      // Pauses are not in the mix, and the first moments of a stranger may be noise.
      const differs = frames(clean[n]!, frame).flatMap((said, at) =>
        at >= 5 && isLoud(said) && !equal(said, sound.subarray(at * frame, (at + 1) * frame)) ? [at] : [],
      );
      assert.deepEqual(differs, []);
    }
  });

  for (const jitterMs of [20, 60, 120]) {
    test(`${each.name}, nothing lost, ${jitterMs} ms of jitter: at most one packet in a hundred is late, delay at most ${jitterMs + 45} ms`, async () => {
      const { payloads, clean } = perfect(each);
      for (const [n, { heard, counts }] of (await play(each, payloads, { jitterMs, lost: payloads.map(() => []) })).entries()) {
        const { lags: late, sure } = aligned(clean[n]!, heard, frame);
        const settled = late.filter((_, second) => second * 1000 >= SETTLED_MS && sure(second * 50));
        assert.ok(Math.max(...settled) * 20 <= jitterMs + 45, `${late}`);
        // The first seconds are those in which it learns.
        assert.ok(counts['late']! <= 3 + payloads[n]!.length / 100, `${counts['late']} late`);
      }
    });
  }

  for (const share of [0.01, 0.03, 0.05, 0.1]) {
    for (const jitterMs of [0, 20, 60, 120]) {
      test(`${each.name}, ${share * 100} % lost, ${jitterMs} ms of jitter: 6 dB better than silence, 1 dB better than the last frame again`, async () => {
        const { payloads, clean } = perfect(each);
        const lost = payloads.map((voice, n) => losses(voice.length, share, n + 1));
        const played = await play(each, payloads, { jitterMs, lost });
        const figures = { zeros: 0, repeat: 0, concealed: 0 };
        let judged = 0;
        for (const [n, { heard }] of played.entries()) {
          const { sound, sure } = aligned(clean[n]!, heard, frame);
          const only = (at: number): boolean => lost[n]![at]! && at * 20 >= SETTLED_MS && sure(at);
          const count = lost[n]!.filter((_, at) => only(at) && isLoud(clean[n]!.subarray(at * frame, (at + 1) * frame))).length;
          const score = (what: Int16Array): number =>
            count === 0 ? 0 : count * segmentalSnr(clean[n]!, what, { frame, only, silence: SILENCE });
          figures.zeros += score(filled(clean[n]!, lost[n]!, frame, 'zeros'));
          figures.repeat += score(filled(clean[n]!, lost[n]!, frame, 'repeat'));
          figures.concealed += score(sound);
          judged += count;
        }
        const said = `${Object.entries(figures).map(([name, db]) => `${name} ${(db / judged).toFixed(1)} dB`)}, ${judged} frames; ${played.map(({ counts }) => `${counts['late']} late ${counts['concealed']} concealed`)}`;
        assert.ok(judged >= 5, said);
        assert.ok(figures.concealed >= figures.zeros + 6 * judged, said);
        assert.ok(figures.concealed >= figures.repeat + judged, said);
      });
    }
  }
}

test('Opus with FEC: at least four of five single losses are heard as they were said', async () => {
  const each = CASES.find(({ name }) => name === 'Opus')!;
  const { payloads, clean } = perfect(each);
  // Every seventh packet from the second second on.
  const lost = payloads.map((voice, n) => voice.map((_, at) => at > 50 && at % 7 === n));
  let [recovered, judged] = [0, 0];
  for (const [n, { heard, counts }] of (await play(each, payloads, { lost })).entries()) {
    const { sound, sure } = aligned(clean[n]!, heard, 960);
    const alike = frames(clean[n]!, 960).flatMap((said, at) =>
      lost[n]![at]! && sure(at) && isLoud(said) ? [snr(said, sound.subarray(at * 960, (at + 1) * 960))] : [],
    );
    judged += alike.length;
    recovered += alike.filter((decibels) => decibels > 4).length;
    const all = lost[n]!.filter(Boolean).length;
    // In pauses libopus sends no FEC, and nobody misses it.
    assert.ok(counts['concealed']! <= all / 4, `${counts['concealed']} of ${all} were made up`);
  }
  assert.ok(judged > 150);
  assert.ok(recovered >= 0.8 * judged, `${recovered} of ${judged}`);
});

test('Opus without FEC: what was lost is made up by the decoder, better than silence by 4 dB', async () => {
  const each: Case = { ...CASES.find(({ name }) => name === 'Opus')!, name: 'Opus without FEC', codec: opus({ fec: false }), seconds: 10 };
  const { payloads, clean } = perfect(each);
  const lost = payloads.map((voice, n) => losses(voice.length, 0.05, n + 9));
  const figures = (await play(each, payloads, { lost })).map(({ heard }, n) => {
    const { sound, sure } = aligned(clean[n]!, heard, 960);
    return segmentalSnr(clean[n]!, sound, { frame: 960, only: (at) => lost[n]![at]! && sure(at), silence: SILENCE });
  });
  assert.ok(figures.reduce((sum, figure) => sum + figure, 0) / figures.length >= 4, `${figures}`);
});
