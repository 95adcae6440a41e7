import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromMuLaw, strength } from '../../../test/kit/sound.ts';
import { type StillPhone, sine, stillThread } from '../../../test/kit/still-thread.ts';
import { DtmfDetector, dtmfTones } from '../../audio/index.ts';
import { DigitReceiver } from '../../rtp/index.ts';
import type { ThreadChange } from './messages.ts';

async function talk(change: ThreadChange = {}) {
  const home = stillThread();
  const ann = await home.open('ann', { change });
  const ben = await home.open('ben');
  ann.says = () => 0;
  ben.says = sine(517);
  home.mix('room', ['ann', 'ben']);
  const press = (keys: string, ms = 100, gapMs = 60): void => home.thread.obey({ do: 'press', leg: 'ann', keys, ms, gapMs });
  return { ...home, ann, ben, press };
}

const eventsOf = (phone: StillPhone) =>
  phone
    .heard()
    .filter(({ payloadType }) => payloadType === 101)
    .map(({ payload, ...rest }) => ({
      ...rest,
      event: payload[0]!,
      end: (payload[1]! & 0x80) !== 0,
      duration: (payload[2]! << 8) | payload[3]!,
      payload,
    }));

test('keys go out as events: one time each, growing, marked at the beginning, the end three times (RFC 4733 §2.5)', async () => {
  const { run, ann, ben, press, thread } = await talk();
  run(1000, ann, ben);
  press('5#');
  run(1000, ann, ben);
  const events = eventsOf(ann);
  const first = events.slice(0, 7);
  assert.deepEqual(
    first.map(({ event }) => event),
    [5, 5, 5, 5, 5, 5, 5],
  );
  assert.equal(new Set(first.map(({ timestamp }) => timestamp)).size, 1);
  assert.deepEqual(
    first.map(({ duration }) => duration),
    [160, 320, 480, 640, 800, 800, 800],
  );
  assert.deepEqual(
    first.map(({ end }) => end),
    [false, false, false, false, true, true, true],
  );
  assert.deepEqual(
    first.map(({ marker }) => marker),
    [true, false, false, false, false, false, false],
  );
  assert.deepEqual(
    events.slice(7).map(({ event }) => event),
    Array.from({ length: 7 }, () => 11),
  );
  assert.equal(events[7]!.timestamp - first[0]!.timestamp, 8 * 160, '160 ms later');
  const receiver = new DigitReceiver();
  const heard = events.map(({ timestamp, payload }) => receiver.push(timestamp, payload, 0, payload.length) ?? '').join('');
  assert.equal(heard, '5#');
  const all = ann.heard();
  assert.ok(all.every(({ sequence }, n) => n === 0 || sequence === all[n - 1]!.sequence + 1));
  const times = all.filter(({ payloadType }) => payloadType === 0).map(({ timestamp }) => timestamp);
  assert.deepEqual([...new Set(times.slice(1).map((time, n) => time - times[n]!))], [160, 17 * 160], 'the sound waits, its time goes on');
  const after = all[all.findIndex(({ payloadType }, n) => payloadType === 0 && all[n - 1]?.payloadType === 101)];
  assert.equal(after?.marker, true);
  assert.ok(strength(ann.sound().subarray(-4000), 517) > 1000, 'and comes back');
  await thread.close();
});

test('keys go out as tones where the far end knows no events, and the room is not heard over them', async () => {
  const { run, ann, ben, press, thread } = await talk({ telephoneEvent: null });
  run(1000, ann, ben);
  press('19D*', 80, 80);
  run(1500, ann, ben);
  const sound = ann.sound();
  const detector = new DtmfDetector();
  let keys = '';
  for (let at = 0; at + 80 <= sound.length; at += 80) {
    detector.push(sound, at);
    keys += detector.key ?? '';
  }
  assert.equal(keys, '19D*');
  const packets = ann.heard();
  assert.ok(
    packets.every(({ payloadType, timestamp }, n) => payloadType === 0 && (n === 0 || timestamp === packets[n - 1]!.timestamp + 160)),
  );
  const tone = sound.findIndex((_, n) => n > 6000 && strength(sound.subarray(n, n + 320), dtmfTones('1')![0]) > 5000);
  assert.ok(strength(sound.subarray(tone + 160, tone + 480), 517) < 600);
  await thread.close();
});

test('a long key goes on in segments; who is not reached is not pressed at, and what follows is', async () => {
  const { run, ann, ben, press, change, thread } = await talk({ telephoneEventClock: 48_000 });
  run(200, ann, ben);
  press('7', 2000);
  run(2400, ann, ben);
  const receiver = new DigitReceiver({ clockRate: 48_000 });
  const events = eventsOf(ann);
  assert.ok(events.some(({ duration, end }) => duration === 0xffff && !end));
  assert.equal(events.map(({ timestamp, payload }) => receiver.push(timestamp, payload, 0, 4) ?? '').join(''), '7');
  assert.equal(events.filter(({ marker }) => marker).length, 1);
  change('ann', { direction: 'inactive' });
  press('8');
  run(400, ann, ben);
  change('ann', { direction: 'sendrecv' });
  press('9');
  run(400, ann, ben);
  assert.deepEqual([...new Set(eventsOf(ann).map(({ event }) => event))], [7, 9]);
  assert.ok(ann.heard().some(({ payload }) => payload.some((byte) => Math.abs(fromMuLaw(byte)) > 1000)));
  await thread.close();
});
