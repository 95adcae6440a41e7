import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied } from '../kit/party.ts';
import { Phone } from '../kit/phone.ts';

interface Told {
  readonly id: string;
  readonly caller_number: string;
  readonly called_number: string;
  readonly reason: string;
  readonly sip_status: number;
  readonly cause: number;
  readonly participant: string | null;
  readonly role: string | null;
  readonly answered_at: string | null;
  readonly ended_at: string;
  readonly billed_seconds: number;
  readonly quality: { readonly packetsIn?: number } | null;
}

const key = (house: House) => ({ authorization: `Bearer ${house.first.access_key}` });

/** Every record there is, by our own API. */
const records = async (house: House): Promise<readonly Told[]> =>
  (await house.fetch('GET', '/api/cdrs?limit=1000', { headers: key(house) })).body.items;

const limit = (house: House, limits: { readonly legs?: number | null; readonly minutes_per_month?: number | null }) =>
  house.fetch('PATCH', '/api/account', { headers: key(house), body: { limits } });

/** The record of this caller, once it is there. */
const recordOf = (house: House, caller: string): Promise<Told> =>
  eventually(async () => (await records(house)).find((each) => each.caller_number === caller), `${caller} has no record`);

/** Somebody calls, is let in and listed. */
async function inside(house: House, user: string, room: { readonly id: string; readonly number: string }): Promise<Phone> {
  const phone = await Phone.open({ server: house.sip, user });
  await phone.call(room.number);
  await eventually(async () => (await participants(house, room.id)).has(user), `${user} is not listed`);
  return phone;
}

/** Something of the first caller's sound has come in, so that its quality can be told. */
const soundArrived = (house: House): Promise<unknown> =>
  eventually(
    async () => /^parley_media_packets_received_total [1-9]/m.test(String((await house.fetch('GET', '/metrics')).body)),
    'no sound came in',
  );

test('each way in which a call can end leaves exactly one record, with its cause; both dialects agree', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-cdrs-'));
  await using house = await startHouse({ dataDir, env: { PARLEY_MEDIA_TIMEOUT: '1' } });
  const room = await aRoom(house);
  const ends: [string, (phone: Phone) => Promise<unknown>][] = [
    ['hung', async (phone) => [await soundArrived(house), await phone.hangUp()]],
    ['kicked', async (phone) => [await house.act(`${room.id}/participants`, 'kick'), await phone.ended()]],
    ['silent', async (phone) => [phone.rtp.aim(undefined), await phone.ended(6000)]],
  ];
  for (const [user, end] of ends) {
    await using phone = await inside(house, user, room);
    await end(phone);
    await emptied(house, room.id);
  }
  const doomed = await aRoom(house);
  await using deleted = await inside(house, 'deleted', doomed);
  await house.kazoo('DELETE', `/conferences/${doomed.id}`);
  await deleted.ended();
  await house.act(room.id, 'lock');
  const tries = async (user: string, number: string): Promise<number> => {
    await using phone = await Phone.open({ server: house.sip, user });
    return await phone.tries(number);
  };
  assert.equal(await tries('locked', room.number), 403);
  await house.act(room.id, 'unlock');
  assert.equal(await tries('lost', '999999'), 404);
  await limit(house, { legs: 0 });
  assert.equal(await tries('over', room.number), 486);
  await limit(house, { legs: null, minutes_per_month: 0 });
  assert.equal(await tries('spent', room.number), 403);
  await limit(house, { minutes_per_month: null });
  await using fickle = await Phone.open({ server: house.sip, user: 'fickle' });
  const { invite } = await fickle.callAndCancel(room.number);
  await emptied(house, room.id);

  const table: [string, string, number, number, boolean][] = [
    ['hung', 'hung-up', 200, 16, true],
    ['kicked', 'kicked', 200, 16, true],
    ['silent', 'media-lost', 200, 31, true],
    ['deleted', 'conference-deleted', 200, 16, true],
    ['locked', 'refused', 403, 21, false],
    ['lost', 'refused', 404, 1, false],
    ['over', 'refused', 486, 17, false],
    ['spent', 'refused', 403, 21, false],
    ['fickle', 'hung-up', invite, 16, invite === 200],
  ];
  for (const [user, reason, status, cause, answered] of table) {
    const cdr = await recordOf(house, user);
    assert.deepEqual([cdr.reason, cdr.sip_status, cdr.cause, cdr.answered_at !== null], [reason, status, cause, answered], user);
    if (answered && user !== 'fickle') assert.deepEqual([cdr.role, cdr.participant === null], ['member', false], user);
    if (user === 'hung') assert.ok((cdr.quality?.packetsIn ?? 0) > 0, 'how it sounded');
  }
  const metrics = String((await house.fetch('GET', '/metrics')).body);
  assert.match(metrics, /^parley_calls_over_limit_total\{limit="legs"\} 1$/m);
  assert.match(metrics, /^parley_calls_over_limit_total\{limit="minutes"\} 1$/m);

  const own = await records(house);
  assert.equal(own.length, table.length, 'one each, and no other');
  const theirs = (await house.kazoo('GET', '/cdrs?page_size=100')).body.data;
  const sum = (list: readonly Record<string, number>[], name: string): number => list.reduce((total, each) => total + each[name]!, 0);
  assert.equal(theirs.length, own.length);
  const seconds = sum(own as never, 'billed_seconds');
  assert.equal(sum(theirs, 'billing_seconds'), seconds);
  const { used } = (await house.fetch('GET', '/api/account', { headers: key(house) })).body;
  assert.equal(used.minutes_this_month, Math.ceil(seconds / 60));
  const csv = String((await house.fetch('GET', '/api/cdrs', { headers: { ...key(house), accept: 'text/csv' } })).body);
  assert.equal(csv.trimEnd().split('\r\n').length, own.length + 1);
  // What was refused by a limit is also a fact of its conference.
  const facts = JSON.stringify((await house.fetch('GET', `/api/conferences/${room.id}/facts`, { headers: key(house) })).body);
  for (const code of ['account_legs_in_use', 'account_minutes_used']) assert.ok(facts.includes(code), code);

  // A stop, and a crash: the next start knows both.
  await using stopped = await inside(house, 'stopped', room);
  await house.stop();
  await stopped.ended();
  await house.start();
  const shut = await recordOf(house, 'stopped');
  assert.deepEqual([shut.reason, shut.cause, shut.role], ['shutdown', 41, 'member']);
  await using crashed = await inside(house, 'crashed', room);
  const up = Date.now();
  await new Promise((resolve) => setTimeout(resolve, 6_500));
  const died = Date.now();
  await house.kill();
  const ended = crashed.ended(60_000);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await house.start();
  await ended;
  const cut = await recordOf(house, 'crashed');
  assert.deepEqual([cut.reason, cut.cause, cut.sip_status, cut.role], ['restart', 41, 200, 'member']);
  const at = Date.parse(cut.ended_at);
  assert.ok(at >= up && at <= died, `it ended while the server was down: ${cut.ended_at}`);
  assert.equal((await records(house)).length, table.length + 2);
  rmSync(dataDir, { recursive: true, force: true });
});
