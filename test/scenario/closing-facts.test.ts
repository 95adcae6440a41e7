import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AccountId } from '../../src/accounts/index.ts';
import type { ConferenceId, Fact } from '../../src/conference/index.ts';
import { all, hearingMatrix } from '../kit/hearing.ts';
import { startHouse } from '../kit/house.ts';
import { aRoom, emptied, party } from '../kit/party.ts';
import { Phone } from '../kit/phone.ts';
import { TONES } from '../kit/sound.ts';
import { openDoor } from '../kit/sqlite-door.ts';

/** A data directory that outlives its house. */
function aDirectory(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'parley-test-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** What the database says of a conference, and how many calls it still keeps. */
async function kept(dataDir: string, account: string, conference: string): Promise<{ facts: readonly Fact[]; calls: number }> {
  const stores = await openDoor(dataDir);
  try {
    const facts = await stores.conferences.facts(account as AccountId, conference as ConferenceId, 0);
    return { facts, calls: (await stores.calls.all()).length };
  } finally {
    await stores.close();
  }
}

const gapless = (facts: readonly Fact[]): void =>
  assert.deepEqual(
    facts.map(({ sequence }) => sequence),
    facts.map((_, index) => index + 1),
    'sequences count from 1 without gaps',
  );

/** Each who joined with the reasons for which he left. */
function reasons(facts: readonly Fact[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const fact of facts) if (fact.type === 'participant.joined') found[fact.participant.call.callerName] = [];
  const names = new Map(
    facts.flatMap((fact) => (fact.type === 'participant.joined' ? [[fact.participant.id, fact.participant.call.callerName] as const] : [])),
  );
  for (const fact of facts) if (fact.type === 'participant.left') found[names.get(fact.participant) ?? '?']?.push(fact.reason);
  return found;
}

/** Every room that opened is closed, once, behind everybody's leaving. */
function closedOnce(facts: readonly Fact[]): void {
  const instances = (type: string): string[] => facts.flatMap((fact) => (fact.type === type && 'instance' in fact ? [fact.instance] : []));
  assert.ok(instances('room.opened').length > 0);
  assert.deepEqual(instances('room.closed'), instances('room.opened'));
  assert.ok(facts.findLastIndex(({ type }) => type === 'room.closed') > facts.findLastIndex(({ type }) => type === 'participant.left'));
}

/** Phones that a house does not close: they outlive it. */
async function outsiders(server: string, number: string, names: readonly string[]): Promise<Phone[]> {
  const phones: Phone[] = [];
  try {
    for (const [n, user] of names.entries()) {
      phones.push(await Phone.open({ server, user, tone: TONES[n]! }));
      await phones[n]!.call(number);
    }
  } catch (error) {
    for (const each of phones) each.vanish();
    throw error;
  }
  return phones;
}

test('after kill -9 every call that was up has one closing fact with reason restart, and the room is closed', async () => {
  using data = aDirectory();
  await using house = await startHouse({ dataDir: data.path });
  const room = await aRoom(house);
  const gone = await outsiders(house.sip, room.number, ['Gone']);
  await gone[0]!.hangUp();
  await emptied(house, room.id);
  const phones = await outsiders(house.sip, room.number, ['Ann', 'Ben', 'Cleo']);
  try {
    await hearingMatrix(phones, all(phones));
    await house.kill();
    const before = await kept(data.path, house.first.account_id, room.id);
    assert.equal(before.calls, 3, 'the calls are in the database while the server is dead');
    assert.deepEqual(reasons(before.facts), { Gone: ['hung-up'], Ann: [], Ben: [], Cleo: [] });
    const ended = Promise.all(phones.map((each) => each.ended(60_000)));
    await house.start();
    await ended;
    await house.stop();
    const { facts, calls } = await kept(data.path, house.first.account_id, room.id);
    assert.deepEqual(reasons(facts), { Gone: ['hung-up'], Ann: ['restart'], Ben: ['restart'], Cleo: ['restart'] });
    closedOnce(facts);
    gapless(facts);
    assert.deepEqual(facts.slice(0, before.facts.length), before.facts, 'what was stored before the crash stays as it was');
    assert.equal(calls, 0);
  } finally {
    for (const each of [...gone, ...phones]) each.vanish();
  }
});

test('killed twice, the second time perhaps in the middle of tidying up: still one closing fact each', async () => {
  using data = aDirectory();
  await using house = await startHouse({ dataDir: data.path });
  const room = await aRoom(house);
  const phones = await outsiders(house.sip, room.number, ['Ann', 'Ben']);
  try {
    await hearingMatrix(phones, all(phones));
    await house.kill();
    await house.start();
    await house.kill();
    await house.start();
    await emptied(house, room.id);
    await house.stop();
    const { facts, calls } = await kept(data.path, house.first.account_id, room.id);
    assert.deepEqual(reasons(facts), { Ann: ['restart'], Ben: ['restart'] });
    closedOnce(facts);
    gapless(facts);
    assert.equal(calls, 0);
  } finally {
    for (const each of phones) each.vanish();
  }
});

test('SIGTERM: everybody leaves with reason shutdown, the room is closed, no call is kept', async () => {
  using data = aDirectory();
  await using house = await startHouse({ dataDir: data.path });
  const room = await aRoom(house);
  const phones = await party(house, room.number, { names: ['Ann', 'Ben'] });
  await hearingMatrix(phones, all(phones));
  const { code } = await house.stop();
  assert.equal(code, 0);
  const { facts, calls } = await kept(data.path, house.first.account_id, room.id);
  assert.deepEqual(reasons(facts), { Ann: ['shutdown'], Ben: ['shutdown'] });
  closedOnce(facts);
  gapless(facts);
  assert.equal(calls, 0);
});
