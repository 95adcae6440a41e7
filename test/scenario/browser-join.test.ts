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
