import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId, TrunkId } from '../accounts/index.ts';
import type { EngineLoad, EngineMetrics } from '../media/index.ts';
import { metricsText } from './metrics.ts';
import { readings } from './readings.ts';

test('how the legs sound: by their MOS, and what jitter and buffers are in the mean; how trunks do', async () => {
  const engine = { tickLateness: { p50: 0, p99: 0, max: 0 }, mos1: 0, mos2: 1, mos3: 0, mos4: 3, jitterMs: 8, bufferMs: 50 };
  const text = await metricsText(
    // Only what is looked for has a value.
    readings({
      engine: engine as unknown as EngineMetrics,
      load: { threads: [] } as unknown as EngineLoad,
      calls: {
        calls: 0,
        ringing: 0,
        subscriptions: 0,
        registrations: 0,
        malformed: 0,
        failures: {},
        overLimit: { legs: 2, minutes: 0 },
        trunks: [
          { id: 'a' as TrunkId, account: 'x' as AccountId, calls: 3, reachable: false, registration: 'registered' },
          { id: 'b' as TrunkId, account: 'x' as AccountId, calls: 0 },
        ],
      },
      bus: { followers: 0, consumers: [], readErrors: 0, droppedSignals: 0 },
      followers: { webhooks: { sending: 0, delivered: 0, failed: 0, dead: 0 }, blackhole: undefined, amqp: undefined },
      queueDepth: 0,
      lobbies: 0,
      certificateExpiresAt: undefined,
    }).filter(({ name }) => /mos|jitter|buffer|trunk/.test(name)),
  );
  assert.match(text, /^parley_media_legs_by_mos\{mos="2"\} 1$/m);
  assert.match(text, /^parley_media_legs_by_mos\{mos="4"\} 3$/m);
  assert.match(text, /^parley_media_jitter_seconds 0.002$/m);
  assert.match(text, /^parley_media_buffer_delay_seconds 0.0125$/m);
  const trunks = text.split('\n').filter((line) => line.startsWith('parley_trunk'));
  assert.deepEqual(
    trunks.sort(),
    [
      'parley_trunk_calls{trunk="a"} 3',
      'parley_trunk_calls{trunk="b"} 0',
      'parley_trunk_registered{trunk="a"} 1',
      'parley_trunk_up{trunk="a"} 0',
    ],
    'of b nothing is known',
  );
});
