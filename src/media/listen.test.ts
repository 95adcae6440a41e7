import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import type { AccountId } from '../accounts/index.ts';
import type { Call } from '../conference/index.ts';
import type { LegMetrics, LegRecord } from './engine-types.ts';
import { openLine } from './listen.ts';
import type { Tap, TapItem } from './tap-types.ts';

const account = 'a'.repeat(32) as AccountId;
const call = { id: 'c'.repeat(32), leg: 'l'.repeat(32) } as unknown as Call;

/** 20 ms of a sine of this amplitude. */
const frame = (amplitude: number, more: Partial<Extract<TapItem, { type: 'frame' }>> = {}): TapItem => ({
  index: 0,
  lost: 0,
  type: 'frame',
  source: { kind: 'leg', id: call.leg },
  rate: 8000,
  samples: Int16Array.from({ length: 160 }, (_, n) => Math.max(-32_124, Math.min(32_124, amplitude * Math.sin(n)))),
  talking: true,
  concealed: false,
  ...more,
});

interface Far {
  readonly items: readonly TapItem[];
  readonly metrics?: Partial<LegMetrics>;
  readonly crypto?: LegRecord['crypto'];
}

/** Listens for a second to a far end that sends this. */
async function listen({ items, metrics, crypto = null }: Far) {
  const clock = new FakeClock();
  let close = (): void => {};
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  let where: unknown;
  const tap = {
    lost: 0,
    read: () => [],
    close,
    async *items() {
      yield* items;
      await closed;
    },
  } as unknown as Tap;
  const line = openLine({
    clock,
    engine: {
      tap: (_account, conference, request) => {
        where = { conference, ...request };
        return tap;
      },
      legMetrics: async () => (metrics === undefined ? undefined : (metrics as LegMetrics)),
      record: async () => (metrics === undefined ? undefined : ({ crypto } as LegRecord)),
    },
  });
  const heard = line.listen(account, call, 1000);
  await new Promise((wake) => setImmediate(wake));
  clock.advance(1000);
  return { heard: await heard, where };
}

const many = (count: number, item: TapItem): TapItem[] => Array.from({ length: count }, () => item);

test('listens to the leg in its lobby, and tells how loud speech is, not the pauses in it', async () => {
  const { heard, where } = await listen({
    items: [...many(20, frame(3277)), ...many(60, frame(30)), ...many(20, frame(9000, { talking: false }))],
    metrics: { codec: 'G722', packetsIn: 98, lost: 2 },
  });
  assert.deepEqual(where, { conference: call.id, what: { leg: call.leg } });
  // A sine of a tenth of full scale is -23 dBFS.
  assert.ok(Math.abs((heard.level ?? 0) + 23) < 0.3, `${heard.level}`);
  assert.deepEqual([heard.codec, heard.loss, heard.clipped, heard.encrypted], ['G722', 2, 0, false]);
});

test('nobody is loud who said nothing, or only clicked, or whose sound was made up here', async () => {
  for (const items of [
    [],
    many(9, frame(20_000)),
    many(50, frame(20_000, { concealed: true })),
    many(50, frame(20_000, { talking: false })),
  ]) {
    const { heard } = await listen({ items, metrics: { codec: 'PCMU', packetsIn: 0, lost: 0 } });
    assert.deepEqual(heard, { codec: 'PCMU', clipped: 0, encrypted: false });
  }
});

test('what is as loud as can be is counted', async () => {
  const { heard } = await listen({ items: many(50, frame(100_000)), metrics: { codec: 'PCMA', packetsIn: 50, lost: 0 } });
  assert.ok(heard.clipped > 0.5);
});

test('tells that a call is encrypted, and knows nothing of one that has gone', async () => {
  const crypto = { suite: 'AES_CM_128_HMAC_SHA1_80', ourKey: 'k', theirKey: 'k' } as const;
  const there = await listen({ items: [], metrics: { codec: 'opus', packetsIn: 1, lost: 0 }, crypto });
  assert.equal(there.heard.encrypted, true);
  assert.deepEqual((await listen({ items: [] })).heard, { clipped: 0, encrypted: false });
});
