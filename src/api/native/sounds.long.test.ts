import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHouse } from '../../../test/kit/api-house.ts';
import { dashed } from '../../base/index.ts';
import type { ConferenceId } from '../../conference/index.ts';

const ID = 'c'.repeat(32);

const open = async ({ people = 2 } = {}) => {
  const house = await openHouse();
  const { conferences, server, accessKey } = house;
  const actor = { account: house.account as never, kind: 'api' as const };
  const conference = ID as ConferenceId;
  await conferences.execute('conference.create', { id: conference, document: { member: { join_muted: false } } }, actor);
  for (let n = 1; n <= people; n += 1) await house.join(ID, { id: `call-${n}`, name: `Caller ${n}` });
  const ask = async (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => {
    const headers = { authorization: `Bearer ${accessKey}` };
    const url = `/api/conferences/${dashed(ID)}${path}`;
    const answer = await server.inject({ method, url, headers, ...(body === undefined ? {} : { payload: body }) });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json(), headers: answer.headers };
  };
  return { ...house, ask, actor, conference };
};

test('a recording is started, paused, resumed and stopped; starting twice shows the one that runs', async () => {
  const { ask } = await open();
  const made = await ask('POST', '/recordings', { name: 'Board', stems: true, format: 'ogg', max_seconds: 60 });
  const { id, started_at, ...rest } = made.body;
  assert.equal(made.status, 201);
  assert.match(started_at, /Z$/);
  assert.deepEqual(rest, { name: 'Board', state: 'running', stems: true, format: 'ogg', max_seconds: 60, silence: false });
  const again = await ask('POST', '/recordings');
  assert.deepEqual([again.status, again.body], [200, made.body]);
  assert.equal((await ask('POST', `/recordings/${id}/pause`)).body.recording.state, 'paused');
  assert.equal((await ask('GET', '')).body.recording.state, 'paused');
  assert.equal((await ask('GET', '/state')).body.recording.state, 'paused', 'the past knows it too');
  assert.equal((await ask('POST', `/recordings/${id}/resume`)).body.recording.state, 'running');
  assert.equal((await ask('POST', `/recordings/${id}/stop`)).body.recording, null);
  const gone = await ask('POST', `/recordings/${id}/stop`);
  assert.deepEqual([gone.status, gone.body.code], [404, 'recording_not_found']);
  const { items } = (await ask('GET', '/facts')).body;
  const types = items.map((each: { type: string }) => each.type).filter((each: string) => each.startsWith('recording'));
  assert.deepEqual(types, ['recording.started', 'recording.paused', 'recording.resumed', 'recording.stopped']);
  assert.deepEqual(items.at(-1).recording, { id });
  assert.equal(items.at(-1).reason, 'asked');
});

test('sounds and texts are played to all or to one, wait for each other, and are stopped one by one or all', async () => {
  const { ask } = await open();
  const sources = ['tone_stream://%(100,0,440)', { say: 'hello', language: 'en-GB' }];
  const first = await ask('POST', '/plays', { sources, loops: 0, duck: 0.5 });
  assert.equal(first.status, 201);
  const { id, started_at: began, ...rest } = first.body;
  assert.match(began, /Z$/);
  assert.deepEqual(rest, { sources, to: 'all', loops: 0, duck: 0.5 });
  assert.equal(first.headers['location'], `/api/conferences/${dashed(ID)}/plays/${id}`);
  const second = await ask('POST', '/plays', { sources: ['a'] });
  assert.equal(second.body.started_at, null, 'it waits');
  const private_ = await ask('POST', '/plays', { sources: ['b'], to: 2 });
  assert.match(private_.body.to, /^[0-9a-f]{8}-/);
  assert.deepEqual(
    (await ask('GET', '/plays')).body.items.map((each: { id: string }) => each.id),
    // All were asked for within one millisecond.
    [id, second.body.id, private_.body.id].sort(),
  );
  assert.equal((await ask('DELETE', `/plays/${id}`)).status, 204);
  const { playing } = (await ask('GET', '')).body;
  assert.match(playing[0].started_at, /Z$/, 'the next one plays');
  for (const absent of [id, 'all', 'current']) assert.equal((await ask('DELETE', `/plays/${absent}`)).status, 404, absent);
  assert.equal((await ask('DELETE', '/plays')).status, 204);
  assert.deepEqual((await ask('GET', '/plays')).body, { items: [], next_cursor: null });
});

test('what makes no sense is refused before anything happens', async () => {
  const { ask } = await open();
  const bad: [string, object, number, string][] = [
    ['/plays', {}, 400, 'invalid'],
    ['/plays', { sources: [] }, 400, 'invalid'],
    ['/plays', { sources: [''] }, 400, 'invalid'],
    ['/plays', { sources: [{ say: '  ' }] }, 400, 'nothing_to_play'],
    ['/plays', { sources: ['a'], loops: 1.5 }, 400, 'invalid'],
    ['/plays', { sources: ['a'], duck: 0 }, 400, 'invalid'],
    ['/plays', { sources: ['a'], to: 9 }, 404, 'participant_not_found'],
    ['/plays', { sources: ['a'], to: 'nobody' }, 404, 'participant_not_found'],
    ['/plays', { sources: ['unknown'] }, 404, 'media_not_found'],
    ['/recordings', { max_seconds: 0 }, 400, 'invalid'],
    ['/recordings', { max_seconds: 10_000_000 }, 400, 'bad_duration'],
    ['/recordings', { format: 'mp3' }, 400, 'invalid'],
    ['/transcriptions', { language: 'tlh' }, 400, 'language_unknown'],
  ];
  for (const [path, wish, status, code] of bad) {
    const answer = await ask('POST', path, wish);
    assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify([path, wish]));
  }
  const { recording, playing, transcription } = (await ask('GET', '')).body;
  assert.deepEqual([recording, playing, transcription], [null, [], null]);
});

test('where nobody is, nothing can be recorded, played or written down', async () => {
  const { ask } = await open({ people: 0 });
  for (const [path, wish] of [
    ['/recordings', {}],
    ['/plays', { sources: ['a'] }],
    ['/transcriptions', {}],
  ] as const) {
    const { status, body } = await ask('POST', path, wish);
    assert.deepEqual([status, body.code], [409, 'nobody_there'], path);
  }
});

test('what is said is listed with who said it, page by page, also after the transcription was stopped', async () => {
  const { ask, conferences, actor, conference, account } = await open();
  const { status, body } = await ask('POST', '/transcriptions');
  assert.deepEqual([status, body.language], [201, 'en-US'], 'the provider says which language it is');
  const started = await conferences.execute('conference.read', { conference }, actor);
  const { transcription, participants } = started.conference.room!;
  const add = (n: number, text: string) =>
    conferences.execute(
      'transcript.add',
      { conference, transcription: transcription!.id, participant: participants[n]!.id, text, language: 'en-US', from: 1000, to: 2000 },
      { account: account as never, kind: 'system' },
    );
  await add(0, 'one two');
  assert.equal((await ask('POST', `/transcriptions/${body.id}/stop`)).body.transcription, null);
  await add(1, ' three ');
  await add(1, '  ');
  const page = (await ask('GET', '/transcripts?limit=1')).body;
  const { sequence, ...said } = page.items[0];
  const times = { from: '1970-01-01T00:00:01.000Z', to: '1970-01-01T00:00:02.000Z' };
  assert.deepEqual(said, {
    transcription: body.id,
    participant: dashed(participants[0]!.id),
    caller_name: 'Caller 1',
    text: 'one two',
    language: 'en-US',
    ...times,
  });
  assert.equal(page.next_after, sequence);
  const rest = (await ask('GET', `/transcripts?after=${page.next_after}`)).body;
  assert.deepEqual((await ask('GET', `/transcripts?cursor=${page.next_cursor}`)).body, rest);
  assert.deepEqual(
    rest.items.map((each: { text: string }) => each.text),
    ['three'],
  );
  assert.equal(rest.next_after, null);
});
