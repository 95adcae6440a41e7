/**
 * What KAZOO's documents and sources say of media, users, devices and callflows, and what they do in a room, asked of the running server. Paragraphs are those
 * of the fact sheet; every expected value is its own, or that of the ruling that is named.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Json } from '../../src/base/index.ts';
import { eventually } from '../kit/house.ts';
import { INVALID, KazooServer, type Line, type as mistyped, NOT_ALLOWED, unknown, wrong } from '../kit/kazoo-facts.ts';
import { aRoom, emptied, party } from '../kit/party.ts';
import { TONES } from '../kit/sound.ts';
import { pcm16 } from '../kit/sound-files.ts';

let server: KazooServer;
let account: string;
before(async () => {
  server = await KazooServer.start();
  account = `/v2/accounts/${server.house.first.account_id}`;
});
after(() => server.close());

const missing = (path: string, key = path): Json => wrong(path, 'required', { message: 'Field is required but missing', value: key });
const none = (path: string, target: Json, value: Json): Json =>
  wrong(path, 'enum', { message: 'Value not found in enumerated list of values', target, value });
const short = (path: string, least: number, value: string): Json =>
  wrong(path, 'minLength', { message: `String must be at least ${least} characters`, target: least, cause: value, value });

test('§11.1 media: documents, types, languages, prompts, uploads', async () => {
  const media = `${account}/media`;
  const line = (says: string, data: Json, wrongly: Json): Line => ({
    facts: '§11.1',
    says,
    ask: ['PUT', media, { data }],
    ...INVALID,
    data: wrongly,
  });
  const types = ['audio/mp3', 'audio/mpeg', 'audio/mpeg3', 'audio/x-wav', 'audio/wav', 'audio/ogg'];
  await server.holds([
    line('name is required', {}, missing('name')),
    line('name 1..128', { name: '' }, short('name', 1, '')),
    line('sources', { name: 'x', media_source: 'tape' }, none('media_source', ['recording', 'upload', 'tts'], 'tape')),
    line(
      'length from 1',
      { name: 'x', content_length: 0 },
      {
        content_length: { minimum: { message: 'Value must be at least 1', target: 1, value: 0 } },
      },
    ),
    line('streamable', { name: 'x', streamable: 'perhaps' }, mistyped('streamable', 'boolean', 'perhaps')),
    ...types.map(
      (each): Line => ({
        facts: '§11.1',
        says: each,
        ask: ['PUT', media, { data: { name: 'x', content_type: each } }],
        status: 201,
        some: { content_type: each },
      }),
    ),
    { facts: '§11.1', says: 'no such type', ask: ['PUT', media, { data: { name: 'x', content_type: 'text/plain' } }], ...INVALID },
    { facts: '§11.1', says: 'no PATCH', ask: ['PATCH', `${media}/${'a'.repeat(32)}`, { data: {} }], ...NOT_ALLOWED },
    { facts: '§11.1', says: 'nobody’s', ask: ['GET', `${media}/${'a'.repeat(32)}`], ...unknown('a'.repeat(32)) },
  ]);
  const made = await server.ask('PUT', media, { data: { name: 'plain' } });
  const { id, ...document } = made.body.data;
  assert.deepEqual(document, { name: 'plain', media_source: 'upload', streamable: true, language: 'en-us' }, '§11.1 defaults');
  const list = await server.ask('GET', `${media}?filter_name=plain`);
  assert.deepEqual(list.body.data, [{ id, name: 'plain', media_type: '', media_source: 'upload', language: 'en-us', is_prompt: false }]);
  const empty = await server.raw('POST', `${media}/${id}/raw`, { headers: { 'content-type': 'audio/mpeg' } });
  assert.equal(empty.status, 400);
  assert.deepEqual(JSON.parse(empty.text).data, { file: { required: { message: 'Please provide an media file' } } });
  const spoken = await server.ask('PUT', media, { data: { name: 'says', media_source: 'tts', tts: { text: 'hello' } } });
  assert.equal(spoken.body.data.tts.voice, 'female/en-US');
});

test('§11.2 what play accepts is heard: an upload, the same by its path, tones, silence, a prompt; what is not there is 404', async () => {
  const { house } = server;
  const [mine, stream] = [TONES[4]!, TONES[5]!];
  const { body } = await house.kazoo('PUT', '/media', { name: 'tone' });
  const id: string = body.data.id;
  const samples = Array.from({ length: 8000 }, (_, n) => 0.2 * Math.sin((2 * Math.PI * mine * n) / 8000));
  const upload = await fetch(`${house.http}${account}/media/${id}/raw`, {
    method: 'POST',
    headers: { 'x-auth-token': server.token, 'content-type': 'audio/x-wav' },
    body: Buffer.from(pcm16(8000, samples)),
  });
  assert.equal(upload.status, 200);
  const room = await aRoom(house);
  const [ann] = await party(house, room.number, { names: ['Ann'] });
  const one = `${server.base}/${room.id}`;
  await eventually(async () => (await server.ask('GET', one)).body.data._read_only.members === 1, 'Ann is not in');
  const play = (media: string) => server.ask('PUT', one, { data: { action: 'play', data: { media_id: media } } });
  for (const [media, hz] of [
    [id, mine],
    [`tone_stream://v=-15;%(1200,0,${stream})`, stream],
    [`/${house.first.account_id}/${id}`, mine],
  ] as const) {
    const { status, body: answer } = await play(media);
    assert.deepEqual([status, answer.data], [201, 'ok'], media);
    await eventually(() => ann!.hears().includes(hz), `${media} is not heard`);
    await eventually(() => !ann!.hears().includes(hz), `${media} does not end`);
  }
  for (const media of ['silence_stream://500', 'prompt://system_media/conf-welcome/en-us', '/system_media/conf-muted']) {
    const { status, body: answer } = await play(media);
    assert.deepEqual([status, answer.data], [201, 'ok'], media);
  }
  await server.holds([
    {
      facts: 'ruling "play"',
      says: 'unknown media',
      ask: ['PUT', one, { data: { action: 'play', data: { media_id: 'f'.repeat(32) } } }],
      status: 404,
      message: 'bad_identifier',
    },
  ]);
  await ann!.hangUp();
  await emptied(house, room.id);
});

test('§12 users, devices, callflows: what is required, what may stand there, and what is shown', async () => {
  const [users, devices, callflows] = [`${account}/users`, `${account}/devices`, `${account}/callflows`];
  const user = { first_name: 'Ann', last_name: 'Lee' };
  const bad = (says: string, path: string, body: Json, data: Json): Line => ({
    facts: '§12',
    says,
    ask: ['PUT', path, { data: body }],
    ...INVALID,
    data,
  });
  await server.holds([
    bad('both names', users, {}, { ...(missing('first_name') as object), ...(missing('last_name') as object) } as Json),
    bad(
      'username',
      users,
      { ...user, username: 'a b' },
      wrong('username', 'pattern', {
        message: "Failed to match pattern '^[+@.\\w_-]+$'",
        target: '^[+@.\\w_-]+$',
        value: 'a b',
      }),
    ),
    bad('priv_level', users, { ...user, priv_level: 'king' }, none('priv_level', ['user', 'admin'], 'king')),
    bad('a device’s name', devices, {}, missing('name')),
    bad('sip.username from 2', devices, { name: 'd', sip: { username: 'x' } }, short('sip.username', 2, 'x')),
    bad('sip.password from 5', devices, { name: 'd', sip: { password: '1234' } }, short('sip.password', 5, '1234')),
    {
      facts: '§12',
      says: 'formats',
      ask: ['PUT', devices, { data: { name: 'd', sip: { invite_format: 'fax' } } }],
      ...INVALID,
      some: { 'sip.invite_format': { enum: { value: 'fax' } } },
    },
    bad(
      'conference ids of callflows',
      callflows,
      { numbers: ['6100'], flow: { module: 'conference', data: { id: 'short' } } },
      {
        'flow.data.id': { minLength: { message: 'String must be at least 32 characters', target: 32, cause: 'short', value: 'short' } },
      },
    ),
    {
      facts: '§12',
      says: 'monster-ui’s main conference',
      ask: ['PUT', callflows, { data: { numbers: ['6100'], type: 'conference', flow: { module: 'conference', data: {}, children: {} } } }],
      status: 201,
      some: { numbers: ['6100'], type: 'conference', flow: { module: 'conference', data: {}, children: {} } },
    },
  ]);
  const ann = await server.ask('PUT', users, {
    data: {
      ...user,
      username: 'ann@lee',
      password: 'secret1',
      email: 'ann@lee.test',
      caller_id: { internal: { name: 'Ann', number: '100' } },
    },
  });
  const { id: owner, ...shown } = ann.body.data;
  assert.deepEqual([shown.priv_level, shown.enabled, shown.password, shown.caller_id.internal.number], ['user', true, undefined, '100']);
  assert.equal(/secret1|md5|sha1/.test(JSON.stringify(ann.body)), false, '§12 hashes are never returned');
  const made = await server.ask('PUT', devices, {
    data: { name: 'Desk', owner_id: owner, do_not_disturb: { enabled: true }, sip: { username: 'desk12', password: 'secret2' } },
  });
  const { id: device, device_type, enabled, sip } = made.body.data;
  assert.deepEqual(
    [device_type, enabled, sip.method, sip.invite_format, sip.expire_seconds],
    ['sip_device', true, 'password', 'contact', 300],
  );
  const { body: list } = await server.ask('GET', `${devices}?filter_owner_id=${owner}`);
  assert.deepEqual(list.data, [
    { id: device, name: 'Desk', username: 'desk12', mac_address: '', owner_id: owner, enabled: true, device_type: 'sip_device', flags: [] },
  ]);
  // §10.2, §10.3: who does not want to be disturbed is nowhere, and so is whoever has nothing but that.
  const room = await aRoom(server.house);
  const dial = (endpoint: string): readonly [string, string, Json] => [
    'PUT',
    `${server.base}/${room.id}`,
    { action: 'dial', data: { endpoints: [endpoint], timeout: 2 } },
  ];
  const nobody = { minItems: { message: 'endpoints failed to resolve to route-able destinations', target: 1 } };
  await server.holds([
    {
      facts: '§10.3',
      says: 'a device that is not to be disturbed',
      ask: dial(device),
      ...INVALID,
      data: { 'data.endpoints': nobody, 'data.endpoints.1': { not_found: { message: `ID ${device} not found` } } },
    },
    {
      facts: '§10.3',
      says: 'a user without others',
      ask: dial(owner),
      ...INVALID,
      data: {
        'data.endpoints': nobody,
        'data.endpoints.1': { minItems: { message: `user ${owner} failed to resolve to route-able destinations`, target: 1 } },
      },
    },
  ]);
  const dead = [`/conferences/${room.id}/status`, `/conferences/${room.id}/pins`, '/conferences_servers', `/conferences/${room.id}/mute/1`];
  for (const path of dead) {
    const { status, body } = await server.ask('GET', `${account}${path}`);
    assert.deepEqual([status, body.message], [404, 'not_found'], `§12 ${path}`);
  }
});
