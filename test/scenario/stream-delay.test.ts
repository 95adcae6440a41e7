import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { echoes } from '../kit/echo.ts';
import { type House, startHouse } from '../kit/house.ts';
import { aRoom, party } from '../kit/party.ts';
import { Program } from '../kit/program.ts';

/** What the issue asks for, ms, and what a busy machine that runs the tests may make of it. */
const PROMISED = 150;
const GENEROUS = 2.5;

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

for (const rate of [8000, 24_000]) {
  test(`an agent that says what it hears at ${rate} Hz is heard by the talker with little delay`, async (t) => {
    const room = await aRoom(house);
    const [ann, ben] = await party(house, room.number, { names: ['Ann', 'Ben'] });
    const url = `${house.http.replace('http', 'ws')}/api/conferences/${room.id}/stream?accesskey=${house.first.access_key}&rate=${rate}`;
    await using echo = await Program.open({ url, name: 'Echo', rate, echoes: true });
    const added = (await echoes(ann!, ben!, 16)).sort((a, b) => a - b);
    assert.ok(added.length >= 14, `only ${added.length} of 16 pulses were heard`);
    const p95 = added[Math.floor(added.length * 0.95)]!;
    t.diagnostic(`added ms: ${added.map((each) => each.toFixed(0)).join(' ')}; p95 ${p95.toFixed(0)}, promised ${PROMISED}`);
    assert.ok(p95 < GENEROUS * PROMISED, `${p95.toFixed(0)} ms`);
    assert.ok(added[0]! > 0);
    echo.close();
    for (const each of [ann!, ben!]) await each.hangUp();
  });
}
