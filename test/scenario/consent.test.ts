/** Press 1 to agree to be recorded: who does not is heard by people, and is in no file; or has to leave, where the conference says so. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Guest } from '../kit/guest.ts';
import { all, hearingMatrix } from '../kit/hearing.ts';
import { eventually, type House, startHouse } from '../kit/house.ts';
import { goertzel } from '../kit/measure.ts';
import { aRoom, emptied, party } from '../kit/party.ts';
import { hearsPrompt } from '../kit/prompt-finder.ts';
import { TONES } from '../kit/sound.ts';
import { readWav } from '../kit/wav.ts';

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

const native = async (method: string, path: string, body?: object) =>
  house.fetch(method, `/api${path}`, {
    headers: { authorization: `Bearer ${house.first.access_key}` },
    ...(body === undefined ? {} : { body: JSON.parse(JSON.stringify(body)) }),
  });

interface File {
  readonly name: string;
  readonly kind: string;
  readonly url: string;
}

interface Attendee {
  readonly callerName: string;
  readonly stem?: string;
  readonly consent: {
    readonly state: string;
    readonly by?: string;
    readonly unrecorded: readonly { fromSample: number; toSample: number }[];
  };
}

/** How many tenths of a second of a file have each of these tones. */
async function tenths(folder: string, { name, url }: File, tones: readonly number[]): Promise<number[]> {
  const answer = await fetch(`${house.http}${url}`, { headers: { authorization: `Bearer ${house.first.access_key}` } });
  const path = join(folder, name.replaceAll('/', '_'));
  writeFileSync(path, Buffer.from(await answer.arrayBuffer()));
  const { rate, samples } = readWav(path);
  const piece = rate / 10;
  const pieces = Array.from({ length: Math.floor(samples.length / piece) }, (_, n) => samples.subarray(n * piece, (n + 1) * piece));
  return tones.map((hz) => pieces.filter((each) => goertzel(each, rate, hz) > 400).length);
}

/** What everybody said to being recorded is in the records of both dialects, and in the report. */
async function said(conference: string, recording: string, states: Readonly<Record<string, string>>): Promise<void> {
  const names = Object.keys(states);
  const cdrs = await eventually(async () => {
    const { items } = (await native('GET', `/cdrs?conference=${conference}`)).body;
    return items.length === names.length ? (items as { id: string; caller_name: string; consents: readonly object[] }[]) : undefined;
  }, 'there are no records of the calls');
  const wanted = Object.fromEntries(names.map((name) => [name, [{ recording, state: states[name] }]]));
  assert.deepEqual(Object.fromEntries(cdrs.map(({ caller_name, consents }) => [caller_name, consents])), wanted);
  for (const { id, caller_name } of cdrs) {
    const { body } = await house.kazoo('GET', `/cdrs/${id.replaceAll('-', '')}`);
    const [consent] = body.data._read_only.recording_consents;
    assert.deepEqual(consent, { recording_id: recording.replaceAll('-', ''), state: states[caller_name] });
  }
  const reports = (await native('GET', `/conferences/${conference}/reports`)).body;
  const report = (await native('GET', `/conferences/${conference}/reports/${(reports.items ?? reports)[0].instance}`)).body;
  const people: readonly { caller_name: string; consent: object | null }[] = report.participants;
  assert.deepEqual(
    Object.fromEntries(people.map(({ caller_name, consent }) => [caller_name, consent])),
    Object.fromEntries(names.map((name) => [name, { recording, state: states[name] }])),
  );
}

test('who presses 1 is in the recording from then on; who presses nothing is heard by all, and is in no file', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-consent-'));
  try {
    const room = await aRoom(house, { recording_consent: 'exclude', language: 'fr-fr' });
    const [ann, ben] = await party(house, room.number, { names: ['Ann', 'Ben'] });
    for (const each of [ann!, ben!]) each.rtp.send(false);
    const started = await native('POST', `/conferences/${room.id}/recordings`, { stems: true });
    const id: string = (started.body.recording ?? started.body).id;
    await hearsPrompt(ann!, 'conf-recording_consent', { language: 'fr-fr' });
    await hearsPrompt(ben!, 'conf-recording_consent', { language: 'fr-fr' });
    for (const each of [ann!, ben!]) each.rtp.send(true);
    await hearingMatrix([ann!, ben!], all([ann!, ben!]));
    ann!.rtp.send(false);
    ben!.rtp.send(false);
    await ann!.sendDigits('1', 'info');
    await hearsPrompt(ann!, 'conf-consent_given', { language: 'fr-fr' });
    for (const each of [ann!, ben!]) each.rtp.send(true);
    // Long enough to be found in the files.
    for (let times = 0; times < 3; times += 1) await hearingMatrix([ann!, ben!], all([ann!, ben!]));
    const live = (await native('GET', `/conferences/${room.id}`)).body.participants;
    assert.deepEqual(
      live.map((each: { consent: { state: string } }) => each.consent.state),
      ['given', 'asked'],
    );
    await native('POST', `/conferences/${room.id}/recordings/${id}/stop`);
    const recorded = await eventually(
      async () => {
        const { body } = await native('GET', `/recordings/${id}`);
        return body.state === 'stored' ? body : undefined;
      },
      'the recording was never stored',
      30_000,
    );
    const files: readonly File[] = recorded.files;
    const tones = [TONES[0]!, TONES[1]!];
    const [annInMix, benInMix] = await tenths(folder, files.find(({ kind }) => kind === 'mix')!, tones);
    assert.ok(annInMix! >= 5, `Ann is in the mix: ${annInMix}`);
    assert.equal(benInMix, 0, 'Ben is not in the mix');
    for (const file of files.filter(({ kind }) => kind === 'stem')) {
      assert.equal((await tenths(folder, file, tones))[1], 0, `Ben is not in ${file.name}`);
    }
    const people: readonly Attendee[] = recorded.manifest.participants;
    const samples: number = recorded.manifest.samples;
    assert.deepEqual(
      people.map(({ callerName, consent }) => [callerName, consent.state, consent.by, consent.unrecorded.length]),
      [
        ['Ann', 'given', 'keys', 1],
        ['Ben', 'asked', undefined, 1],
      ],
    );
    const [annOut, benOut] = people.map(({ consent }) => consent.unrecorded[0]!);
    assert.deepEqual([annOut!.fromSample, benOut!.fromSample], [0, 0]);
    assert.ok(annOut!.toSample > 0 && annOut!.toSample < samples, 'she was out until she pressed');
    assert.ok(Math.abs(benOut!.toSample - samples) < samples / 50, 'and he all the time');
    for (const each of [ann!, ben!]) await each.hangUp();
    await emptied(house, room.id);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('where who does not agree has to leave: he presses 2, or nothing, and is sent away', { timeout: 60_000 }, async () => {
  const room = await aRoom(house, { recording_consent: 'leave', recording_consent_seconds: 12 });
  const [ann, ben, cyd] = await party(house, room.number, { names: ['Ann', 'Ben', 'Cyd'] });
  for (const each of [ann!, ben!, cyd!]) each.rtp.send(false);
  const started = await native('POST', `/conferences/${room.id}/recordings`, {});
  const recording: string = (started.body.recording ?? started.body).id;
  await hearsPrompt(ben!, 'conf-recording_consent_leave');
  const kazoo = await house.kazoo('GET', `/conferences/${room.id}/participants`);
  assert.deepEqual(
    kazoo.body.data.map((each: { recording_consent: string }) => each.recording_consent),
    ['asked', 'asked', 'asked'],
  );
  await ann!.sendDigits('1', 'info');
  await ben!.sendDigits('2', 'info');
  await ben!.ended();
  await cyd!.ended(20_000);
  const { participants } = (await native('GET', `/conferences/${room.id}`)).body;
  assert.deepEqual(
    participants.map((each: { caller_name: string; consent: { state: string } }) => [each.caller_name, each.consent.state]),
    [['Ann', 'given']],
  );
  await ann!.hangUp();
  await emptied(house, room.id);
  await said(room.id, recording, { Ann: 'given', Ben: 'refused', Cyd: 'refused' });
});

test('what somebody said stays in the record of his call when the server is killed under it', { timeout: 60_000 }, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-consent-'));
  const usual = house;
  house = await startHouse({ dataDir });
  try {
    const room = await aRoom(house, { recording_consent: 'exclude' });
    const [ann, ben] = await party(house, room.number, { names: ['Ann', 'Ben'] });
    const started = await native('POST', `/conferences/${room.id}/recordings`, {});
    await ann!.sendDigits('1', 'info');
    await eventually(async () => {
      const { participants } = (await native('GET', `/conferences/${room.id}`)).body;
      return participants[0].consent?.state === 'given' && participants[1].consent?.state === 'asked';
    }, 'nobody is asked');
    await house.kill();
    for (const each of [ann!, ben!]) each.vanish();
    await house.close();
    house = await startHouse({ dataDir });
    await said(room.id, (started.body.recording ?? started.body).id, { Ann: 'given', Ben: 'asked' });
  } finally {
    await house.close();
    house = usual;
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test('a guest in a browser is asked by his page too, and answers there; who refuses has to leave and is told why', {
  timeout: 60_000,
}, async () => {
  const room = await aRoom(house, { recording_consent: 'leave' });
  const { body } = await native('POST', `/conferences/${room.id}/invitations`, { name: 'Guest' });
  const code: string = body.link.split('/').at(-1);
  await using cleo = await Guest.open({ server: house.http, code, name: 'Cleo', hz: TONES[2]! });
  await using dan = await Guest.open({ server: house.http, code, name: 'Dan', hz: TONES[3]! });
  for (const each of [cleo, dan]) await each.hear('joined');
  assert.equal(cleo.last('self').consent, undefined, 'nothing is recorded');
  await native('POST', `/conferences/${room.id}/recordings`, {});
  for (const each of [cleo, dan]) await each.hear('self', (self) => self.consent === 'asked');
  cleo.say({ type: 'key', key: '1' });
  await cleo.hear('self', (self) => self.consent === 'given');
  dan.say({ type: 'key', key: '2' });
  await dan.hear('ended', ({ cause }) => cause === 'no-consent');
  const { participants } = (await native('GET', `/conferences/${room.id}`)).body;
  assert.deepEqual(
    participants.map((each: { caller_name: string }) => each.caller_name),
    ['Cleo'],
  );
  cleo.say({ type: 'leave' });
  await emptied(house, room.id);
});
