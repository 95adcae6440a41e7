import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { delay, snr } from '../../../test/kit/measure.ts';
import { G722, opus, PCMU, type PhoneOptions, SoundHouse, type SoundPhone } from '../../../test/kit/sound-house.ts';
import { loadCodecs, readWav } from '../../audio/index.ts';
import { ringMemory } from '../../media/thread/shared-ring.ts';
import type { Head } from '../journal.ts';
import { realDisk } from './disk.ts';
import { type Finished, finish } from './finish.ts';
import { Syncs } from './syncs.ts';
import { Writing } from './writing.ts';

await loadCodecs();
const root = mkdtempSync(join(tmpdir(), 'parley-writing-'));
after(() => rmSync(root, { recursive: true, force: true }));

let taps = 0;

/** A recording of the house's room, read every 100 ms of its time. */
function record(house: SoundHouse, wishes: Partial<Head> = {}, bytes = 1 << 20) {
  taps += 1;
  const head: Head = {
    do: 'head',
    version: 1,
    id: `r${taps}`,
    account: 'a',
    conference: 'c',
    instance: 'i',
    startedAt: house.clock.epoch(),
    stems: true,
    format: 'wav',
    silence: false,
    ...wishes,
  };
  const folder = join(root, head.id);
  const ends: { reason: string; words?: string }[] = [];
  const gaps: { from: number; lostMs: number; words: string }[] = [];
  const writing = new Writing({
    head,
    folder,
    disk: realDisk,
    syncs: new Syncs(realDisk),
    now: () => house.clock.now(),
    epoch: () => house.clock.epoch(),
    patience: 10_000,
    onGap: (gap) => gaps.push(gap),
    onEnd: (end) => ends.push(end),
  });
  const memory = ringMemory(bytes);
  house.thread.obey({ do: 'tap', tap: taps, room: 'room', what: head.stems ? 'legs' : 'mix', memory });
  writing.listen(memory);
  return { writing, folder, ends, gaps };
}

function pass(house: SoundHouse, ms: number, writings: readonly Writing[]): void {
  for (let done = 0; done < ms; done += 100) {
    house.run(100);
    for (const writing of writings) writing.turn();
  }
}

/** Ends it now, and reads its files: the mix, and every track as long as the mix, with silence before its offset. */
async function read(house: SoundHouse, { writing, folder }: { writing: Writing; folder: string }) {
  writing.switch({ do: 'end', at: house.clock.epoch(), reason: 'asked' });
  pass(house, 200, [writing]);
  const finished = await finish(folder);
  assert.ok(finished);
  return { finished, ...soundOf(folder, finished) };
}

function soundOf(folder: string, finished: Finished) {
  const tracks = finished.tracks.map(({ name, frame, frames }) => {
    const wav = readWav(readFileSync(join(folder, name)));
    assert.ok('samples' in wav, name);
    assert.equal(wav.rate, finished.rate);
    assert.equal(wav.samples.length, (frames * wav.rate) / 50, name);
    const whole = new Int16Array((finished.frames * wav.rate) / 50);
    whole.set(wav.samples, (frame * wav.rate) / 50);
    return whole;
  });
  return { mix: tracks[0]!, stems: tracks.slice(1) };
}

/** A voice that sounds in syllables, so that the places of two of them can be compared; each phone has its own. */
function voice(phone: SoundPhone, seed: number, seconds: number, amplitude = 2500): Int16Array {
  const { rate } = phone;
  return Int16Array.from({ length: rate * seconds }, (_, n) => {
    const t = n / rate;
    const syllable = Math.max(0, Math.sin(2 * Math.PI * (2.1 + seed * 0.37) * t)) ** 2;
    return Math.round(amplitude * syllable * Math.sin(2 * Math.PI * (310 + 170 * seed + 40 * Math.sin(9 * t)) * t));
  });
}

/** How far below the mix what is left of it without its stems lies, dB. */
function unlike(mix: Int16Array, stems: readonly Int16Array[]): number {
  return snr(
    mix,
    mix.map((_, n) => stems.reduce((sum, stem) => sum + stem[n]!, 0)),
  );
}

/** By how much one comes after the other, ms; sound of 48 kHz, looked at a sixth of. */
function lag(one: Int16Array, other: Int16Array): number {
  const [a, b] = [one, other].map((sound) => sound.filter((_, n) => n % 6 === 0)) as [Int16Array, Int16Array];
  return delay(a, b, 320) / 8;
}

async function three(house: SoundHouse) {
  const codecs: PhoneOptions['codec'][] = [PCMU, G722, opus()];
  const phones: SoundPhone[] = [];
  for (const [n, name] of ['ann', 'ben', 'cy'].entries()) phones.push(await house.phone(name, { codec: codecs[n]! }));
  return phones as [SoundPhone, SoundPhone, SoundPhone];
}

test('the stems of PCMU, G.722 and Opus add up to the mix, with relations, deafness, gains and levelling', async () => {
  await using house = new SoundHouse();
  const phones = await three(house);
  // Ben hears nothing, Cy does not hear Ann; both are in the recording as everybody is.
  const plain = { leg: 'ann', gains: [] };
  house.mix({ levels: true, listeners: [plain, { leg: 'cy', gains: [{ leg: 'ann', gain: 0 }] }] as never });
  const stems = record(house);
  const mixed = record(house, { stems: false });
  for (const [n, phone] of phones.entries()) phone.say(voice(phone, n, 12));
  pass(house, 8000, [stems.writing, mixed.writing]);
  const one = await read(house, stems);
  const other = await read(house, mixed);
  assert.equal(one.finished.rate, 48_000);
  assert.equal(one.stems.length, 3);
  for (const stem of one.stems)
    assert.ok(
      stem.some((sample) => sample > 500),
      'everybody is heard',
    );
  assert.ok(unlike(one.mix, one.stems) > 60, `${unlike(one.mix, one.stems)} dB`);
  assert.equal(other.finished.tracks.length, 1);
  assert.ok(unlike(other.mix.subarray(0, one.mix.length), one.stems) > 60, 'and to what the engine mixes');
  assert.deepEqual([one.finished.frames, stems.gaps, stems.ends.length], [400, [], 1]);
});

test('stems stay together after a pause, hold and rejoining, and a pause is cut out', async () => {
  await using house = new SoundHouse();
  const phones = await three(house);
  house.mix();
  const { writing, folder, gaps } = record(house);
  const talk = async (n: number, phone: SoundPhone): Promise<void> => {
    phone.say(voice(phone, n, 1));
    pass(house, 1500, [writing]);
  };
  for (const [n, phone] of phones.entries()) await talk(n, phone);
  const before = house.clock.epoch();
  writing.switch({ do: 'pause', at: before });
  for (const [n, phone] of phones.entries()) await talk(n, phone);
  writing.switch({ do: 'resume', at: house.clock.epoch() });
  // Ann holds: she is no speaker, sends nothing, and comes back.
  house.mix({ speakers: phones.slice(1) });
  phones[0].mute = true;
  pass(house, 700, [writing]);
  phones[0].mute = false;
  house.mix();
  for (const [n, phone] of phones.entries()) await talk(n, phone);
  // Ben hangs up and calls again, with another codec.
  await house.end(phones[1]);
  pass(house, 500, [writing]);
  const again = await house.phone('ben again', { codec: PCMU });
  house.mix();
  await talk(1, again);
  await talk(2, phones[2]);
  const { finished, mix, stems } = await read(house, { writing, folder });
  assert.equal(stems.length, 4);
  assert.ok(unlike(mix, stems) > 60, `${unlike(mix, stems)} dB`);
  // Everybody talks alone: where his stem is loud, the mix is the same sound at the same place.
  for (const [n, stem] of stems.entries()) {
    const alone = mix.map((sample, at) => (stems.every((other, m) => m === n || Math.abs(other[at]!) < 40) ? sample : 0));
    assert.deepEqual([lag(stem, alone), lag(alone, stem)], [0, 0], `stem ${n}`);
  }
  // 4.5 s, cut, 0.7 s of hold, 4.5 s, 0.5 s without Ben, 3 s.
  assert.ok(Math.abs(finished.frames - (4500 + 700 + 4500 + 500 + 3000) / 20) <= 1, `${finished.frames} frames`);
  assert.deepEqual(gaps, []);
  const { track, frame: rejoined } = finished.lines.filter((line) => line.do === 'track').at(-1)!;
  assert.equal(track, 4);
  assert.ok(Math.abs(rejoined - (4500 + 700 + 4500 + 500) / 20) <= 1, 'a stem begins when its leg came');
  const pause = finished.lines.find((line) => line.do === 'pause');
  assert.ok(pause?.do === 'pause');
  assert.deepEqual([pause.at, pause.frame], [before, 225]);
});

test('what was said before the room had a higher rate is brought to it without a click, and all files have that rate', async () => {
  await using house = new SoundHouse();
  const ann = await house.phone('ann');
  house.mix();
  const { writing, folder } = record(house);
  ann.say(
    Int16Array.from({ length: 8000 * 4 }, (_, n) => Math.round(4000 * Math.sin((2 * Math.PI * 500 * n) / 8000))),
    { loop: true },
  );
  pass(house, 2000, [writing]);
  await house.phone('ben', { codec: G722 });
  house.mix();
  pass(house, 2000, [writing]);
  const { finished, mix, stems } = await read(house, { writing, folder });
  assert.equal(finished.rate, 16_000);
  assert.deepEqual(
    finished.lines.flatMap((line) => (line.do === 'rate' ? [line.rate] : [])),
    [8000, 16_000],
  );
  assert.ok(unlike(mix, stems) > 60, `${unlike(mix, stems)} dB`);
  // A sine of that strength and frequency never goes further in one sample.
  const steepest = (4000 * 2 * Math.PI * 500) / 16_000;
  for (let n = 16_000; n < 3.8 * 16_000; n++) {
    assert.ok(Math.abs(stems[0]![n]! - stems[0]![n - 1]!) < 1.6 * steepest, `a click at ${n / 16_000} s`);
  }
});

test('an hour is as long as an hour, by a clock that ticks late and a telephone whose clock is wrong', async () => {
  await using house = new SoundHouse({ tickJitterMs: 6 });
  const ann = await house.phone('ann', { skewPpm: 200 });
  ann.mute = true;
  house.mix();
  pass(house, 1000, []);
  const started = house.clock.epoch();
  const { writing, folder } = record(house);
  for (let minute = 0; minute < 60; minute++) {
    ann.mute = false;
    ann.say(voice(ann, 1, 1));
    pass(house, 1000, [writing]);
    ann.mute = true;
    pass(house, 59_000, [writing]);
  }
  const { finished } = await read(house, { writing, folder });
  const hour = house.clock.epoch() - 200 - started;
  assert.equal(hour, 3_600_000);
  assert.ok(Math.abs(finished.frames - hour / 20) <= 1, `${finished.frames} frames`);
});

test('who reads too slowly loses sound, never length, and says how much', async () => {
  await using house = new SoundHouse();
  const ann = await house.phone('ann');
  house.mix();
  // Room for a second and a half.
  const { writing, folder, gaps } = record(house, {}, 32_768);
  ann.say(voice(ann, 1, 20));
  pass(house, 2000, [writing]);
  house.run(4000);
  writing.turn();
  pass(house, 2000, [writing]);
  const { finished, mix } = await read(house, { writing, folder });
  assert.equal(finished.frames, 400);
  assert.equal(gaps.length, 1);
  assert.ok(gaps[0]!.lostMs > 1500 && gaps[0]!.lostMs < 3500, `${gaps[0]!.lostMs} ms`);
  const gap = finished.lines.find((line) => line.do === 'gap')!;
  assert.deepEqual([gap.reason, gap.frames * 20], ['slow', gaps[0]!.lostMs]);
  assert.ok(mix.subarray(160 * (gap.frame + 1), 160 * (gap.frame + gap.frames - 1)).every((sample) => sample === 0));
  // Behind the gap every sound is where it belongs: as long after the start as it was said.
  const said = voice(ann, 1, 20).subarray(8000 * 6, 8000 * 8);
  assert.ok(Math.abs(delay(said, mix.subarray(8000 * 6, 8000 * 8), 800)) < 400);
});

test('the longest duration is kept to the frame', async () => {
  await using house = new SoundHouse();
  await house.phone('ann');
  house.mix();
  const { writing, folder, ends } = record(house, { maxSeconds: 2 });
  pass(house, 3000, [writing]);
  assert.deepEqual(
    ends.map(({ reason }) => reason),
    ['limit'],
  );
  assert.equal((await finish(folder))?.frames, 100);
});

test('a file plays at every moment while it is written, and lacks less than a second', async () => {
  await using house = new SoundHouse();
  const ann = await house.phone('ann');
  house.mix();
  const { writing, folder } = record(house);
  ann.say(voice(ann, 1, 20));
  for (let tenth = 1; tenth <= 60; tenth++) {
    pass(house, 100, [writing]);
    if (tenth < 8) continue;
    for (const name of ['mix.part-1.wav', 'stem-001.part-1.wav']) {
      const bytes = readFileSync(join(folder, name));
      const wav = readWav(bytes);
      assert.ok('samples' in wav);
      assert.equal(bytes.length, 80 + 2 * wav.samples.length, 'its head is right');
      const isMix = name.startsWith('mix');
      if (isMix) assert.ok(wav.samples.length / 8000 > tenth / 10 - 1, `${tenth}: ${wav.samples.length}`);
    }
  }
});
