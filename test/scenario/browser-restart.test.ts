import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePorts } from '../kit/free-ports.ts';
import { Guest } from '../kit/guest.ts';
import { hearingMatrix } from '../kit/hearing.ts';
import { eventually, participants, startHouse } from '../kit/house.ts';
import { aRoom } from '../kit/party.ts';
import { Phone } from '../kit/phone.ts';
import { TONES } from '../kit/sound.ts';

test('kill -9 with a browser and a telephone in a room: both calls are over as `restart`, and the page that comes again is the only one of its name', async () => {
  const [port] = await freePorts(1);
  await using house = await startHouse({ env: { PARLEY_HTTP_PORT: String(port) } });
  const api = async (method: string, path: string, body?: object) =>
    house.fetch(method, `/api${path}`, {
      headers: { authorization: `Bearer ${house.first.access_key}` },
      ...(body === undefined ? {} : { body: JSON.parse(JSON.stringify(body)) }),
    });
  const room = await aRoom(house);
  const { body: invitation } = await api('POST', `/conferences/${room.id}/invitations`, { name: 'Cleo', max_uses: 1 });
  const code = invitation.link.split('/').at(-1);
  await using ann = await Phone.open({ server: house.sip, user: 'Ann', tone: TONES[0]! });
  await ann.call(room.number);
  await using cleo = await Guest.open({ server: house.http, code, name: 'Cleo', hz: TONES[1]! });
  await hearingMatrix([ann, cleo], { Ann: ['Cleo'], Cleo: ['Ann'] });
  const { participant: before } = cleo.last('joined');
  const { resume } = cleo.last('answer');
  // What a restart finds is what was stored; a call is stored a moment after it is up.
  await house.kill();
  await cleo.vanish();
  const ended = ann.ended(60_000);
  await house.start();
  await ended;
  assert.equal((await participants(house, room.id)).size, 0, 'somebody is in who is not there');

  await using late = await Guest.knock({ server: house.http, code, hz: TONES[1]!, resume });
  const problem = await late.hear('problem');
  assert.deepEqual([problem.status, problem.code, problem.restarted], [410, 'resume_over', true]);
  await eventually(() => late.closed === 4000, 'the socket stays open');
  // A link that is good for one guest is good for him again.
  await using again = await Guest.open({ server: house.http, code, name: 'Cleo', back: resume, hz: TONES[1]! });
  const { participant: after } = await again.hear('joined');
  assert.notEqual(after, before);
  await using ben = await Phone.open({ server: house.sip, user: 'Ben', tone: TONES[2]! });
  await ben.call(room.number);
  await hearingMatrix([ben, again], { Ben: ['Cleo'], Cleo: ['Ben'] });
  assert.deepEqual([...(await participants(house, room.id)).keys()].sort(), ['Ben', 'Cleo']);

  const cdrs = await eventually(async () => {
    const { items } = (await api('GET', '/cdrs')).body as { items: { caller_name: string; reason: string }[] };
    return items.length >= 2 && items;
  }, 'there are no CDRs of the calls that were cut');
  assert.deepEqual(cdrs.map(({ caller_name: name, reason }) => [name, reason]).sort(), [
    ['Ann', 'restart'],
    ['Cleo', 'restart'],
  ]);
  ben.vanish();
});
