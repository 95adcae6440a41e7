import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LegId } from '../../conference/index.ts';
import { noteEvent } from './carrying.ts';
import type { Traces } from './traces.ts';

test('what an engine tells of losses is told in words, with its numbers', () => {
  const noted: unknown[] = [];
  const traces = { lost: (...told: unknown[]) => noted.push(told) } as unknown as Traces;
  const event = { type: 'media-losses', leg: 'ann' as LegId, sinceMs: 20_000, lost: 150, all: 1000 } as const;
  assert.equal(noteEvent(traces, event), event);
  noteEvent(undefined, event);
  const text = '150 of 1000 packets were lost or late (15 %)';
  assert.deepEqual(noted, [['ann', 20_000, { text, values: { lost: 150, all: 1000, percent: 15 } }]]);
});
