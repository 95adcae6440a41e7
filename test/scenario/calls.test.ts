import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { all, hearingMatrix } from '../kit/hearing.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied, numberOf, party, quiet } from '../kit/party.ts';
import type { HoldWay } from '../kit/phone.ts';
import { header } from '../kit/sip-text.ts';

let house: House;
before(async () => {
  house = await startHouse();
  await quiet(house);
});
after(() => house.close());

describe('hold', () => {
  const ways: readonly (readonly [HoldWay, 'INVITE' | 'UPDATE'])[] = [
    ['sendonly', 'INVITE'],
    ['inactive', 'INVITE'],
    ['zero-address', 'INVITE'],
    ['sendonly', 'UPDATE'],
  ];
  for (const [way, by] of ways) {
    test(`${way} by ${by}: its music is not heard, the others talk on, resume restores`, async () => {
      const room = await aRoom(house);
      const phones = await party(house, room.number, { names: ['Ann', 'Ben', 'Cleo'] });
      await hearingMatrix(phones, all(phones));
      await phones[0]!.hold(way, by);
      if (way === 'sendonly') assert.ok(['recvonly', 'inactive'].includes(phones[0]!.far!.direction), phones[0]!.far!.direction);
      if (way === 'inactive') assert.equal(phones[0]!.far!.direction, 'inactive');
      await hearingMatrix(phones, { Ben: ['Cleo'], Cleo: ['Ben'] });
      await phones[0]!.resume(by);
      assert.equal(phones[0]!.far!.direction, 'sendrecv');
      await hearingMatrix(phones, all(phones));
      for (const each of phones) await each.hangUp();
    });
  }

  test('nobody clears hold: the API unmutes a phone on hold in vain', async () => {
    const room = await aRoom(house);
    const phones = await party(house, room.number, { names: ['Ann', 'Ben'] });
    const ann = await numberOf(house, room.id, 'Ann');
    await phones[0]!.hold('sendonly');
    await hearingMatrix(phones, {});
    await house.act(`${room.id}/participants/${ann}`, 'unmute');
    await hearingMatrix(phones, {});
    await phones[0]!.resume();
    await hearingMatrix(phones, all(phones));
    for (const each of phones) await each.hangUp();
  });

  test('mute set during hold outlives it', async () => {
    const room = await aRoom(house);
    const phones = await party(house, room.number, { names: ['Ann', 'Ben'] });
    const ann = await numberOf(house, room.id, 'Ann');
    await phones[0]!.hold('inactive');
    await house.act(`${room.id}/participants/${ann}`, 'mute');
    await phones[0]!.resume();
    await hearingMatrix(phones, { Ann: ['Ben'] });
    for (const each of phones) await each.hangUp();
  });
});

test('a phone that moves its media to another port is heard and hears there', async () => {
  const room = await aRoom(house);
  const phones = await party(house, room.number, { names: ['Ann', 'Ben'] });
  await hearingMatrix(phones, all(phones));
  await phones[0]!.move();
  await hearingMatrix(phones, all(phones));
  for (const each of phones) await each.hangUp();
});

test('an offer may come in the ACK', async () => {
  const room = await aRoom(house);
  const [ann] = await party(house, room.number, { names: ['Ann'] });
  const ben = await house.phone({ user: 'Ben', tone: 530 });
  await ben.call(room.number, { offerInAck: true });
  await hearingMatrix([ann!, ben], all([ann!, ben]));
  await ben.hangUp();
  await ann!.hangUp();
});

test('A-law and µ-law, 20 and 30 ms packets in one room', async () => {
  const room = await aRoom(house);
  const phones = await party(house, room.number, {
    names: ['Ann', 'Ben', 'Cleo', 'Dan'],
    each: { Ben: { codec: 'PCMA' }, Cleo: { ptime: 30 }, Dan: { codec: 'PCMA', ptime: 30 } },
  });
  await hearingMatrix(phones, all(phones));
  for (const each of phones) {
    assert.equal(each.rtp.sources.size, 1, `${each.name} hears one sender`);
    await each.hangUp();
  }
});

test('a locked room refuses who comes by himself, keeps who is in, and lets in again after unlock', async () => {
  const room = await aRoom(house);
  const phones = await party(house, room.number, { names: ['Ann', 'Ben'] });
  await house.act(room.id, 'lock');
  const late = await house.phone({ user: 'Late', tone: 660 });
  const status = await late.tries(room.number);
  assert.ok(status >= 400, `answered ${status}`);
  await hearingMatrix(phones, all(phones));
  assert.deepEqual([...(await participants(house, room.id)).keys()].sort(), ['Ann', 'Ben']);
  await house.act(room.id, 'unlock');
  await late.call(room.number);
  phones.push(late);
  await hearingMatrix(phones, all(phones));
  for (const each of phones) await each.hangUp();
});

test('a call taken back leaves nobody in the room, whichever of CANCEL and 200 was first', async () => {
  const room = await aRoom(house);
  for (let n = 0; n < 5; n++) {
    const hasty = await house.phone({ user: `Hasty${n}` });
    const { invite, cancel } = await hasty.callAndCancel(room.number);
    assert.ok(invite === 487 || invite === 200, `INVITE was answered ${invite}`);
    assert.ok(cancel === 200 || cancel === 481, `CANCEL was answered ${cancel}`);
  }
  await emptied(house, room.id);
  const phones = await party(house, room.number, { names: ['Ann', 'Ben'] });
  await hearingMatrix(phones, all(phones));
  for (const each of phones) await each.hangUp();
});

test('keys by RFC 4733 and by INFO are taken and nobody hears them as a voice', async () => {
  const room = await aRoom(house);
  const phones = await party(house, room.number, { names: ['Ann', 'Ben'] });
  // Keys that the default map does nothing with: # would hang up.
  await phones[0]!.sendDigits('129', 'info');
  await phones[0]!.sendDigits('78');
  await hearingMatrix(phones, all(phones));
  for (const each of phones) await each.hangUp();
});

test('a number that nobody has is refused 404; OPTIONS says what is spoken here', async () => {
  const ann = await house.phone({ user: 'Ann' });
  assert.equal(await ann.tries('99999'), 404);
  const options = await ann.options();
  assert.equal(options.status, 200);
  for (const method of ['INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS', 'UPDATE', 'REGISTER', 'INFO']) {
    assert.match(header(options, 'allow'), new RegExp(`\\b${method}\\b`));
  }
});

test('rubbish on the SIP port harms nobody', async () => {
  const phones = await party(house, '3000', { names: ['Ann', 'Ben'] });
  for (const junk of [
    '',
    '\r\n\r\n',
    'INVITE',
    'INVITE sip:3000@x SIP/2.0\r\n\r\n',
    `BYE sip:x SIP/2.0\r\nVia: ;;;\r\n${'x'.repeat(3000)}\r\n\r\n`,
  ]) {
    phones[0]!.sip.raw(Buffer.from(junk));
    phones[0]!.sip.raw(Buffer.from([...Buffer.from(junk), 0, 255, 254]));
  }
  await hearingMatrix(phones, all(phones));
  for (const each of phones) await each.hangUp();
  await emptied(house, house.first.conference_id);
});

test('calling again after hanging up works, in another room too', async () => {
  const [one, two] = [await aRoom(house), await aRoom(house)];
  const [ann, ben] = await party(house, one.number, { names: ['Ann', 'Ben'] });
  await ann!.hangUp();
  await ann!.call(two.number);
  await hearingMatrix([ann!, ben!], {});
  await ann!.hangUp();
  await ann!.call(one.number);
  await hearingMatrix([ann!, ben!], all([ann!, ben!]));
  await ann!.hangUp();
  await ben!.hangUp();
  await eventually(async () => (await participants(house, one.id)).size === 0, 'somebody is still listed');
});
