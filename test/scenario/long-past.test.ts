import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { after, before, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Fact, Participant } from '../../src/conference/index.ts';
import { openSqlite } from '../../src/store/index.ts';
import { aConferenceId, anActor, FakeHouse, FaultyStore } from '../kit/conference-fakes.ts';
import { SeededChance } from '../kit/seeded-chance.ts';

const MANY = 100_000;
const conference = aConferenceId;

/** A conference to which a hundred thousand things have happened: one of two who are in is muted and unmuted, a second apart. */
async function longPast() {
  const folder = mkdtempSync(join(tmpdir(), 'parley-past-'));
  const stores = await openSqlite({
    path: join(folder, 'parley.db'),
    chance: new SeededChance(1),
    masterKey: new Uint8Array(32).fill(7),
    soon: setImmediate,
  });
  const house = new FakeHouse({ store: new FaultyStore(stores.conferences) });
  await house.create();
  await house.join(1);
  await house.join(2);
  const start = house.clock.epoch();
  let state = await house.read();
  const { instance, participants } = state.room!;
  const [, two] = participants as [Participant, Participant];
  const facts = (from: number, count: number): Fact[] =>
    Array.from({ length: count }, (_, n) => {
      const sequence = from + n + 1;
      const isMuted = sequence % 2 === 0;
      const what = isMuted ? { type: 'participant.muted', reasons: ['moderator'] } : { type: 'participant.unmuted' };
      const about = { ...two, muted: isMuted ? ['moderator'] : [] };
      const stamp = { at: start + sequence * 1000, account: state.account, conference, sequence, instance };
      return { ...what, participant: two.id, about, ...stamp } as unknown as Fact;
    });
  while (state.sequence < MANY) {
    const count = Math.min(1000, MANY - state.sequence);
    await stores.conferences.save({ ...state, sequence: state.sequence + count }, facts(state.sequence, count), 1);
    state = { ...state, sequence: state.sequence + count };
  }
  const close = async (): Promise<void> => {
    await stores.close();
    rmSync(folder, { recursive: true });
  };
  return { house, start, two, close };
}

let past: Awaited<ReturnType<typeof longPast>>;
before(async () => {
  past = await longPast();
});
after(() => past.close());

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is held, garbage not counted, in MB. */
function held(): number {
  collect();
  return process.memoryUsage().heapUsed / 1e6;
}

/** How much more was held at most while it ran, in MB. */
async function memoryOf(work: () => Promise<unknown>): Promise<number> {
  const before = held();
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, held());
  }, 50);
  await work();
  clearInterval(watch);
  return most - before;
}

/** How long it ran, and the longest time for which nothing else had its turn, in ms. */
async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number; longestMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const from = performance.now();
  const value = await work();
  const ms = performance.now() - from;
  delay.disable();
  return { value, ms, longestMs: delay.max / 1e6 };
}

test('any moment of a long past is told without having it in memory, and while it is told everything else has its turn', async (t) => {
  const { house, start, two } = past;
  const state = (moment: { at: number } | { sequence: number }) =>
    house.conferences.execute('conference.state', { conference, moment }, anActor);
  const { value, ms, longestMs } = await timed(() => state({ sequence: MANY }));
  const megabytes = await memoryOf(() => state({ sequence: MANY }));
  t.diagnostic(`${MANY} facts: ${ms.toFixed()} ms, ${megabytes.toFixed(1)} MB, at most ${longestMs.toFixed()} ms at a time`);
  assert.equal(value.sequence, MANY);
  assert.deepEqual(
    value.people.map(({ participant, mutedSince }) => [participant.number, mutedSince]),
    [
      [1, undefined],
      [2, start + MANY * 1000],
    ],
  );
  // All of it would be more than 50 MB.
  assert.ok(megabytes < 20, `${megabytes} MB`);
  assert.ok(longestMs < ms / 4 + 50, `${longestMs} of ${ms} ms`);
  const early = await timed(() => state({ at: start + 777_500 }));
  assert.equal(early.value.sequence, 777);
  assert.equal(early.value.people.find(({ participant }) => participant.id === two.id)?.mutedSince, undefined);
  assert.ok(early.ms < ms / 4, `what was long ago needs nothing that came later: ${early.ms} of ${ms} ms`);
});

test('the pages of a long past have every fact once, and each is read by itself', async () => {
  const { house } = past;
  let expected = 1;
  let longest = 0;
  for (let after: number | undefined; ; ) {
    const from = performance.now();
    const input = { conference, ...(after === undefined ? {} : { after }), limit: 1000 };
    const page = await house.conferences.execute('conference.facts', input, anActor);
    longest = Math.max(longest, performance.now() - from);
    for (const { sequence } of page.facts) assert.equal(sequence, expected++);
    after = page.facts.at(-1)?.sequence;
    if (!page.more) break;
    assert.equal(page.facts.length, 1000);
  }
  assert.equal(expected, MANY + 1);
  assert.ok(longest < 200, `${longest} ms for a page`);
});
