import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EntryHouse } from '../../../test/kit/entry-desk.ts';
import { SeededChance } from '../../../test/kit/seeded-chance.ts';
import { type AccountId, openDocuments } from '../../accounts/index.ts';
import { Failure, type JsonObject } from '../../base/index.ts';
import { MemoryStore } from '../../store/index.ts';
import type { Execute, Input } from '../commands.ts';
import type { Conference } from '../conference.ts';
import type { CallId, ConferenceId } from '../ids.ts';
import { settings } from '../settings.ts';
import { invitationOf } from './invitation.ts';
import { invitationText } from './invitation-text.ts';
import { INVITATION_LANGUAGES } from './invitation-words.ts';
import { Invitations, pinLengthFor } from './invitations.ts';

const DAY = 86_400_000;

/** Invitations to conference C, and the desk that guests come to. */
async function open(document: JsonObject) {
  const house = new EntryHouse(document);
  const store = new MemoryStore();
  const { account } = house.conference();
  await store.accounts.saveAccount({ id: account, name: 'a', realm: 'a.test', parent: undefined, apiKey: 'a'.repeat(64), createdAt: 1 });
  const told: JsonObject[] = [];
  const execute = (async (name: string, input: Input<'entry.tell'> & Input<'pins.rotate'>) => {
    if (name === 'entry.tell') told.push(input.happening as unknown as JsonObject);
    if (name === 'pins.rotate') told.push({ type: 'pins.rotated', invited: [...input.invited], pins: input.pins as unknown as JsonObject });
    return undefined;
  }) as unknown as Execute;
  const { clock } = house;
  const chance = new SeededChance(3);
  const documents = openDocuments({ store: store.documents, clock, chance });
  const invitations = new Invitations({ documents, clock, chance, execute, key: new Uint8Array(32) });
  const guests = new EntryHouse(document, { guests: invitations });
  guests.clock.advance(0);
  /** Gives a PIN at the desk; the role, or undefined. */
  const enters = async (pin: string, who: { callerNumber?: string; role?: 'member' | 'moderator' } = {}): Promise<string | undefined> => {
    const { role, ...from } = who;
    const ringing = await guests.rings({ conference: 'C' as ConferenceId, ...(role === undefined ? {} : { role }) }, from);
    await ringing.enters(`${pin}#`);
    ringing.over();
    const entered = ringing.caller.last('enter');
    return entered && `${entered.role} ${entered.guest?.name ?? '-'}`;
  };
  return { conference: house.conference(), invitations, told, enters, clock, store };
}

const code =
  (wanted: string) =>
  (error: unknown): boolean =>
    error instanceof Failure && error.code === wanted;

test('a PIN of his own lets one guest in, once, with his role and name; the same number may come back', async () => {
  const { conference, invitations, enters, told, clock } = await open({ member: { pins: ['4711'] } });
  const { invitation, pin } = await invitations.invite(conference, { name: 'Ada', role: 'moderator', pin: 'one-time' });
  assert.match(pin!, /^\d{6}$/);
  assert.equal(await enters(pin!, { callerNumber: '+491' }), 'moderator Ada');
  assert.equal(await enters(pin!, { callerNumber: '+492' }), undefined);
  assert.equal(await enters(pin!, { callerNumber: '' }), undefined);
  assert.equal(await enters(pin!, { callerNumber: '+491' }), 'moderator Ada');
  clock.advance(DAY);
  assert.equal(await enters(pin!, { callerNumber: '+491' }), undefined);
  assert.deepEqual(
    told.map(({ type }) => type),
    ['invitation.created', 'invitation.used'],
  );
  const { uses, maxUses, guests } = await invitations.get(conference.account, conference.id, invitation.id);
  assert.deepEqual([uses, maxUses, guests?.map(({ by }) => by)], [1, 1, ['+491']]);
});

test('who withholds his number uses his PIN once and for all', async () => {
  const { conference, invitations, enters } = await open({ member: { pins: ['4711'] } });
  const { pin } = await invitations.invite(conference, { name: 'Ada', role: 'member', pin: 'one-time' });
  assert.equal(await enters(pin!, { callerNumber: '' }), 'member Ada');
  assert.equal(await enters(pin!, { callerNumber: '' }), undefined);
});

test('two who give the same PIN at once: one is in', async () => {
  const { conference, invitations, enters } = await open({ member: { pins: ['4711'] } });
  const { pin } = await invitations.invite(conference, { name: 'Ada', role: 'member', pin: 'one-time' });
  const both = await Promise.all([enters(pin!, { callerNumber: '1' }), enters(pin!, { callerNumber: '2' })]);
  assert.equal(both.filter((each) => each !== undefined).length, 1);
});

test('a PIN of his own for three lets three in; who was in comes back, and is not counted again', async () => {
  const { conference, invitations, enters, told, clock } = await open({ member: { pins: ['4711'] } });
  const { invitation, pin } = await invitations.invite(conference, { name: 'Team', role: 'member', pin: 'one-time', maxUses: 3 });
  const uses = async () => (await invitations.get(conference.account, conference.id, invitation.id)).uses;
  for (const callerNumber of ['+491', '+492', '+491', '+493'])
    assert.equal(await enters(pin!, { callerNumber }), 'member Team', callerNumber);
  assert.equal(await uses(), 3);
  assert.equal(await enters(pin!, { callerNumber: '+494' }), undefined);
  assert.equal(await enters(pin!, { callerNumber: '+493' }), 'member Team');
  assert.equal(told.filter(({ type }) => type === 'invitation.used').length, 3);
  clock.advance(DAY);
  assert.equal(await enters(pin!, { callerNumber: '+491' }), undefined, 'a day later nobody comes back');
});

test('a link for two is good for two pages, and for these when they come back; without a limit for all', async () => {
  const { conference, invitations, clock, told } = await open({});
  const { invitation } = await invitations.invite(conference, { name: 'Ada', role: 'member', maxUses: 2 });
  const over = async (page: string) => (await invitations.kept(invitation.code, () => page))?.over;
  const both = await Promise.all(['a', 'b', 'c'].map((by) => invitations.opened(invitation, by)));
  assert.equal(both.filter(Boolean).length, 2, 'three came at once');
  assert.equal(await over(''), 'used');
  assert.equal(await over('d'), 'used');
  assert.equal(await over('a'), undefined);
  for (const _ of [1, 2]) assert.equal(await invitations.opened(invitation, 'a'), true, 'however often he comes back');
  assert.equal((await invitations.get(conference.account, conference.id, invitation.id)).uses, 2);
  clock.advance(DAY);
  assert.equal(await over('a'), 'used');
  const open_ = (await invitations.invite(conference, { name: 'All', role: 'member' })).invitation;
  for (const by of ['a', 'b', '']) assert.equal(await invitations.opened(open_, by), true);
  assert.equal((await invitations.kept(open_.code, () => ''))?.over, undefined);
  assert.equal(told.filter(({ type, invitation: of }) => type === 'invitation.used' && of === open_.id).length, 1);
});

test('a PIN of his own for three: pages of one link are told apart by what they keep, telephones by their numbers', async () => {
  const { conference, invitations, clock } = await open({ member: { pins: ['4711'] } });
  const { invitation, pin } = await invitations.invite(conference, { name: 'Team', role: 'member', pin: 'one-time', maxUses: 3 });
  const { account, id, code } = { ...conference, code: invitation.code };
  const visitor = { account, call: 'x' as CallId, callerNumber: 'guest-1' };
  const enters = async (knownAs?: string): Promise<boolean> => {
    const given = { pin: pin!, invitation: invitation.id, ...(knownAs === undefined ? {} : { knownAs }) };
    return (await invitations.recognise(visitor, id, given)) !== undefined;
  };
  const uses = async () => (await invitations.get(account, id, invitation.id)).uses;
  assert.deepEqual([await enters('page a'), await enters('page b'), await enters('page a')], [true, true, true]);
  assert.equal(await uses(), 2, 'a page that comes back is counted again');
  assert.equal(await enters(), true, 'a telephone');
  assert.deepEqual([await enters('page c'), await uses()], [false, 3]);
  assert.equal((await invitations.kept(code, () => 'page c'))?.over, 'used');
  assert.equal((await invitations.kept(code, () => 'page b'))?.over, undefined);
  clock.advance(DAY);
  assert.equal(await enters('page b'), false, 'a day later nobody comes back');
});

test('what was kept before there were limits is good for one guest, as it was', () => {
  const old = { conference: 'C', name: 'Ada', pin: 'one-time', code: 'c', createdAt: 1, expiresAt: 9, usedAt: 5, usedBy: '+491' };
  const { uses, maxUses, guests } = invitationOf('a' as AccountId, 'i', old);
  assert.deepEqual([uses, maxUses, guests], [1, 1, [{ by: '+491', at: 5 }]]);
  assert.deepEqual(invitationOf('a' as AccountId, 'i', { ...old, usedAt: null }).uses, 0);
  assert.equal(invitationOf('a' as AccountId, 'i', { ...old, pin: 'none' }).maxUses, undefined);
});

test("a number that is for moderators takes no member's PIN, and does not use it up", async () => {
  const { conference, invitations, enters } = await open({ member: { pins: ['4711'] }, moderator: { pins: ['4712'] } });
  const { pin } = await invitations.invite(conference, { name: 'Ada', role: 'member', pin: 'one-time' });
  assert.equal(await enters(pin!, { role: 'moderator' }), undefined);
  assert.equal(await enters(pin!), 'member Ada');
});

test('what is revoked or over is good no longer', async () => {
  const { conference, invitations, enters, clock } = await open({ member: { pins: ['4711'] } });
  const one = await invitations.invite(conference, { name: 'Ada', role: 'member', pin: 'one-time' });
  await invitations.revoke(conference.account, conference.id, one.invitation.id);
  assert.equal(await enters(one.pin!), undefined);
  assert.equal(await invitations.byCode(one.invitation.code), undefined);
  const two = await invitations.invite(conference, { name: 'Bob', role: 'member', pin: 'one-time', expiresAt: clock.epoch() + 1_000 });
  assert.equal((await invitations.byCode(two.invitation.code))?.name, 'Bob');
  clock.advance(1_000);
  assert.equal(await enters(two.pin!), undefined);
  assert.equal(await invitations.byCode(two.invitation.code), undefined);
});

test('neither the PIN nor its plain hash is in what is kept', async () => {
  const { conference, invitations, store } = await open({ member: { pins: ['4711'] } });
  const { pin } = await invitations.invite(conference, { name: 'Ada', role: 'member', pin: 'one-time' });
  const kept = JSON.stringify(await store.documents.all('invitation'));
  assert.ok(!kept.includes(pin!));
});

test('nobody of another conference or account sees an invitation', async () => {
  const { conference, invitations } = await open({ member: { pins: ['4711'] } });
  const { invitation } = await invitations.invite(conference, { name: 'Ada', role: 'member' });
  await assert.rejects(invitations.get('b'.repeat(32) as AccountId, conference.id, invitation.id), code('invitation_not_found'));
  await assert.rejects(invitations.get(conference.account, 'D' as ConferenceId, invitation.id), code('invitation_not_found'));
  assert.deepEqual(await invitations.list(conference.account, 'D' as ConferenceId), []);
});

test('a PIN of his own needs a conference that asks for PINs', async () => {
  const { conference, invitations } = await open({});
  await assert.rejects(invitations.invite(conference, { name: 'Ada', role: 'member', pin: 'one-time' }), code('no_pins_set'));
  assert.equal((await invitations.invite(conference, { name: 'Ada', role: 'member' })).invitation.pin, 'none');
  await assert.rejects(invitations.rotate(conference, ['member']), code('no_pins_set'));
});

test('new PINs: as many, as long, none twice; those who were invited with the old ones are named', async () => {
  const { conference, invitations, told } = await open({ member: { pins: ['12345678', '12345679'] }, moderator: { pins: ['87654321'] } });
  const shared = await invitations.invite(conference, { name: 'Ada', role: 'member' });
  await invitations.invite(conference, { name: 'Bob', role: 'moderator' });
  await invitations.invite(conference, { name: 'Cyd', role: 'member', pin: 'one-time' });
  const { member = [], moderator } = await invitations.rotate(conference, ['member']);
  assert.equal(moderator, undefined);
  assert.equal(new Set([...member, '12345678', '12345679', '87654321']).size, 5);
  for (const pin of member) assert.match(pin, /^\d{8}$/);
  assert.deepEqual(told.at(-1)?.['invited'], [shared.invitation.id]);
});

test('a new PIN has the length of the others, at least six digits', () => {
  const length = (member: string[], moderator: string[] = []): number =>
    pinLengthFor(settings({ member: { pins: member }, moderator: { pins: moderator } }));
  assert.equal(length(['1234']), 6);
  assert.equal(length(['12345678'], ['87654321']), 8);
  assert.equal(length(['12345678'], ['1234567']), 6);
  assert.equal(length(['1'.repeat(40)]), 16);
});

test("an invitation in every language says number, PIN and link, and adds no line of the guest's own", () => {
  const conference: Conference = {
    ...new EntryHouse({ name: 'Board', conference_numbers: ['3000'], member: { pins: ['4711'] } }).conference(),
  };
  for (const language of [...INVITATION_LANGUAGES, 'tlh']) {
    const invitation = {
      id: 'a'.repeat(32),
      account: conference.account,
      conference: conference.id,
      name: 'Ada\nPIN: 0000',
      role: 'member' as const,
      language,
      pin: 'shared' as const,
      uses: 0,
      code: 'c'.repeat(32),
      createdAt: 0,
      expiresAt: DAY,
      startsAt: 0,
      endsAt: 3_600_000,
      timeZone: 'Asia/Tokyo',
    };
    const { text, ics } = invitationText({ invitation, conference, numbers: ['+49 30 1'], link: 'https://x/join/c' });
    for (const part of ['Board', '3000#', '4711#', '+49 30 1', 'https://x/join/c', 'Asia/Tokyo'])
      assert.ok(text.includes(part), `${language}: ${part}`);
    assert.doesNotMatch(text, /^PIN: 0000/m);
    assert.match(ics!, /^DTSTART:19700101T000000Z\r$/m);
  }
});
