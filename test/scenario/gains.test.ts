import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noLog, SystemClock } from '../../src/base/index.ts';
import { Conferences, gainOfLevel } from '../../src/conference/index.ts';
import { openEngine } from '../../src/media/index.ts';
import { MemoryStore } from '../../src/store/index.ts';
import { aCall, aConferenceId, anActor } from '../kit/conference-fakes.ts';
import { patientEngine } from '../kit/patient.ts';
import { RtpLine } from '../kit/rtp-line.ts';
import { SeededChance } from '../kit/seeded-chance.ts';
import { strength, TONES } from '../kit/sound.ts';

const conference = aConferenceId;
/** One look at how loud it is, ms. */
const WINDOW = 240;
const HZ = [0, TONES[0]!, TONES[1]!, TONES[2]!];

/** The domain on a real engine, with three telephones that each say a tone of their own. */
async function house(document = {}) {
  const [clock, chance, log] = [new SystemClock(), new SeededChance(), noLog];
  const engine = await openEngine(patientEngine({ clock, chance, log }));
  const telephony = { answer: () => {}, hangUp: () => {}, dial: () => {}, bring: () => {}, ring: () => {} };
  const store = new MemoryStore().conferences;
  const conferences = new Conferences({
    clock,
    chance,
    log,
    store,
    events: { publish: () => {}, signal: () => {} },
    media: engine,
    telephony,
  });
  const { execute } = conferences;
  await execute('conference.create', { id: conference, document: { member: { join_muted: false }, ...document } }, anActor);
  const lines: RtpLine[] = [];
  for (const n of [1, 2, 3]) {
    const call = aCall(n);
    const line = await RtpLine.open({ hz: HZ[n]!, codec: 'PCMU', ptime: 20 });
    const remote = { address: '127.0.0.1', port: line.port, rtcpPort: line.port + 1 };
    await execute('call.arrived', { conference, call, role: undefined }, anActor);
    const at = await engine.open({ leg: call.leg, account: anActor.account, conference, address: '127.0.0.1', remote });
    engine.change(call.leg, { remote, codec: { name: 'PCMU', payloadType: 0, ptime: 20 }, direction: 'sendrecv' });
    line.aim(at);
    await execute('call.answered', { conference, call: call.id }, anActor);
    lines.push(line);
  }
  return {
    adjust: async (which: number, gains: { gainIn?: number; gainOut?: number }) => {
      const view = await execute('participants.adjust', { conference, which, ...gains }, anActor);
      await engine.planApplied(anActor.account, conference, view.conference.sequence);
    },
    /** How loud one hears another, in the best of some windows: what a busy machine leaves out only makes it weaker. */
    hears: async (listener: number, speaker: number) => {
      await new Promise((wake) => setTimeout(wake, 300));
      let most = 0;
      for (let look = 0; look < 5; look++) {
        await new Promise((wake) => setTimeout(wake, WINDOW));
        most = Math.max(most, strength(lines[listener - 1]!.ear.since(performance.now() - WINDOW), HZ[speaker]!));
      }
      return most;
    },
    [Symbol.asyncDispose]: async () => {
      for (const line of lines) line.close();
      await conferences.close();
      await engine.close();
    },
  };
}

const about = (actual: number, expected: number, what: string): void =>
  assert.ok(Math.abs(actual / expected - 1) < 0.05, `${what}: ${actual} instead of ${expected}`);

test('a gain of 0.5 is half as loud for all others, a gain out of 0.4 is what one hears of all, and both multiply', async () => {
  await using at = await house({ profile: { 'auto-gain-level': 0 } });
  const [one, two] = [await at.hears(3, 1), await at.hears(3, 2)];
  await at.adjust(1, { gainIn: 0.5 });
  about(await at.hears(3, 1), one / 2, '3 hears 1');
  about(await at.hears(2, 1), one / 2, '2 hears 1');
  about(await at.hears(3, 2), two, '3 hears 2');
  await at.adjust(3, { gainOut: gainOfLevel(-3) });
  about(await at.hears(3, 1), 0.2 * one, '3 hears 1 through both');
  about(await at.hears(3, 2), 0.4 * two, '3 hears 2');
  about(await at.hears(2, 1), one / 2, '2 hears 1 as before');
});
