import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { asListener, mixedMatrix } from '../kit/browser.ts';
import { Guest } from '../kit/guest.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied } from '../kit/party.ts';
import { TONES } from '../kit/sound.ts';

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

const api = async (method: string, path: string, body?: object) =>
  house.fetch(method, `/api${path}`, {
    headers: { authorization: `Bearer ${house.first.access_key}` },
    ...(body === undefined ? {} : { body: JSON.parse(JSON.stringify(body)) }),
  });

/** Invites a guest: the code of his link, and a PIN of his own. */
async function invite(room: string, wish: object = {}): Promise<{ code: string; id: string; pin?: string }> {
  const { status, body } = await api('POST', `/conferences/${room}/invitations`, { name: 'Guest', ...wish });
  assert.equal(status, 201, JSON.stringify(body));
  return { code: body.link.split('/').at(-1), id: body.id, pin: body.one_time_pin };
}

const join = (code: string, name: string, hz: number, pin?: string): Promise<Guest> =>
  Guest.open({ server: house.http, code, name, hz, ...(pin === undefined ? {} : { pin }) });

/** Whether a guest's page shows somebody as talking. */
const isTalking = (guest: Guest, name: string): boolean =>
  [...guest.last('people').people, ...guest.frames.flatMap((each) => (each.type === 'person' ? [each.person] : []))].findLast(
    (each: { name: string }) => each.name === name,
  )?.talking === true;

test('two guests and two telephones: who hears whom, muted, deaf, raised hands, people, and out again', async () => {
  const room = await aRoom(house);
  const { code } = await invite(room.id);
  const ann = await house.phone({ user: 'Ann', tone: TONES[0]! });
  const ben = await house.phone({ user: 'Ben', tone: TONES[1]! });
  await ann.call(room.number);
  await ben.call(room.number);
  await using cleo = await join(code, 'Cleo', TONES[2]!);
  await using dan = await join(code, 'Dan', TONES[3]!);
  const everybody = [asListener(ann), asListener(ben), cleo, dan];
  const others = (...without: string[]) =>
    Object.fromEntries(
      everybody.map(({ name }) => [name, everybody.map((each) => each.name).filter((each) => each !== name && !without.includes(each))]),
    );
  await mixedMatrix(everybody, others());
  const { participant, conference, role } = await cleo.hear('joined');
  assert.equal(role, 'member');
  assert.equal(conference.name, `room ${room.number}`);
  const people = (guest: Guest) => guest.last('people').people.map((each: { name: string }) => each.name);
  assert.deepEqual(people(dan), ['Ann', 'Ben', 'Cleo', 'Dan']);
  await cleo.hear('person', ({ person }) => person.name === 'Dan' && person.kind === 'browser');
  await eventually(() => isTalking(dan, 'Ann'), 'nobody is shown to talk');

  cleo.say({ type: 'mute', muted: true });
  await mixedMatrix(everybody, others('Cleo'));
  await cleo.hear('self', (self) => self.muted && self.can_unmute && self.mute_reasons.includes('self'));
  await dan.hear('person', ({ person }) => person.id === participant && person.muted);
  cleo.say({ type: 'mute', muted: false });
  await mixedMatrix(everybody, others());
  cleo.say({ type: 'deaf', deaf: true });
  await mixedMatrix(everybody, { ...others(), Cleo: [] });
  cleo.say({ type: 'deaf', deaf: false });
  cleo.say({ type: 'hand', raised: true });
  await dan.hear('person', ({ person }) => person.id === participant && person.hand);
  cleo.say({ type: 'ping' });
  await cleo.hear('pong');

  cleo.say({ type: 'leave' });
  await cleo.hear('ended', ({ cause }) => cause === 'left');
  await dan.hear('left', ({ id }) => id === participant);
  const kicked = (await participants(house, room.id)).get('Dan')?.participant_id;
  await house.act(`${room.id}/participants/${kicked}`, 'kick');
  await dan.hear('ended', ({ cause }) => cause === 'kicked');
  await ann.hangUp();
  await ben.hangUp();
  await emptied(house, room.id);
});

test('PINs: the wrong one is refused at the entry machine’s pace, the right one lets in; a PIN of his own is used up by him alone', async () => {
  const room = await aRoom(house, { member: { join_muted: false, pins: ['2468'] }, moderator: { join_muted: false, pins: ['13579'] } });
  const shared = await invite(room.id, { pin: 'shared' });
  const view = await house.fetch('GET', `/api/invitations/${shared.code}`);
  assert.deepEqual(
    [view.status, view.body.pin, view.body.name, view.body.role, view.body.conference, view.body.ice_servers],
    [200, true, 'Guest', 'member', { name: `room ${room.number}` }, []],
  );
  await using ann = await join(shared.code, 'Ann', TONES[0]!);
  assert.equal((await ann.hear('pin')).wrong, false);
  // A moderator's PIN is wrong for a member.
  ann.say({ type: 'pin', pin: '13579' });
  await ann.hear('waiting', ({ why }) => why === 'checking');
  await ann.hear('pin', ({ wrong }) => wrong);
  ann.say({ type: 'pin', pin: '2468' });
  assert.equal((await ann.hear('joined')).role, 'member');
  ann.say({ type: 'pin', pin: '1' });
  await ann.hear('problem', ({ code }) => code === 'no_pin_asked');

  const own = await invite(room.id, { pin: 'one-time', role: 'moderator', name: 'Boss' });
  await using boss = await Guest.open({ server: house.http, code: own.code, pin: own.pin!, hz: TONES[1]! });
  assert.equal((await boss.hear('joined')).role, 'moderator');
  assert.equal(
    boss.frames.some(({ type }) => type === 'pin'),
    false,
    'what came with join is not asked for',
  );
  await mixedMatrix([ann, boss], { Ann: ['Guest'], Guest: ['Ann'] });
  await eventually(async () => (await participants(house, room.id)).has('Boss'), 'the name of the invitation is not shown');
  // The same guest in another window takes his own place.
  await using again = await Guest.open({ server: house.http, code: own.code, pin: own.pin!, hz: TONES[2]! });
  await again.hear('joined');
  assert.equal((await boss.hear('ended')).cause, 'taken-over');
  assert.equal((await participants(house, room.id)).size, 2);

  const guesser = await join(shared.code, 'Mallory', TONES[4]!, '0000');
  for (const n of [1, 2]) {
    await eventually(() => guesser.frames.filter(({ type, wrong }) => type === 'pin' && wrong).length === n, `wrong PIN ${n} was not told`);
    guesser.say({ type: 'pin', pin: '0000' });
  }
  assert.equal((await guesser.hear('ended')).cause, 'wrong-pin');
  await guesser.close();
});

test('a waiting room: he hears nobody and is not listed until a moderator admits him; another one is turned away; a removed one is out', async () => {
  const room = await aRoom(house, { waiting_room: true });
  const { code } = await invite(room.id);
  const boss = await house.phone({ user: 'Boss', tone: TONES[0]! });
  await boss.call(room.moderators);
  await using ann = await join(code, 'Ann', TONES[1]!);
  await ann.hear('waiting', ({ why }) => why === 'admission');
  await mixedMatrix([asListener(boss), ann], {});
  const waiting = async () => (await api('GET', `/conferences/${room.id}`)).body.waiting as { id: string; caller_name: string }[];
  const { id } = await eventually(async () => (await waiting())[0], 'nobody waits');
  assert.equal((await participants(house, room.id)).size, 1);
  // A page that comes back sees what it saw.
  await ann.vanish();
  await ann.resume();
  await ann.hear('waiting', ({ why }) => why === 'admission');
  await api('POST', `/conferences/${room.id}/waiting/${id}/admit`);
  await ann.hear('joined');
  await mixedMatrix([asListener(boss), ann], { Boss: ['Ann'], Ann: ['Boss'] });
  await using ben = await join(code, 'Ben', TONES[2]!);
  await ben.hear('waiting', ({ why }) => why === 'admission');
  const second = await eventually(async () => (await waiting())[0], 'nobody waits');
  await api('POST', `/conferences/${room.id}/waiting/${second.id}/deny`);
  assert.equal((await ben.hear('ended')).cause, 'denied');
  await boss.hangUp();
});

test('a network that is lost and found again is one participant; ICE restarts; whoever stays away is gone after half a minute', async () => {
  const room = await aRoom(house);
  const { code } = await invite(room.id);
  const boss = await house.phone({ user: 'Boss', tone: TONES[0]! });
  await boss.call(room.moderators);
  await using ann = await join(code, 'Ann', TONES[1]!);
  const { participant } = await ann.hear('joined');
  const both = { Boss: ['Ann'], Ann: ['Boss'] };
  await mixedMatrix([asListener(boss), ann], both);
  await ann.restart();
  await mixedMatrix([asListener(boss), ann], both);
  const { resume } = ann.last('answer');
  await ann.vanish();
  const start = performance.now();
  await ann.resume();
  assert.equal((await ann.hear('joined')).participant, participant);
  await mixedMatrix([asListener(boss), ann], both);
  console.log(`  back after ${Math.round(performance.now() - start)} ms, matrix included`);
  const facts = (await api('GET', `/conferences/${room.id}/facts`)).body;
  const joined = JSON.stringify(facts).match(/"participant\.joined"/g)?.length;
  assert.equal(joined, 2, 'a second participant appeared');
  // A secret is worth nothing with another link, and another one nothing at all.
  const other = await invite(room.id);
  for (const [link, secret] of [
    [other.code, resume],
    [code, 'A'.repeat(43)],
  ] as const) {
    await using thief = await Guest.knock({ server: house.http, code: link, hz: TONES[5]!, resume: secret });
    assert.equal((await thief.hear('problem')).code, 'resume_over');
  }
  await ann.vanish();
  await eventually(async () => !(await participants(house, room.id)).has('Ann'), 'Ann is a ghost', 40_000);
  await boss.hangUp();
});
