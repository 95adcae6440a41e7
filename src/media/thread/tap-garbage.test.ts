import assert from 'node:assert/strict';
import { PerformanceObserver } from 'node:perf_hooks';
import { test } from 'node:test';
import { RoomTap } from './room-tap.ts';
import { RingReader, ringMemory } from './shared-ring.ts';

const speaker = (id: string) => ({
  id,
  name: `leg ${id}`,
  voice: { frame: new Int16Array(160), former: null, concealed: 0, detector: { talking: true }, settle: () => {} },
});

test('a tap that is open makes no garbage on the tick', async () => {
  const memory = ringMemory(16_384);
  const tap = new RoomTap({ id: 1, what: 'legs', memory, zero: 0 });
  const reader = new RingReader(memory);
  const speakers = Array.from({ length: 10 }, (_, n) => speaker(String(n)));
  tap.meet(
    speakers,
    speakers.map((_, slot) => ({ slot, gain: 1 })),
    8000,
  );
  const active = new Uint8Array(10).fill(1, 0, 5);
  const ticks = (count: number): void => {
    for (let tick = 0; tick < count; tick++) {
      // The last of them comes and goes, and the ring is full now and then.
      active[4] = tick & 64 ? 1 : 0;
      tap.offer(tick, tick * 20, active, null);
      if ((tick & 63) < 50) while (reader.next());
    }
  };
  ticks(20_000);
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ['gc'] });
  ticks(200_000);
  // Collections are told later.
  for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next));
  observer.disconnect();
  // One object for each frame would be a hundred megabytes, and dozens of collections.
  assert.ok(collections <= 3, `${collections} collections`);
  assert.ok(reader.lost > 0);
});
