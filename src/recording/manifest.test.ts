import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fact } from '../conference/index.ts';
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

test('who heard to the end that this is recorded is listed with the time, once; of another recording nobody', () => {
  const finished: Finished = {
    head,
    lines: [
      head,
      {
        do: 'present',
        people: [present('leg-ann', 'ann', 1), present('leg-ben', 'ben', 2), present('leg-cat', 'cat', 3)],
        sequence: 4,
        notice: true,
      },
      { do: 'run', frame: 0, at: START },
    ],
    rate: 8000,
    frames: 100,
    isRepaired: false,
    tracks: [track(0, null)],
  };
  const heard = (sequence: number, participant: string, recording: string): Fact =>
    ({
      type: 'notice.heard',
      participant,
      recording,
      sequence,
      at: START + sequence * 100,
      account: 'a1',
      conference: 'c1',
    }) as unknown as Fact;
  const facts = [heard(5, 'ann', 'r1'), heard(6, 'ben', 'r0'), heard(7, 'ann', 'r1')];
  const { participants } = manifestOf({ finished, facts, reason: 'asked', endedAt: START + 2000 });
  assert.deepEqual(
    participants.map(({ participant, noticeHeardAt }) => [participant, noticeHeardAt]),
    [
      ['ann', START + 500],
      ['ben', undefined],
      ['cat', undefined],
    ],
  );
});

test('who agreed to be recorded, when, how, and where he is in no file until then', () => {
  const finished: Finished = {
    head,
    lines: [
      head,
      {
        do: 'present',
        people: [
          { ...present('leg-ann', 'ann', 1), consent: 'asked' },
          { ...present('leg-ben', 'ben', 2), consent: 'asked' },
          present('leg-dan', 'dan', 4),
        ],
        sequence: 4,
        notice: true,
      },
      { do: 'run', frame: 0, at: START },
    ],
    rate: 8000,
    frames: 500,
    isRepaired: false,
    tracks: [track(0, null)],
  };
  const fact = (sequence: number, at: number, more: object): Fact =>
    ({ account: 'a1', conference: 'c1', sequence, at: START + at, recording: 'r1', ...more }) as unknown as Fact;
  const { leg, participant, ...cat } = present('leg-cat', 'cat', 3);
  const facts = [
    fact(5, 1000, { type: 'consent.given', participant: 'ann', by: 'keys' }),
    fact(6, 2000, { type: 'participant.joined', participant: { id: 'cat', call: { ...cat, leg }, ...cat } }),
    fact(7, 2000, { type: 'consent.asked', participant: 'cat', until: START + 47_000 }),
    fact(8, 3000, { type: 'consent.refused', participant: 'ben', by: 'time' }),
    // Of another recording: nothing of it is said here.
    fact(9, 3500, { type: 'consent.given', participant: 'ben', by: 'keys', recording: 'r0' }),
    fact(10, 4000, { type: 'consent.given', participant: 'cat', by: 'api' }),
    fact(11, 6000, { type: 'consent.refused', participant: 'cat', by: 'keys' }),
    fact(12, 8000, { type: 'participant.left', participant: 'cat', reason: 'hung-up' }),
  ];
  const { participants } = manifestOf({ finished, facts, reason: 'asked', endedAt: START + 10_000 });
  const span = (from: number, to: number) => ({ fromSample: from * 8, toSample: to * 8, from: START + from, to: START + to });
  assert.deepEqual(
    participants.map((each) => [each.participant, each.consent]),
    [
      ['ann', { state: 'given', askedAt: START, at: START + 1000, by: 'keys', unrecorded: [span(0, 1000)] }],
      ['ben', { state: 'refused', askedAt: START, at: START + 3000, by: 'time', unrecorded: [span(0, 10_000)] }],
      ['dan', undefined],
      ['cat', { state: 'refused', askedAt: START + 2000, at: START + 6000, by: 'keys', unrecorded: [span(2000, 4000), span(6000, 8000)] }],
    ],
  );
});
