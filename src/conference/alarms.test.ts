import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anAccount as account, aConferenceId as id } from '../../test/kit/conference-fakes.ts';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { Alarms } from './alarms.ts';

/** A clock whose hour can be set. */
class Watch extends FakeClock {
  set = 0;

  override epoch(): number {
    return super.epoch() + this.set;
  }
}

function alarms(): { clock: Watch; rung: string[]; alarms: Alarms } {
  const clock = new Watch(0);
  const rung: string[] = [];
  const all = new Alarms({ clock, ring: async (_, conference) => rung.push(`${conference.slice(0, 1)} ${clock.epoch()}`) });
  return { clock, rung, alarms: all };
}

test('rings when it is time, and not before', () => {
  const { clock, rung, alarms: all } = alarms();
  all.set(account, id, 1000);
  clock.advance(999);
  assert.deepEqual(rung, []);
  clock.advance(1);
  assert.deepEqual(rung, ['c 1000']);
});

test('a time of forty days is kept', () => {
  const { clock, rung, alarms: all } = alarms();
  const days = 40 * 86_400_000;
  all.set(account, id, days);
  clock.advance(days - 1);
  assert.deepEqual(rung, []);
  clock.advance(1);
  assert.deepEqual(rung, [`c ${days}`]);
});

test('when the hour is set forward it rings within a minute; when it is set back it waits on', () => {
  const { clock, rung, alarms: all } = alarms();
  all.set(account, id, 3_600_000);
  clock.set = 7_200_000;
  clock.advance(60_000);
  assert.equal(rung.length, 1);
  const back = alarms();
  back.alarms.set(account, id, 90_000);
  back.clock.advance(60_000);
  back.clock.set = -60_000;
  back.clock.advance(30_000);
  assert.deepEqual(back.rung, []);
  back.clock.advance(60_000);
  assert.deepEqual(back.rung, ['c 90000']);
});

test('another time takes the place of the one before; none, and a close, forget it', () => {
  const { clock, rung, alarms: all } = alarms();
  all.set(account, id, 1000);
  all.set(account, id, 5000);
  assert.deepEqual([all.size, clock.armed], [1, 1]);
  clock.advance(4999);
  assert.deepEqual(rung, []);
  all.set(account, id, undefined);
  assert.deepEqual([all.size, clock.armed], [0, 0]);
  all.set(account, id, 9000);
  all.close();
  all.set(account, id, 9000);
  assert.equal(clock.armed, 0);
});

test('what still waits after it rang is rung again after a while, not at once', async () => {
  const { clock, rung, alarms: all } = alarms();
  all.set(account, id, 1000);
  clock.advance(1000);
  await new Promise(setImmediate);
  clock.advance(100);
  assert.equal(rung.length, 1);
  clock.advance(5000);
  assert.equal(rung.length, 2);
});
