import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Head, Present } from './journal.ts';
import { chainLink, chainStart, manifestOf } from './manifest.ts';
import type { Finished } from './writing/finish.ts';

const START = 1_700_000_000_000;
const head: Head = {
  do: 'head',
  version: 1,
  id: 'r1',
  account: 'a1',
  conference: 'c1',
  instance: 'i1',
  startedAt: START,
  stems: true,
  format: 'wav',
  silence: false,
};
const present = (leg: string, participant: string, number: number): Present => ({
  leg,
  participant,
  number,
  role: 'member',
  direction: 'inbound',
  callerName: participant,
  callerNumber: '',
  joinedAt: START,
  muted: [],
});
const track = (n: number, source: { readonly kind: string; readonly id: string } | null) => ({
  track: n,
  name: n === 0 ? 'mix.wav' : `stem-00${n}.wav`,
  source,
  frame: 0,
  frames: 100,
  bytes: 44,
  sha256: String(n).repeat(64),
});

test('a program has a track of its own as a telephone has; what was played is nobody’s', () => {
  const finished: Finished = {
    head,
    lines: [
      head,
      { do: 'present', people: [present('leg-ann', 'ann', 1), present('stream-bot', 'bot', 2)], sequence: 4, notice: true },
      { do: 'run', frame: 0, at: START },
    ],
    rate: 8000,
    frames: 100,
    isRepaired: false,
    tracks: [
      track(0, null),
      track(1, { kind: 'leg', id: 'leg-ann' }),
      track(2, { kind: 'stream', id: 'stream-bot' }),
      track(3, { kind: 'prompt', id: 'stream-bot' }),
    ],
  };
  const manifest = manifestOf({ finished, facts: [], reason: 'asked', endedAt: START + 2000 });
  assert.deepEqual(
    manifest.files.map(({ name, participant }) => [name, participant]),
    [
      ['mix.wav', undefined],
      ['stem-001.wav', 'ann'],
      ['stem-002.wav', 'bot'],
      ['stem-003.wav', undefined],
    ],
  );
  assert.deepEqual(
    manifest.participants.map(({ participant, stem }) => [participant, stem]),
    [
      ['ann', 'stem-001.wav'],
      ['bot', 'stem-002.wav'],
    ],
  );
  const end = manifest.files.reduce((chain, file) => chainLink(chain, file), chainStart('r1'));
  assert.deepEqual([manifest.chain.end, manifest.files.at(-1)?.chain], [end, end]);
});
