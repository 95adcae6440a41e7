import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCurlLine } from '../../../test/kit/curl.ts';
import { openEventHouse } from '../../../test/kit/event-house.ts';

const fixture = join(import.meta.dirname, '../../../test/fixtures/voipbin/tutorial-curl.txt');

/** The tutorial's own lines: only server, token and ids are filled in. */
const LINES = readFileSync(fixture, 'utf8')
  .split('\n\n')
  .map((each) => each.trim());

test('every curl line of the tutorial works as it stands there', async () => {
  await using house = await openEventHouse();
  const login = await fetch(`${house.api.url}/auth/login`, {
    method: 'POST',
    body: JSON.stringify({ username: house.username, password: house.password }),
  });
  const { token } = (await login.json()) as { token: string };
  const made = await house.conferences.execute('conference.create', { document: { member: { join_muted: false } } }, house.actor);
  const conference = made.conference.id;
  await house.join(conference, { id: 'call-1' });
  const { room } = (await house.conferences.execute('conference.read', { conference }, house.actor)).conference;
  const dashed = (id: string): string => id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  const curl = async (line: string) => {
    const command = line
      .replace('https://api.voipbin.net', house.api.url)
      .replace('<YOUR_AUTH_TOKEN>', token)
      .replace('0e7112d7-6ddc-47ea-bba5-223a3a55ff79', dashed(conference))
      .replace('4833755c-f5d0-4bf2-a101-7d3a7e5e586f', dashed(room!.participants[0]!.id));
    const { stdout } = await runCurlLine(`${command} --silent --write-out '\n%{http_code}'`);
    const [body = '', status] = stdout.split(/\n(?=\d+$)/);
    return { status: Number(status), body: JSON.parse(body) };
  };
  const of = (part: string): string => LINES.find((line) => line.includes(part)) ?? '';
  assert.equal(LINES.length, 5);
  const list = await curl(of('v1.0/conferences?token'));
  assert.equal(list.status, 200);
  assert.ok(list.body.result.some(({ id }: { id: string }) => id === dashed(conference)));
  assert.match(list.body.next_page_token, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/);
  const one = await curl(of('0e7112d7'));
  // What the samples show, with the keys that they have (SEED-T).
  for (const key of [
    'id',
    'user_id',
    'type',
    'status',
    'name',
    'detail',
    'conferencecall_ids',
    'recording_id',
    'recording_ids',
    'tm_create',
  ])
    assert.ok(key in one.body, key);
  assert.deepEqual([one.status, one.body.type, one.body.status, typeof one.body.user_id], [200, 'conference', 'progressing', 'number']);
  const created = await curl(of('test conference'));
  assert.deepEqual([created.status, created.body.name, created.body.detail], [200, 'test conference', 'test conference for example']);
  const kicked = await curl(of('4833755c'));
  assert.deepEqual([kicked.status, kicked.body.status, kicked.body.reference_type], [200, 'leaving', 'call']);
  assert.equal((await curl(of('4833755c'))).status, 409);
  // Without LINE in this house there is no such route; what it does is told in line.test.ts.
  assert.equal((await curl(of('conversations/setup'))).status, 404);
});
