import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, party } from '../kit/party.ts';
import { QUIET } from '../kit/quiet.ts';
import { peerSdp, SipPeer, toOf } from '../kit/sip-peer.ts';

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

test('the interval of a profile that came over HTTP is what a phone is offered', async () => {
  const room = await aRoom(house);
  const ptime = async (): Promise<string | undefined> => {
    const peer = await SipPeer.open(house.sip);
    peer.request('INVITE', {}, { uri: `sip:${room.number}@${house.sip}`, body: peerSdp() });
    const answer = await peer.answer('INVITE');
    peer.request('ACK', { To: toOf(answer), CSeq: '1 ACK' });
    peer.request('BYE', { To: toOf(answer), CSeq: '2 BYE' });
    await peer.answer('BYE');
    peer.close();
    return /^a=ptime:(\d+)/m.exec(answer.body)?.[1];
  };
  assert.equal(await ptime(), '20');
  const profile = { interval: 40, rate: 12_000, 'energy-level': 100, 'auto-gain-level': 0, 'comfort-noise': 1000 };
  const { body } = await house.kazoo('PATCH', `/conferences/${room.id}`, { profile });
  assert.deepEqual(body.data.profile, { ...QUIET, ...profile }, 'keys of FreeSWITCH that KAZOO does not name are kept');
  assert.equal(await ptime(), '40');
});

test('live data show who talks, how loud, who has the floor, and above which level, also one that came while they talked', async () => {
  const room = await aRoom(house);
  const phones = await party(house, room.number, { names: ['Ann', 'Ben'] });
  const talking = async (): Promise<string> => {
    const all = [...(await participants(house, room.id)).values()];
    const energies: number[] = all.map((each) => each.current_energy);
    const [least, most] = [Math.min(...energies), Math.max(...energies)];
    // The kit's tones have a mean of 4000 * 2 / pi = 2546.
    if (Math.abs(least - 2546) > 250 || Math.abs(most - 2546) > 250) return `energies from ${least} to ${most}`;
    return `${all.filter((each) => each.talking).length} talk, ${all.filter((each) => each.floor).length} has the floor, above ${all[0]?.energy_level}`;
  };
  const shows = (expected: string) => eventually(async () => (await talking()) === expected, expected);
  await shows('2 talk, 1 has the floor, above 20');
  await house.kazoo('PATCH', `/conferences/${room.id}`, { profile: { 'energy-level': 1800 } });
  await shows('2 talk, 1 has the floor, above 1800');
  for (const each of phones) await each.hangUp();
});
