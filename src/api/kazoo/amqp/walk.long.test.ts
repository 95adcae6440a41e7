import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkTalk, foldedEvents, foldedState, received } from '../../../../test/kit/amqp-walk.ts';
import { openHouse } from '../../../../test/kit/api-house.ts';
import { settled } from '../../../../test/kit/bus-house.ts';
import { FakeAmqp } from '../../../../test/kit/fake-amqp.ts';
import { SeededChance } from '../../../../test/kit/seeded-chance.ts';
import type { AccountId } from '../../../accounts/index.ts';
import { noLog } from '../../../base/index.ts';
import type { ConferenceId } from '../../../conference/index.ts';
import { openKazooAmqp } from './kazoo-amqp.ts';

const conference = 'room' as ConferenceId;

/** People come, talk, are steered and go, while the broker is away, back, or takes things without saying so. */
async function walk(seed: number, steps: number): Promise<number> {
  const house = await openHouse();
  const { conferences, bus, clock, options } = house;
  const amqp = new FakeAmqp();
  const actor = { account: house.account as AccountId, kind: 'api' } as const;
  await conferences.execute('conference.create', { id: conference, document: { member: { join_muted: false } } }, actor);
  const dialect = await openKazooAmqp({
    ...options,
    amqp,
    bus,
    accountsOf: async () => [actor.account],
    liveOf: (account, id) => conferences.liveOf(account, id),
    log: noLog,
  });
  const chance = new SeededChance(seed);
  const some = (n: number): number => (chance.bytes(1)[0] ?? 0) % n;
  const read = async () => (await conferences.execute('conference.read', { conference }, actor)).conference;
  let calls = 0;
  const acts: readonly ((which: number, leg: never, flag: boolean) => unknown)[] = [
    () => house.join('room', { id: `call-${++calls}` }),
    (which, _, muted) => conferences.execute('participants.mute', { conference, which, muted }, actor),
    (which, _, deaf) => conferences.execute('participants.deafen', { conference, which, deaf }, actor),
    (_, leg, talking) => conferences.setLevel(leg, { talking, energy: 100 }),
    (_, leg, talking) => conferences.setLevel(leg, { talking, energy: 100 }),
    (_, leg, talking) => conferences.setLevel(leg, { talking, energy: 100 }),
    (_, _leg, locked) => (locked ? undefined : conferences.execute('conference.lock', { conference, locked: some(2) === 0 }, actor)),
    (which, _, flag) => flag && conferences.execute('participants.kick', { conference, which }, actor),
    (_, _leg, isDown) => {
      amqp.isDown = isDown;
      amqp.loses = !isDown && some(4) === 0;
    },
    () => clock.advance(700),
  ];
  for (let step = 0; step < steps; step += 1) {
    const people = (await read()).room?.participants ?? [];
    const one = people[some(Math.max(1, people.length))];
    const act = one === undefined ? acts[0] : acts[some(acts.length)];
    // A locked room lets nobody in: that is no fault of the walk.
    await Promise.resolve(act?.(one?.number ?? 0, one?.call.leg as never, some(2) === 0)).catch(() => {});
    if (some(3) === 0) await settled();
  }
  amqp.isDown = false;
  amqp.loses = false;
  for (let i = 0; i < 130; i += 1) {
    clock.advance(1000);
    await settled();
  }
  const messages = received(amqp);
  assert.deepEqual(foldedEvents(messages), foldedState(await read()), `seed ${seed}`);
  const starts = checkTalk(messages);
  await dialect.close();
  await bus.close();
  await conferences.close();
  return starts;
}

test('whatever happens to people and to the broker, what a program received makes the room as it is', async () => {
  let starts = 0;
  for (let seed = 1; seed <= 6; seed += 1) starts += await walk(seed, 250);
  assert.ok(starts > 10, `talk was hardly told: ${starts}`);
});
