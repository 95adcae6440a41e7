import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hearingMatrix } from '../kit/hearing.ts';
import { eventually, startHouse } from '../kit/house.ts';
import { Phone } from '../kit/phone.ts';
import { runSipp } from '../kit/sipp.ts';
import { TONES, toMuLaw, tone } from '../kit/sound.ts';

const CALLS = 100;
const ROOMS = 20;

/** The last line of SIPp's statistics, by column name. */
function statistics(directory: string): Record<string, string> {
  const file = readdirSync(directory).find((each) => each.endsWith('_.csv')) ?? assert.fail('SIPp wrote no statistics');
  const [head = '', ...lines] = readFileSync(join(directory, file), 'utf8').trim().split('\n');
  const last = (lines.at(-1) ?? '').split(';');
  return Object.fromEntries(head.split(';').map((name, n) => [name, last[n] ?? '']));
}

test('SIPp: 100 calls at 20 per second into rooms of five, none failed', { timeout: 90_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'parley-sipp-'));
  await using house = await startHouse();
  try {
    const numbers = Array.from({ length: ROOMS }, (_, n) => String(8000 + n));
    const ids: string[] = [];
    for (const number of numbers) {
      const { body } = await house.kazoo('PUT', '/conferences', {
        name: `room ${number}`,
        conference_numbers: [number],
        member: { join_muted: false },
      });
      ids.push(body.data.id);
    }
    // Five neighbours each: lines are taken in order.
    const lines = Array.from({ length: CALLS }, (_, n) => numbers[Math.floor(n / 5)]!);
    writeFileSync(join(directory, 'numbers.csv'), `SEQUENTIAL\n${lines.join('\n')}\n`);
    const voice = join(directory, 'voice.ulaw');
    writeFileSync(voice, Uint8Array.from(tone(TONES[0]!, { length: 8000 }), toMuLaw));
    const scenario = join(directory, 'room-of-five.xml');
    writeFileSync(scenario, readFileSync(join(import.meta.dirname, '../fixtures/sipp/room-of-five.xml'), 'utf8').replace('VOICE', voice));

    // A witness sits in the first room: it must hear SIPp's voice, not only see its signalling succeed.
    await using witness = await Phone.open({ server: house.sip, user: 'Witness', tone: TONES[5]! });
    await witness.call(numbers[0]!);

    const args = [house.sip, '-sf', scenario, '-inf', join(directory, 'numbers.csv'), '-i', '127.0.0.1', '-mi', '127.0.0.1'];
    const load = ['-r', '20', '-m', String(CALLS), '-l', String(CALLS)];
    const traces = ['-trace_stat', '-stf', join(directory, 'sipp_.csv')];
    const ended = runSipp(directory, [...args, ...load, ...traces]);
    const heard = eventually(
      () => witness.hears().length === 1 && witness.hears()[0] === TONES[0],
      'the witness does not hear SIPp',
      10_000,
    );
    await Promise.all([heard, ended]);

    const seen = statistics(directory);
    assert.equal(seen['TotalCallCreated'], String(CALLS));
    assert.equal(seen['SuccessfulCall(C)'], String(CALLS));
    assert.equal(seen['FailedCall(C)'], '0');

    await hearingMatrix([witness], {});
    await witness.hangUp();
    for (const id of ids) {
      await eventually(
        async () => (await house.kazoo('GET', `/conferences/${id}/participants`)).body.data.length === 0,
        'somebody is still listed',
      );
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
