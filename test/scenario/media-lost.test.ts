import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { all, hearingMatrix } from '../kit/hearing.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied, party } from '../kit/party.ts';
import { Phone } from '../kit/phone.ts';
import { openDoor } from '../kit/sqlite-door.ts';

let house: House;
before(async () => {
  house = await startHouse({ env: { PARLEY_MEDIA_TIMEOUT: '1' } });
});
after(() => house.close());

test('a phone that sends nothing any more gets a BYE and leaves with reason media-lost; who talks stays', async () => {
  const room = await aRoom(house);
  const phones = await party(house, room.number, { names: ['Ann', 'Ben'] });
  await hearingMatrix(phones, all(phones));
  // The network is gone for its sound, while its signalling still answers.
  phones[0]!.rtp.aim(undefined);
  await phones[0]!.ended(6000);
  assert.deepEqual([...(await participants(house, room.id)).keys()], ['Ben']);
  await hearingMatrix(phones.slice(1), {});
  await phones[1]!.hangUp();
});

test('a phone that vanishes altogether leaves the room', async () => {
  const room = await aRoom(house);
  await using dead = await Phone.open({ server: house.sip, user: 'Dead' });
  await dead.call(room.number);
  await eventually(async () => (await participants(house, room.id)).size === 1, 'nobody joined');
  dead.vanish();
  await emptied(house, room.id);
});

test('a phone on hold may be silent for as long as it likes; after resume it may not', async () => {
  const room = await aRoom(house);
  const [ann] = await party(house, room.number, { names: ['Ann'] });
  await ann!.hold('inactive');
  // Three times as long as the other would be let live; the other is the clock here.
  for (let n = 0; n < 3; n++) {
    await using silent = await Phone.open({ server: house.sip, user: `Silent${n}` });
    await silent.call(room.number);
    silent.rtp.aim(undefined);
    await silent.ended(6000);
  }
  assert.ok(ann!.inCall, 'the phone on hold was sent away');
  await ann!.resume();
  assert.equal(ann!.far!.direction, 'sendrecv');
  ann!.rtp.aim(undefined);
  await ann!.ended(6000);
  await emptied(house, room.id);
});

test('the closing fact says media-lost', async () => {
  const { first } = house;
  const room = await aRoom(house);
  await using lost = await Phone.open({ server: house.sip, user: 'Lost' });
  await lost.call(room.number);
  lost.rtp.aim(undefined);
  await lost.ended(6000);
  await emptied(house, room.id);
  await house.stop();
  const stores = await openDoor(house.dataDir);
  const facts = await stores.conferences.facts(first.account_id as never, room.id as never, 0);
  await stores.close();
  assert.deepEqual(
    facts.flatMap((fact) => (fact.type === 'participant.left' ? [fact.reason] : [])),
    ['media-lost'],
  );
});
