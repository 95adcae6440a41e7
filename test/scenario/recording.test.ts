import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { all, hearingMatrix } from '../kit/hearing.ts';
import { eventually, type House, startHouse } from '../kit/house.ts';
import { goertzel } from '../kit/measure.ts';
import { aRoom, numberOf, party } from '../kit/party.ts';
import { readWav, type Sound } from '../kit/wav.ts';

interface File {
  readonly name: string;
  readonly kind: string;
  readonly participant: string | null;
  readonly offset_samples: number;
  readonly sha256: string;
  readonly url: string;
}

interface Recorded {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly repaired: boolean;
  readonly seconds: number;
  readonly rate: number;
  readonly files: readonly File[];
  readonly manifest: {
    readonly recording: string;
    readonly participants: readonly {
      readonly callerName: string;
      readonly callerNumber: string;
      readonly stem: string;
      readonly muted: readonly { readonly fromSample: number; readonly toSample: number; readonly reasons: readonly string[] }[];
    }[];
    readonly pauses: readonly { readonly atSample: number; readonly from: number; readonly to: number }[];
    readonly chain: { readonly end: string };
  };
}

const key = (house: House) => ({ authorization: `Bearer ${house.first.access_key}` });

const api = (house: House, method: string, path: string, body?: { readonly [name: string]: string | boolean | number }) =>
  house.fetch(method, `/api${path}`, { headers: key(house), ...(body === undefined ? {} : { body }) });

/** The recording once it is kept for good. */
const kept = (house: House, id: string): Promise<Recorded> =>
  eventually(
    async () => {
      const { body } = await api(house, 'GET', `/recordings/${id}`);
      return body.state === 'stored' ? (body as Recorded) : undefined;
    },
    'the recording was never stored',
    30_000,
  );

/** The bytes of a file. */
async function bytesOf(house: House, { url }: File, range?: string): Promise<{ status: number; bytes: Buffer }> {
  const answer = await fetch(`${house.http}${url}`, { headers: { ...key(house), ...(range === undefined ? {} : { range }) } });
  return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
}

/** A file of sound, read as any player reads it. */
async function soundOf(house: House, file: File, folder: string): Promise<Sound> {
  const { bytes } = await bytesOf(house, file);
  assert.equal(createHash('sha256').update(bytes).digest('hex'), file.sha256);
  const path = join(folder, file.name.replaceAll('/', '_'));
  writeFileSync(path, bytes);
  return readWav(path);
}

/** The tones among these that are in most of a sound's pieces of 100 ms. */
function tonesIn({ rate, samples }: Sound, tones: readonly number[]): number[] {
  const piece = rate / 10;
  const pieces = Array.from({ length: Math.floor(samples.length / piece) }, (_, n) => samples.subarray(n * piece, (n + 1) * piece));
  return tones.filter((hz) => pieces.filter((each) => goertzel(each, rate, hz) > 400).length > pieces.length / 3);
}

/** How far the sum of the stems is from the mix, dB below the mix. */
function residue(mix: Sound, stems: readonly { readonly sound: Sound; readonly offset: number }[]): number {
  let [error, power] = [0, 0];
  for (let i = 0; i < mix.samples.length; i++) {
    const sum = stems.reduce((total, { sound, offset }) => total + (sound.samples[i - offset] ?? 0), 0);
    error += (mix.samples[i]! - sum) ** 2;
    power += mix.samples[i]! ** 2;
  }
  return 10 * Math.log10(error / power);
}

test('a meeting is recorded with a track for each: who was muted, paused or gone, and the sum of all is the mix', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-recorded-'));
  await using house = await startHouse();
  try {
    const room = await aRoom(house);
    const names = ['Ann', 'Ben', 'Cyd'];
    const phones = await party(house, room.number, { names, each: { Ben: { codec: 'PCMA' } } });
    await hearingMatrix(phones, all(phones));
    const started = await api(house, 'POST', `/conferences/${room.id}/recordings`, { name: 'Board', stems: true });
    assert.equal(started.status, 201, JSON.stringify(started.body));
    const { id } = started.body.recording ?? started.body;
    await hearingMatrix(phones, all(phones));
    const ben = await numberOf(house, room.id, 'Ben');
    await house.act(`${room.id}/participants/${ben}`, 'mute');
    await hearingMatrix(phones, { Ann: ['Cyd'], Ben: ['Ann', 'Cyd'], Cyd: ['Ann'] });
    await house.act(`${room.id}/participants/${ben}`, 'unmute');
    await hearingMatrix(phones, all(phones));
    assert.equal((await api(house, 'POST', `/conferences/${room.id}/recordings/${id}/pause`)).status, 200);
    await phones[2]!.hangUp();
    assert.equal((await api(house, 'POST', `/conferences/${room.id}/recordings/${id}/resume`)).status, 200);
    await hearingMatrix(phones.slice(0, 2), all(phones.slice(0, 2)));
    // KAZOO ends what our own API began.
    await house.act(room.id, 'record', { action: 'stop' });
    const recorded = await kept(house, id);
    assert.equal(recorded.reason, 'asked');
    assert.equal(recorded.manifest.pauses.length, 1);

    const mixes = recorded.files.filter(({ kind }) => kind === 'mix');
    assert.equal(mixes.length, 1);
    const mix = await soundOf(house, mixes[0]!, folder);
    assert.ok(Math.abs(mix.samples.length / mix.rate - recorded.seconds) < 0.02);
    const stems = [];
    for (const [n, name] of names.entries()) {
      const person = recorded.manifest.participants.find((each) => each.callerName === name || each.callerNumber === name)!;
      const file = recorded.files.find((each) => each.name === person.stem)!;
      const sound = await soundOf(house, file, folder);
      assert.deepEqual(
        tonesIn(
          sound,
          phones.map(({ tone }) => tone),
        ),
        [phones[n]!.tone],
        `the track of ${name}`,
      );
      stems.push({ sound, offset: file.offset_samples });
      assert.deepEqual(
        person.muted.map(({ reasons }) => reasons.join()),
        name === 'Ben' ? ['moderator'] : [],
      );
    }
    assert.deepEqual(
      tonesIn(
        mix,
        phones.map(({ tone }) => tone),
      ),
      phones.map(({ tone }) => tone),
    );
    assert.ok(residue(mix, stems) < -60, `${residue(mix, stems).toFixed(1)} dB`);

    // Both dialects show it; a part of it can be had.
    const listed = await house.kazoo('GET', '/recordings');
    assert.equal(listed.body.data.length, 1);
    const part = await bytesOf(house, mixes[0]!, 'bytes=0-43');
    assert.deepEqual([part.status, part.bytes.subarray(0, 4).toString()], [206, 'RIFF']);
    let chain = createHash('sha256').update(`parley recording ${recorded.manifest.recording}\n`).digest('hex');
    for (const { name, sha256, kind } of recorded.files) {
      if (kind === 'mix' || kind === 'stem') chain = createHash('sha256').update(`${chain}\n${name}\n${sha256}\n`).digest('hex');
    }
    assert.equal(chain, recorded.manifest.chain.end);
    // Nobody else's token fetches it.
    assert.equal((await fetch(`${house.http}${mixes[0]!.url}`)).status, 401);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a server that dies while it records: after the next start every file plays and lacks at most the last second', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-recorded-'));
  await using house = await startHouse();
  try {
    const room = await aRoom(house);
    const phones = await party(house, room.number, { names: ['Ann', 'Ben'] });
    await hearingMatrix(phones, all(phones));
    const { body } = await api(house, 'POST', `/conferences/${room.id}/recordings`, { stems: true });
    const { id } = body.recording ?? body;
    const begun = performance.now();
    const dir = join(house.dataDir, 'recordings', house.first.account_id);
    await eventually(() => existsSync(dir) && readdirSync(dir).length > 0, 'nothing is written');
    await hearingMatrix(phones, all(phones));
    await new Promise((wake) => setTimeout(wake, Math.max(0, 3000 - (performance.now() - begun))));
    const heardMs = performance.now() - begun;
    await house.kill();
    await house.start();
    const recorded = await kept(house, id);
    assert.deepEqual([recorded.reason, recorded.repaired], ['restart', true]);
    assert.ok(recorded.seconds > heardMs / 1000 - 1, `${recorded.seconds} s of ${heardMs} ms`);
    for (const file of recorded.files.filter(({ kind }) => kind === 'mix' || kind === 'stem')) {
      const sound = await soundOf(house, file, folder);
      const expected = file.kind === 'mix' ? 2 : 1;
      assert.equal(
        tonesIn(
          sound,
          phones.map(({ tone }) => tone),
        ).length,
        expected,
        file.name,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
