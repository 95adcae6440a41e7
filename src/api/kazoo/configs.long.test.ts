import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHouse } from '../../../test/kit/api-house.ts';
import type { Json, JsonObject } from '../../base/index.ts';

async function aHouse() {
  const house = await openHouse();
  const at = async (method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE', data?: Json, config = 'conferences') => {
    const answer = await house.server.inject({
      method,
      url: `/v2/accounts/${house.account}/configs/${config}`,
      headers: { 'x-auth-token': house.token },
      ...(data === undefined ? {} : { payload: JSON.stringify({ data }) }),
    });
    return { status: answer.statusCode, data: answer.json().data as JsonObject };
  };
  return { house, at };
}

test('an account’s configuration of conferences is made, read, changed and removed', async () => {
  const { at } = await aHouse();
  assert.deepEqual(await at('GET'), { status: 200, data: { id: 'conferences' } });
  const profiles = { default: { 'alone-sound': '', 'energy-level': 30 }, 'de-de': { quiet: { 'moh-sound': '' } } };
  const controls = { default: [{ digits: '1', action: 'mute' }] };
  const made = await at('PUT', { profiles, controls, pin_timeout: 3000 });
  assert.deepEqual(made, { status: 201, data: { profiles, controls, pin_timeout: 3000, id: 'conferences' } });
  const patched = await at('PATCH', { profiles: { default: { 'energy-level': null } }, entry_tone: 'tone_stream://%(100,0,500)' });
  assert.equal(patched.status, 200);
  assert.deepEqual(patched.data['profiles'], { ...profiles, default: { 'alone-sound': '' } });
  assert.deepEqual((await at('GET')).data, patched.data);
  assert.deepEqual((await at('POST', { pin_timeout: 4000 })).data, { pin_timeout: 4000, id: 'conferences' });
  assert.equal((await at('DELETE')).status, 200);
  assert.deepEqual((await at('GET')).data, { id: 'conferences' });
  assert.equal((await at('GET', undefined, 'callflow')).status, 404, 'there is no other');
});

test('what could never act is refused where it is, and nothing is kept', async () => {
  const { at } = await aHouse();
  const wrong: readonly (readonly [string, JsonObject])[] = [
    ['controls.default.0.action', { controls: { default: [{ digits: '1', action: 'dance' }] } }],
    [
      'controls.page.1.digits',
      {
        controls: {
          page: [
            { digits: '1', action: 'mute' },
            { digits: 'x', action: 'mute' },
          ],
        },
      },
    ],
    ['pin_timeout', { pin_timeout: -1 }],
    ['support_name_announcement', { support_name_announcement: 'perhaps' }],
    ['entry_tone', { entry_tone: 'tone_stream://nonsense' }],
    ['profiles.default.rate', { profiles: { default: { rate: 7999 } } }],
    ['profiles.fr-fr.default.energy-level', { profiles: { 'fr-fr': { default: { 'energy-level': 9000 } } } }],
    ['profiles', { profiles: [] }],
  ];
  await at('PUT', { pin_timeout: 3000 });
  for (const [path, data] of wrong) {
    for (const method of ['PUT', 'POST', 'PATCH'] as const) {
      const answer = await at(method, data);
      assert.equal(answer.status, 400, `${method} ${path}: ${JSON.stringify(answer.data)}`);
      assert.deepEqual(Object.keys(answer.data), [path], JSON.stringify(answer.data));
    }
  }
  assert.deepEqual((await at('GET')).data, { pin_timeout: 3000, id: 'conferences' });
});

test('who becomes a moderator is one in every place where KAZOO says so', async () => {
  const { house } = await aHouse();
  const base = `/v2/accounts/${house.account}/conferences`;
  const headers = { 'x-auth-token': house.token };
  await house.server.inject({ method: 'PUT', url: base, headers, payload: '{"data":{"id":"r"}}' });
  await house.join('r', { id: 'one' });
  const shown = async () => {
    const { data } = (await house.server.inject({ method: 'GET', url: `${base}/r`, headers })).json();
    const [one] = data._read_only.participants;
    const nested = one.conference_channel_vars;
    return [one.is_moderator, nested.is_moderator, nested.member_type, data._read_only.members, data._read_only.moderators];
  };
  assert.deepEqual(await shown(), [false, false, 'member', 1, 0]);
  for (const [role, seen] of [
    ['moderator', [true, true, 'moderator', 0, 1]],
    ['member', [false, false, 'member', 1, 0]],
  ] as const) {
    const answer = await house.server.inject({
      method: 'PATCH',
      url: '/api/conferences/r/participants/1',
      headers: { authorization: `Bearer ${house.accessKey}`, 'content-type': 'application/json' },
      payload: JSON.stringify({ role }),
    });
    assert.equal(answer.statusCode, 200, answer.body);
    assert.deepEqual(await shown(), seen);
  }
});
