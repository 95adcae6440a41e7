/** Two servers on one PostgreSQL and one RabbitMQ: what an account configures at one of them is heard in the rooms of the other. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { JsonObject } from '../../src/base/index.ts';
import { eventually, House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied, party } from '../kit/party.ts';
import { Postgres } from '../kit/postgres.ts';
import { openRabbit, type Rabbit } from '../kit/rabbit.ts';
import { TONES } from '../kit/sound.ts';
import { pcm16 } from '../kit/sound-files.ts';

/** What docs/profile.md promises, ms; and what a measuring telephone needs to be sure of a tone. */
const PROMISED = 2000;
const EAR = 400;

const dataDir = mkdtempSync(join(tmpdir(), 'parley-other-'));
let postgres: Postgres;
let rabbit: Rabbit;
let here: House;
let there: House;

before(async () => {
  [postgres, rabbit] = await Promise.all([Postgres.start(), openRabbit()]);
  const env = { PARLEY_STORE_URL: await postgres.newUrl(), PARLEY_AMQP_URL: rabbit.url };
  here = await startHouse({ env });
  // The second one has the key of the first, its folder of uploads and its people; what it keeps besides is its own.
  for (const file of ['first-account.json', 'master.key']) copyFileSync(join(here.dataDir, file), join(dataDir, file));
  mkdirSync(join(here.dataDir, 'media'), { recursive: true });
  symlinkSync(join(here.dataDir, 'media'), join(dataDir, 'media'));
  there = await new House({ dataDir, env }).start();
});
after(async () => {
  await there?.close();
  await here?.close();
  await Promise.all([rabbit?.close(), postgres?.close()]);
  rmSync(dataDir, { recursive: true, force: true });
});

const configure = (profile: JsonObject): Promise<unknown> => here.kazoo('POST', '/configs/conferences', { profiles: { default: profile } });

/** ms from the answer to a change here until `seen` holds there, and goes on to. */
async function from(change: () => Promise<unknown>, seen: () => boolean, otherwise: string): Promise<number> {
  await change();
  const start = performance.now();
  let since: number | undefined;
  const stays = (): boolean => {
    since = seen() ? (since ?? performance.now()) : undefined;
    return since !== undefined && performance.now() - since > EAR;
  };
  await eventually(stays, otherwise, 10_000);
  return (since ?? start) - start;
}

test('a profile that is changed at one server is heard in the open rooms of the other within two seconds', {
  timeout: 120_000,
}, async () => {
  const room = await aRoom(there);
  // Ben is soft: a mean of 1000 * 2 / pi = 637, and nobody asks for anything there meanwhile.
  const [ann] = await party(there, room.number, { names: ['Ann', 'Ben'], each: { Ben: { amplitude: 1000 } } });
  const hearsBen = (): boolean => ann!.hears().includes(TONES[1]!);
  await eventually(hearsBen, 'Ann does not hear Ben');
  const took: number[] = [];
  for (const [energy, isHeard] of [
    [1500, false],
    [300, true],
    [1800, false],
  ] as const) {
    const seen = (): boolean => hearsBen() === isHeard;
    took.push(await from(() => configure({ 'energy-level': energy }), seen, `${energy} is not what the room is mixed by`));
  }
  const level = async (): Promise<unknown> => (await participants(there, room.id)).get('Ann')?.energy_level;
  assert.equal(await level(), 1800, 'live data show what the account has configured');
  took.push(await from(() => here.kazoo('DELETE', '/configs/conferences'), hearsBen, 'the account’s profile is still obeyed'));
  assert.equal(await level(), 20);
  assert.ok(Math.max(...took) < PROMISED + EAR, `it took ${took.map(Math.round).join(', ')} ms`);
  await there.act(`${room.id}/participants`, 'kick');
  await emptied(there, room.id);
});

test('music that the account names or uploads at one server is heard at the other within two seconds', { timeout: 120_000 }, async () => {
  const [first, second, third] = [TONES[3]!, TONES[4]!, TONES[5]!];
  const music = (hz: number): JsonObject => ({ 'moh-sound': `tone_stream://v=-15;%(60000,0,${hz})` });
  await configure(music(first));
  const { body } = await there.kazoo('PUT', '/conferences', {
    conference_numbers: ['7900'],
    member: { join_muted: false },
    play_welcome: false,
    profile: { 'alone-sound': '', 'member-enter-sound': '', 'enter-sound': '', 'exit-sound': '' },
  });
  const [ann] = await party(there, '7900', { names: ['Ann'] });
  const hears = (hz: number) => (): boolean => ann!.hears().includes(hz);
  await eventually(hears(first), 'Ann hears no music');
  const took = [await from(() => configure(music(second)), hears(second), 'Ann does not hear the other music')];
  assert.equal(ann!.hears().includes(first), false, 'the first music goes on beside the second');

  const { body: made } = await here.kazoo('PUT', '/media', { name: 'music' });
  const media: string = made.data.id;
  const values = Array.from({ length: 8000 * 20 }, (_, n) => 0.2 * Math.sin((2 * Math.PI * third * n) / 8000));
  const login = await here.fetch('PUT', '/v2/api_auth', { body: { data: { api_key: here.first.api_key } } });
  const uploaded = await fetch(`${here.http}/v2/accounts/${here.first.account_id}/media/${media}/raw`, {
    method: 'POST',
    headers: { 'x-auth-token': login.body.auth_token, 'content-type': 'audio/x-wav' },
    body: Buffer.from(pcm16(8000, values)),
  });
  assert.equal(uploaded.status, 200);
  took.push(await from(() => configure({ 'moh-sound': media }), hears(third), 'Ann does not hear what was uploaded'));
  assert.ok(Math.max(...took) < PROMISED + EAR, `it took ${took.map(Math.round).join(', ')} ms`);
  await there.act(`${body.data.id}/participants`, 'kick');
  await emptied(there, body.data.id);
});
