import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { type House, openHouse } from '../../../test/kit/api-house.ts';
import { runCurlLine } from '../../../test/kit/curl.ts';

const opened: House[] = [];
after(() => Promise.all(opened.map(({ server }) => server.close())));

/** A server that really listens, with three people in the room `cccc…`. */
async function listening() {
  const house = await openHouse();
  opened.push(house);
  const url = await house.server.listen({ host: '127.0.0.1', port: 0 });
  const conference = 'c'.repeat(32);
  await ask(`${url}/v2/accounts/${house.account}/conferences`, 'PUT', house.token, { data: { id: conference, name: 'Room' } });
  for (const n of [1, 2]) await house.join(conference, { id: `call-${n}` });
  return { house, url, conference, base: `${url}/v2/accounts/${house.account}` };
}

async function ask(url: string, method: string, token: string, body?: unknown) {
  const headers = { 'x-auth-token': token, 'content-type': 'application/json' };
  const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { ...((await answer.json()) as { data: never }), status: answer.status };
}

/** Each of the documents' lines, and what may stand in its places. */
const lines = readFileSync(new URL('../../../test/fixtures/kazoo/documents.curl', import.meta.url), 'utf8')
  .split('\n\n')
  .slice(1);

const fillings: readonly Readonly<Record<string, string>>[] = [
  { CONFERENCE_ACTION: 'lock', PARTICIPANTS_ACTION: '"mute"', PARTICIPANT_ACTION: '"mute"', RANDOM_BIT: 'x1' },
  { CONFERENCE_ACTION: 'unlock', PARTICIPANTS_ACTION: '"unmute"', PARTICIPANT_ACTION: '"unmute"', RANDOM_BIT: 'x2' },
  { CONFERENCE_ACTION: 'lock', PARTICIPANTS_ACTION: '"deaf"', PARTICIPANT_ACTION: '"deaf"', RANDOM_BIT: 'x3' },
  { CONFERENCE_ACTION: 'unlock', PARTICIPANTS_ACTION: '"undeaf"', PARTICIPANT_ACTION: '"undeaf"', RANDOM_BIT: 'x4' },
];

test('the curl lines of the documents work with only server, account, token and ids filled in', async () => {
  assert.equal(lines.length, 9);
  const { house, url, conference } = await listening();
  const address = url.replace('http://', '');
  for (const filling of fillings) {
    for (const line of lines) {
      const words = { ...filling, SERVER: address, ACCOUNT_ID: house.account, CONFERENCE_ID: conference, AUTH_TOKEN: house.token };
      const known: Readonly<Record<string, string>> = { ...words, MEDIA_TO_PLAY: 'M', PARTICIPANT_ID: '2' };
      // The port 8000 is the server's; this one has another.
      const command = line
        .trim()
        .replaceAll('{SERVER}:8000', address)
        .replaceAll('"participant_id":23, "other_participant":24', '"participant_id":1, "other_participant":2')
        .replace(/\{([A-Z_]+)\}/g, (whole, word) => known[word] ?? whole);
      const { stdout, stderr } = await runCurlLine(command, { AUTH_TOKEN: house.token });
      const status = Number(/^< HTTP\/1\.1 (\d+)/m.exec(stderr)?.[1]);
      assert.equal(status, command.includes('-X GET') ? 200 : 201, `${command}\n${stdout}`);
      assert.equal(JSON.parse(stdout).status, 'success', stdout);
    }
  }
  assert.deepEqual(house.errors, []);
});

test('monster-ui’s calls in its order (kazoo-facts §12)', async () => {
  const { house, base } = await listening();
  const owner = (await ask(`${base.replace(/accounts.*/, 'token_auth')}`, 'GET', house.token)) as { data: { owner_id: string } };
  const user = owner.data.owner_id;
  const call = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const answer = await ask(`${base}${path}`, method, house.token, body);
    assert.equal(answer.status, method === 'PUT' ? 201 : 200, `${method} ${path} ${JSON.stringify(answer)}`);
    return answer.data;
  };
  const ui = {
    ui_metadata: { ui: 'monster-ui', origin: 'voip', version: '4.3' },
    ui_flags: { mode: 'conference' },
    video: true,
    play_name_on_join: true,
    profile_name: 'video',
    caller_controls: 'video-participant',
    moderator_controls: 'video-moderator',
  };
  assert.deepEqual(await call('GET', `/conferences?paginate=false&filter_owner_id=${user}`), []);
  const made = await call('PUT', '/conferences', { data: { name: 'Ann’s', owner_id: user, ...ui } });
  const id = String(made['id']);
  await house.join(id, { id: 'monster-1' });
  const [listed] = (await call('GET', `/conferences?paginate=false&filter_owner_id=${user}`)) as unknown as Record<string, unknown>[];
  assert.deepEqual([listed?.['id'], listed?.['ui_flags']], [id, ui.ui_flags]);
  const got = await call('GET', `/conferences/${id}`);
  for (const [key, value] of Object.entries(ui)) assert.deepEqual(got[key], value, key);
  // What was read is posted back as it is, with its live data in it.
  const posted = await call('POST', `/conferences/${id}`, { data: { ...got, name: 'Ben’s' } });
  assert.deepEqual(
    [posted['name'], posted['ui_metadata'], posted['video'], posted['_read_only']],
    ['Ben’s', ui.ui_metadata, true, undefined],
  );
  await call('PUT', `/conferences/${id}`, { data: {}, action: 'lock' });
  const people = (await call('GET', `/conferences/${id}/participants`)) as unknown as Record<string, unknown>[];
  assert.equal(people.length, 1);
  await call('PUT', `/conferences/${id}/participants`, { data: { action: 'mute' } });
  await call('PUT', `/conferences/${id}/participants/1`, { data: { action: 'kick' } });
  const gone = await call('DELETE', `/conferences/${id}`, { data: {} });
  assert.deepEqual(gone['_read_only'], { deleted: true });
  const neighbours = [
    '/users?paginate=false',
    '/devices?paginate=false',
    '/callflows?paginate=false',
    '/phone_numbers',
    '/media?paginate=false',
  ];
  for (const path of neighbours.slice(0, house.options.media === undefined ? -1 : undefined)) await call('GET', path);
  const flow = { numbers: ['6000'], type: 'conference', flow: { module: 'conference', data: {}, children: {} } };
  const { id: main } = await call('PUT', '/callflows', { data: flow });
  await call('POST', `/callflows/${main}`, { data: { ...flow, numbers: ['6000', '6001'], id: main } });
  await call('DELETE', `/callflows/${main}`, { data: {} });
  assert.deepEqual(house.errors, []);
});
