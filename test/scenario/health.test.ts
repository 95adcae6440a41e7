import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, numberOf, party } from '../kit/party.ts';
import type { SipText } from '../kit/sip-text.ts';

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

test('a telephone whose process is killed is out of the room within 5 s; who is silent and answers stays, and so does who holds', async () => {
  const room = await aRoom(house);
  const [mute, holds] = await party(house, room.number, { names: ['Mute', 'Holds'] });
  await using killed = lonePhone(room.number);
  await numberOf(house, room.id, 'Lone');
  mute!.rtp.aim(undefined);
  await holds!.hold('inactive');
  killed.child.kill('SIGKILL');
  await once(killed.child, 'exit');
  const since = performance.now();
  await eventually(async () => !(await participants(house, room.id)).has('Lone'), 'the dead one is still listed', 6000);
  const took = performance.now() - since;
  assert.ok(took < 5000, `it took ${Math.round(took)} ms`);
  assert.ok(took > 2000, 'a moment of silence is no death');
  // The silent one is asked again and again, and is there when it has been three times.
  await eventually(() => asked(mute!.received) >= 3, 'the silent one is not asked');
  assert.ok(mute!.inCall && holds!.inCall);
  assert.equal(asked(holds!.received), 0, 'who holds need not send');
  assert.deepEqual([...(await participants(house, room.id)).keys()].sort(), ['Holds', 'Mute']);
});

const asked = (received: readonly SipText[]): number => received.filter(({ method }) => method === 'OPTIONS').length;

/** A telephone in a process of its own. */
function lonePhone(number: string) {
  const args = [join(import.meta.dirname, '..', 'kit', 'lone-phone.ts'), house.sip, number];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return { child, [Symbol.asyncDispose]: async () => void child.kill('SIGKILL') };
}
