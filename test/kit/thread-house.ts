import type { AccountId } from '../../src/accounts/index.ts';
import { noLog } from '../../src/base/index.ts';
import type { ConferenceId, HearingPlan, LegId } from '../../src/conference/index.ts';
import { openEngine } from '../../src/media/engine.ts';
import type { EngineEvent, EngineOptions } from '../../src/media/engine-types.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeThreads } from './fake-threads.ts';
import { SeededChance } from './seeded-chance.ts';

/** The account of all rooms. */
export const account = 'a' as AccountId;
const conference = (name: string): ConferenceId => name as ConferenceId;
/** Everybody hears everybody else. */
export const plan = (version: number, legs: readonly string[]): HearingPlan => ({
  version,
  sources: legs.map((id) => ({ source: { kind: 'leg', id: id as LegId }, gain: 1 })),
  listeners: legs.map((leg) => ({ leg: leg as LegId, gains: [] })),
});

/** Everything that is on its way between the engine and its threads arrives. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await new Promise((next) => setImmediate(next));
}

/** An engine on fake threads and a fake clock. */
export async function threadHouse(options: Partial<EngineOptions> = {}) {
  const clock = new FakeClock();
  const fakes = new FakeThreads();
  const events: EngineEvent[] = [];
  const engine = await openEngine(
    { clock, log: noLog, chance: new SeededChance(), ports: 'any', threads: 3, onEvent: (event) => events.push(event), ...options },
    fakes.start,
  );
  const open = (leg: string, room: string) =>
    engine.open({ leg: leg as LegId, account, conference: conference(room), address: '127.0.0.1' });
  return {
    clock,
    fakes,
    events,
    engine,
    open,
    end: (leg: string) => engine.end(leg as LegId),
    hear: (room: string, next: HearingPlan) => engine.hear(account, conference(room), next),
    applied: (room: string, version: number) => engine.planApplied(account, conference(room), version),
    /** One leg in a room of its own in each of so many threads, so that all of them run. */
    async fill(threads: number): Promise<void> {
      for (let n = 0; n < threads; n++) {
        await open(`filler ${n}`, `filler ${n}`);
        await quiet();
      }
    },
    /** Seconds pass in which thread `n` uses these shares of its time, with ticks so late in ms. */
    async seconds(count: number, busy: readonly number[], late: readonly number[] = []): Promise<void> {
      for (let second = 0; second < count; second++) {
        for (const [n, thread] of fakes.alive.entries()) thread.spend(busy[n] ?? 0, late[n] ?? 0);
        clock.advance(1000);
        await quiet();
      }
    },
    where: (leg: string): number => fakes.all.findIndex((thread) => thread.legs.has(leg)),
    overloads: () => events.filter((event) => event.type === 'overload'),
    [Symbol.asyncDispose]: async () => {
      for (const thread of fakes.alive) thread.wake();
      await engine.close();
    },
  };
}
