import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { settles } from '../kit/ear.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied, party } from '../kit/party.ts';
import { Phone } from '../kit/phone.ts';
import { TONES } from '../kit/sound.ts';

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

const [ANN, BEN, SAID] = [TONES[0]!, TONES[1]!, TONES[6]!] as const;
/** A welcome that nobody can mistake. */
const welcome = (ms: number) => ({ welcome_prompt: { media_id: `tone_stream://v=-15;%(${ms},0,${SAID})` }, play_welcome: true });

async function hears(phone: Phone, expected: readonly number[]): Promise<void> {
  assert.deepEqual(await settles(() => [phone.hears()], [expected]), [expected]);
}

const names = async (conference: string): Promise<string[]> => [...(await participants(house, conference)).keys()].sort();

test('a caller is welcomed, gives the PIN and is in: he hears the others, they hear him', async () => {
  for (const by of ['rtp', 'info'] as const) {
    const room = await guarded();
    const number = await numbered(room);
    const [ann] = await party(house, number, { names: ['Ann'] });
    await hears(ann!, [SAID]);
    await ann!.sendDigits('4711#', by);
    await eventually(async () => (await names(room.id)).includes('Ann'), 'Ann is not in');
    const ben = await house.phone({ user: 'Ben', tone: BEN });
    await ben.call(number);
    await ben.sendDigits('4711#', by);
    await hears(ben, [ANN]);
    await hears(ann!, [BEN]);
    await ann!.hangUp();
    await ben.hangUp();
    await emptied(house, room.id);
  }
});

interface Told {
  readonly caller_number: string;
  readonly reason: string;
  readonly sip_status: number;
  readonly participant: string | null;
  readonly conference: string | null;
}

/** The one record of this caller, once it is there. */
async function recordOf(at: House, caller: string): Promise<Told> {
  const headers = { authorization: `Bearer ${at.first.access_key}` };
  const all = async (): Promise<Told[]> =>
    (await at.fetch('GET', '/api/cdrs?limit=1000', { headers })).body.items.filter((each: Told) => each.caller_number === caller);
  const [record, ...more] = await eventually(async () => ((await all()).length > 0 ? await all() : undefined), `${caller} has no record`);
  assert.deepEqual(more, [], 'one record for one call');
  return record!;
}

/** A room with a welcome of its own and a PIN. */
const guarded = (ms = 60_000) => aRoom(house, { ...welcome(ms), member: { join_muted: false, pins: ['4711'] }, moderator: { pins: [] } });

/** A number of a room that has none of its own. */
async function numbered(room: { readonly id: string; readonly number: string }): Promise<string> {
  await house.kazoo('PATCH', `/conferences/${room.id}`, { conference_numbers: [room.number] });
  return room.number;
}

test('who hangs up at any moment of the entry leaves one record and nothing else', async () => {
  const room = await guarded();
  const number = await numbered(room);
  const moments: [string, (phone: Phone) => Promise<void>][] = [
    ['at-once', async () => {}],
    ['in-the-welcome', (phone) => hears(phone, [SAID])],
    ['in-the-pin', async (phone) => phone.sendDigits('47')],
    ['behind-the-pin', async (phone) => phone.sendDigits('4711#')],
    [
      'inside',
      async (phone) => {
        await phone.sendDigits('4711#');
        await eventually(async () => (await names(room.id)).includes('inside'), 'nobody is in');
      },
    ],
  ];
  for (const [user, until] of moments) {
    const phone = await house.phone({ user });
    await phone.call(number);
    await until(phone);
    await phone.hangUp();
    const record = await recordOf(house, user);
    assert.deepEqual([record.reason, record.sip_status, record.conference?.replaceAll('-', '')], ['hung-up', 200, room.id], user);
    assert.equal(record.participant !== null, user === 'inside', user);
    assert.deepEqual(await names(room.id), [], user);
  }
  const fickle = await house.phone({ user: 'fickle' });
  const { invite } = await fickle.callAndCancel(number);
  assert.equal((await recordOf(house, 'fickle')).sip_status, invite);
  const legs = async () => /^parley_media_legs (\d+)/m.exec(String((await house.fetch('GET', '/metrics')).body))?.[1];
  await eventually(async () => (await legs()) === '0', 'a leg is left over');
});

test('who holds in his lobby comes in on hold, and is heard when he is back', async () => {
  const room = await guarded(1_000);
  const number = await numbered(room);
  const ann = await house.phone({ user: 'Ann', tone: ANN });
  const ben = await house.phone({ user: 'Ben', tone: BEN });
  await ann.call(number);
  await ann.sendDigits('4711#', 'info');
  await eventually(async () => (await names(room.id)).includes('Ann'), 'Ann is not in');
  await ben.call(number);
  await ben.hold();
  await ben.sendDigits('4711#', 'info');
  await eventually(async () => (await names(room.id)).includes('Ben'), 'Ben is not in');
  await hears(ann, []);
  await ben.resume();
  await hears(ann, [BEN]);
  await hears(ben, [ANN]);
  await ann.hangUp();
  await ben.hangUp();
});

test('who is kept out hears why and is hung up; where there is nothing to hear he gets the status', async () => {
  const sound = `tone_stream://v=-15;%(1500,0,${SAID})`;
  const room = await aRoom(house, { profile: { 'locked-sound': sound } });
  await house.act(room.id, 'lock');
  const ann = await house.phone({ user: 'kept-out' });
  await ann.call(room.number);
  await hears(ann, [SAID]);
  await ann.ended();
  assert.equal((await recordOf(house, 'kept-out')).reason, 'refused');
  const silent = await aRoom(house);
  await house.act(silent.id, 'lock');
  assert.equal(await (await house.phone({ user: 'silent' })).tries(silent.number), 403);
});

test('a stop says BYE to who stands in his lobby, and a crash does at the next start', async () => {
  const path = mkdtempSync(join(tmpdir(), 'parley-lobby-'));
  try {
    const first = await startHouse({ dataDir: path });
    const phones: Phone[] = [];
    const come = async (at: House, user: string): Promise<Phone> => {
      const phone = await Phone.open({ server: at.sip, user });
      phones.push(phone);
      await phone.call(at.first.conference_number);
      return phone;
    };
    await first.kazoo('PATCH', `/conferences/${first.first.conference_id}`, { ...welcome(60_000) });
    const cut = await come(first, 'cut');
    await hears(cut, [SAID]);
    await first.kill();
    const second = await startHouse({ dataDir: path, env: { PARLEY_SIP_PORT: first.sip.split(':')[1]! } });
    await cut.ended();
    assert.equal((await recordOf(second, 'cut')).reason, 'restart');
    const stopped = await come(second, 'stopped');
    await hears(stopped, [SAID]);
    const bye = stopped.ended();
    const { code, ms } = await second.stop();
    await bye;
    assert.equal(code, 0, second.output.slice(-2000));
    assert.ok(ms < 5_000, `stopping took ${ms} ms`);
    for (const each of phones) await each.close();
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
});

test('a flow calls somebody for the caller: they hear each other, and when one goes the other does too', async () => {
  const ben = await house.phone({ user: 'Ben', tone: BEN });
  await house.kazoo('PUT', '/callflows', {
    numbers: ['7701'],
    flow: { module: 'offnet', data: { to_did: `sip:ben@${ben.address}` }, children: {} },
  });
  const ann = await house.phone({ user: 'Ann', tone: ANN });
  await ann.call('7701');
  await hears(ann, [BEN]);
  await hears(ben, [ANN]);
  await ben.hangUp();
  await ann.ended();
});
