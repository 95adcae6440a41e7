import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../model.ts';
import { runsOf } from './runs.ts';

const at = (second: number): string => new Date(1_700_000_000_000 + second * 1000).toISOString();
const fact = (type: string, second: number, instance?: string): Event => ({
  type,
  at: at(second),
  ...(instance === undefined ? {} : { instance }),
});

test('runs are told apart, the newest first; one that is open has no end', () => {
  const runs = runsOf([
    fact('conference.created', 0),
    fact('room.opened', 1, 'a'),
    fact('participant.joined', 2, 'a'),
    fact('room.closed', 9, 'a'),
    fact('conference.changed', 10),
    fact('room.opened', 20, 'b'),
    fact('participant.joined', 21, 'b'),
  ]);
  assert.deepEqual(runs, [
    { instance: 'b', from: Date.parse(at(20)), to: undefined },
    { instance: 'a', from: Date.parse(at(1)), to: Date.parse(at(9)) },
  ]);
});
