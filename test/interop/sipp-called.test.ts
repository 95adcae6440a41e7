/** SIPp as the far end of calls that the server makes. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { freePorts } from '../kit/free-ports.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied } from '../kit/party.ts';
import { runSipp } from '../kit/sipp.ts';

let house: House;
const base = mkdtempSync(join(tmpdir(), 'parley-sipp-called-'));
before(async () => {
  house = await startHouse();
});
after(async () => {
  await house.close();
  rmSync(base, { recursive: true, force: true });
});

/** Calls a SIPp that follows a scenario; gives the row of the answer when SIPp is content too. `meanwhile` gets the room. */
async function called(scenario: string, data: { timeout?: number } = {}, meanwhile: (room: string) => Promise<void> = async () => {}) {
  const directory = join(base, scenario);
  mkdirSync(directory);
  const xml = readFileSync(join(import.meta.dirname, `../fixtures/sipp/${scenario}.xml`), 'utf8').replaceAll('PAUSE', '1500');
  writeFileSync(join(directory, 'scenario.xml'), xml);
  const [sip = 0, media = 0] = await freePorts(2);
  const local = ['-i', '127.0.0.1', '-mi', '127.0.0.1', '-p', String(sip), '-mp', String(media)];
  const room = await aRoom(house);
  const over = runSipp(directory, ['-sf', join(directory, 'scenario.xml'), '-m', '1', ...local]);
  // What SIPp says of itself comes first where both fail.
  const dialled = house.act(room.id, 'dial', { endpoints: [`sip:sipp@127.0.0.1:${sip}`], ...data });
  const [, answer] = await Promise.all([over, dialled, dialled.then(() => meanwhile(room.id))]);
  await emptied(house, room.id);
  const [row] = answer.body.data.endpoint_responses;
  return row;
}

test('a far end that is busy', async () => {
  const { status, message, sip_status: sip } = await called('called-busy');
  assert.deepEqual([status, message, sip], ['error', 'USER_BUSY', 486]);
});

test('a far end that does not answer is cancelled when its time is over', async () => {
  const { status, message } = await called('called-no-answer', { timeout: 1 });
  assert.deepEqual([status, message], ['error', 'NO_ANSWER']);
});

test('a far end whose 200 comes behind the CANCEL gets ACK and BYE, and never was in the room', async () => {
  const { status, message } = await called('called-late', { timeout: 1 });
  assert.deepEqual([status, message], ['error', 'NO_ANSWER']);
});

test('a far end that sounds early and wants PRACK is in when it answers, and leaves by itself', async () => {
  const seen: number[] = [];
  const row = await called('called-reliable', {}, async (room) => {
    await eventually(async () => (await participants(house, room)).size === 1, 'it is not listed');
    seen.push((await participants(house, room)).size);
  });
  assert.equal(row.status, 'success');
  assert.deepEqual(seen, [1]);
});
