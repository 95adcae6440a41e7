import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Json } from '../../src/base/index.ts';
import { all, hearingMatrix } from '../kit/hearing.ts';
import { type Answer, eventually, type House, startHouse } from '../kit/house.ts';
import { aRoom, emptied, party } from '../kit/party.ts';

let house: House;
let web: Server;
let url = '';
before(async () => {
  house = await startHouse({ env: { PARLEY_FETCH_ALLOW: 'loopback' } });
  web = createServer((request, response) => {
    if (request.url?.startsWith('/to/')) response.writeHead(302, { location: decodeURIComponent(request.url.slice(4)) }).end();
    else if (request.url === '/endless') {
      response.writeHead(200, { 'content-type': 'audio/wav' });
      const piece = Buffer.alloc(1 << 20);
      const more = (): void => {
        if (!response.destroyed) response.write(piece, () => setImmediate(more));
      };
      more();
    } else if (request.url === '/text') response.writeHead(200).end('this is no sound');
    // Whatever else is asked is never answered.
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
});
after(async () => {
  web.closeAllConnections();
  web.close();
  await house.close();
});

const ask = (method: string, path: string, data?: Json): Promise<Answer> => house.kazoo(method, path, data, { any: true });

test('URLs that must not or cannot be played: a clear error in time, and the room goes on', { timeout: 120_000 }, async () => {
  const room = await aRoom(house);
  const phones = await party(house, room.number, { names: ['Ann', 'Ben'] });
  await hearingMatrix(phones, all(phones));
  const play = (media: string) => ask('PUT', `/conferences/${room.id}`, { action: 'play', data: { media_id: media } });
  const refused = [
    'http://10.0.0.1/x.wav',
    'http://172.16.0.1/x.wav',
    'http://192.168.0.1/x.wav',
    'http://169.254.169.254/latest/meta-data',
    'http://[fe80::1]/x.wav',
    'http://[fd00::1]/x.wav',
    'http://[::ffff:10.0.0.1]/x.wav',
    'http://0xa000001/x.wav',
    'http://167772161/x.wav',
    'file:///etc/passwd',
    'ftp://example.com/x.wav',
    'http://user:secret@127.0.0.1/x.wav',
  ];
  for (const media of refused) {
    const began = performance.now();
    const { status, body } = await play(media);
    assert.ok(status === 400 || status === 404, `${media}: ${status} ${JSON.stringify(body)}`);
    assert.equal(body.status, 'error');
    assert.ok(performance.now() - began < 5000, media);
  }
  const headers = { authorization: `Bearer ${house.first.access_key}` };
  const ends = async (): Promise<{ reason: string; words?: string }[]> => {
    const { body } = await house.fetch('GET', `/api/conferences/${room.id}/facts`, { headers });
    const facts: { type: string; reason: string; words?: string }[] = body.facts ?? body.items ?? body.data;
    return facts.filter(({ type }) => type === 'play.ended');
  };
  const later = [
    '/to/http%3A%2F%2F10.0.0.1%2Fx.wav',
    '/to/http%3A%2F%2F169.254.169.254%2F',
    '/to/file%3A%2F%2F%2Fetc%2Fpasswd',
    '/text',
    '/endless',
    '/silent',
  ];
  for (const [index, path] of later.entries()) {
    const began = performance.now();
    assert.equal((await play(`${url}${path}`)).status, 201, path);
    const told = await eventually(async () => (await ends())[index], `${path} never ended`, 45_000);
    assert.equal(told.reason, 'failed', path);
    assert.ok((told.words ?? '') !== '', `${path}: words`);
    assert.ok(performance.now() - began < 45_000, path);
  }
  await hearingMatrix(phones, all(phones));
  for (const each of phones) await each.hangUp();
  await emptied(house, room.id);
});

const NASTY = [
  "'; DROP TABLE conferences; --",
  'a\r\nset-cookie: x=1\r\n\r\n<html>',
  '" or 1=1',
  '\u0000null',
  '\u202eevil',
  '{{7*7}}',
  '../../etc',
];

test('SQL, CRLF and the like in every text of a conference are kept as they are, and mean nothing', async () => {
  const texts = [
    'name',
    'max_members_media',
    'language',
    'profile_name',
    'caller_controls',
    'moderator_controls',
    'domain',
    'bridge_username',
    'bridge_password',
    'own_key',
  ];
  for (const nasty of NASTY) {
    const document = Object.fromEntries(texts.map((key) => [key, nasty]));
    const made = await ask('PUT', '/conferences', { ...document, flags: [nasty], [nasty]: nasty });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const { body } = await ask('GET', `/conferences/${made.body.data.id}`);
    for (const key of [...texts, nasty]) assert.equal(body.data[key], nasty, key);
    assert.deepEqual(body.data.flags, [nasty]);
    assert.equal((await ask('PUT', '/conferences', { conference_numbers: [nasty] })).status, 400);
    assert.equal((await ask('PUT', '/conferences', { owner_id: nasty })).status, 400);
    assert.equal((await ask('PUT', '/conferences', { id: nasty })).status, 400);
    for (const path of [
      `/conferences/${encodeURIComponent(nasty)}`,
      `/conferences/${made.body.data.id}/participants/${encodeURIComponent(nasty)}`,
    ]) {
      const answer = await ask('PUT', path, { action: 'mute' });
      assert.equal(answer.status, 404, `${path} ${JSON.stringify(answer.body)}`);
    }
    const listed = await ask('GET', `/conferences?filter_name=${encodeURIComponent(nasty)}&has_key=${encodeURIComponent(nasty)}`);
    assert.deepEqual(
      listed.body.data.map(({ id }: { id: string }) => id),
      [made.body.data.id],
    );
  }
  assert.ok((await ask('GET', '/conferences?paginate=false')).body.data.length >= NASTY.length);
});

test('ids of other types, and keys of pages that nobody gave', async () => {
  const room = await aRoom(house);
  const { body: user } = await ask('PUT', '/users', { first_name: 'Ann', last_name: 'Other' });
  for (const path of ['/conferences', '/devices', '/callflows', '/media', '/recordings', '/channels']) {
    assert.equal((await ask('GET', `${path}/${user.data.id}`)).status, 404, path);
  }
  assert.equal((await ask('GET', `/users/${room.id}`)).status, 404);
  const keys = ['', '!', 'a'.repeat(10_000), '%00', Buffer.from('k:\u0000').toString('base64url'), '9'.repeat(400), '-1', 'null'];
  const sizes = ['1000000', '999999999999999999999', '1'];
  for (const key of keys) {
    for (const size of sizes) {
      const began = performance.now();
      const { status, body } = await ask('GET', `/conferences?page_size=${size}&start_key=${encodeURIComponent(key)}`);
      assert.ok(status === 200 || status === 400 || status === 404, `${size} ${key.slice(0, 20)}: ${status}`);
      if (status === 200) assert.ok(body.data.length <= 1 || size !== '1');
      assert.ok(performance.now() - began < 2000);
    }
  }
  for (const size of ['0', '-5', '1e9', 'x', '1.5', ' ']) {
    assert.equal((await ask('GET', `/conferences?page_size=${encodeURIComponent(size)}`)).body.message, 'faulty_request', size);
  }
  for (const participant of ['1000000', '999999999999999999999', '-1', '1.5', '0x1', 'NaN']) {
    assert.equal((await ask('PUT', `/conferences/${room.id}/participants/${participant}`, { action: 'kick' })).status, 404, participant);
  }
  assert.equal((await ask('GET', `/conferences/${room.id}`)).status, 200, 'the server goes on');
});

test('a room that nobody configured is steered like any other: bulk acts spare moderators, kick spares nobody, a lock keeps out', async () => {
  const [ann, ben, mod] = [
    await house.phone({ user: 'ann', tone: 400 }),
    await house.phone({ user: 'ben', tone: 530 }),
    await house.phone({ user: 'mod', tone: 660 }),
  ];
  const quiet = { play_entry_tone: false, play_exit_tone: false, recording_notice: false };
  const dial = (endpoint: string, more: Record<string, Json> = {}) =>
    house.kazoo('PUT', '/conferences/stand-up', { action: 'dial', data: { data: { endpoints: [endpoint], ...quiet, ...more } } });
  await dial(`sip:ann@${ann.address}`);
  await dial(`sip:ben@${ben.address}`);
  await dial(`sip:mod@${mod.address}`, { participant_flags: ['is_moderator'] });
  const phones = [ann, ben, mod];
  await hearingMatrix(phones, all(phones));
  await house.act('stand-up/participants', 'mute');
  await hearingMatrix(phones, { ann: ['mod'], ben: ['mod'] });
  await house.act('stand-up/participants', 'unmute');
  await house.act('stand-up/participants', 'deaf');
  await hearingMatrix(phones, { mod: ['ann', 'ben'] });
  await house.act('stand-up/participants', 'undeaf');
  await hearingMatrix(phones, all(phones));
  await house.act('stand-up', 'lock');
  const late = await house.phone({ user: 'late' });
  // He is told so by a voice, and hung up.
  await late.call('stand-up');
  await late.ended();
  await hearingMatrix(phones, all(phones));
  await house.act('stand-up', 'unlock');
  const gone = phones.map((each) => each.ended());
  await house.act('stand-up/participants', 'kick');
  await Promise.all(gone);
  await eventually(async () => (await ask('GET', '/conferences/stand-up')).status === 404, 'the room is still there');
});
