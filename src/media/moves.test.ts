import assert from 'node:assert/strict';
import { test } from 'node:test';
import { account, plan, quiet, threadHouse } from '../../test/kit/thread-house.ts';
import type { ConferenceId, LegId } from '../conference/index.ts';
import type { ThreadLeg } from './thread/messages.ts';

/** Two rooms that live in two threads, and one more leg in the first. */
async function house() {
  const home = await threadHouse();
  await home.fill(2);
  await home.open('ann', 'filler 0');
  const move = (leg: string, room: string): Promise<void> => home.engine.move(leg as LegId, { account, conference: room as ConferenceId });
  const [one, two] = home.fakes.all as [(typeof home.fakes.all)[0], (typeof home.fakes.all)[0]];
  const roomOf = (leg: string): string | undefined => home.fakes.all.map(({ legs }) => legs.get(leg)).find((room) => room !== undefined);
  return { ...home, move, one, two, roomOf, at: (leg: string) => [home.where(leg), roomOf(leg)?.split('/')[1]] };
}

test('a room that nobody is in begins where its first leg is; a leg goes there by one order', async () => {
  await using home = await house();
  await home.move('ann', 'new');
  assert.deepEqual(home.at('ann'), [0, 'new']);
  assert.deepEqual(home.one.told('ann'), ['open', 'move']);
  await home.move('ann', 'new');
  assert.deepEqual(home.one.told('ann'), ['open', 'move'], 'it is there');
  home.hear('new', plan(1, ['ann']));
  await home.applied('new', 1);
  await home.move('ann', 'filler 0');
  const left = home.one.orders.filter((order) => order.do === 'hear' && order.room === `${account}/new`);
  assert.equal(left.length, 2, 'the room that it left is closed');
});

test('to a room of another thread it goes with its state; what is wanted meanwhile is done there', async () => {
  await using home = await house();
  const moved = home.move('ann', 'filler 1');
  home.engine.change('ann' as LegId, { direction: 'inactive' });
  await moved;
  await quiet();
  assert.deepEqual(home.at('ann'), [1, 'filler 1']);
  const open = home.two.orders.find((order) => order.do === 'open' && order.leg.leg === 'ann') as { leg: ThreadLeg };
  assert.deepEqual([open.leg.state?.sequence, open.leg.port, open.leg.ssrc], [2, 4000, 1]);
  assert.deepEqual(
    home.engine.load().threads.map(({ legs }) => legs),
    [1, 2, 0],
  );
  const ending = home.move('ann', 'filler 0');
  home.engine.change('ann' as LegId, { direction: 'sendrecv' });
  const ended = home.engine.end('ann' as LegId);
  await Promise.all([ending, ended]);
  assert.deepEqual(home.at('ann'), [-1, undefined]);
  assert.deepEqual(home.one.told('ann').slice(-3), ['open', 'change', 'end']);
  assert.deepEqual(
    home.engine.load().threads.map(({ legs }) => legs),
    [1, 1, 0],
  );
});

test('who has ended, or ends meanwhile, does not move; a program does not either', async () => {
  await using home = await house();
  const gone = { kind: 'not-found', code: 'no_such_leg' };
  await assert.rejects(home.move('nobody', 'filler 1'), gone);
  const moved = home.move('ann', 'new');
  home.one.legs.delete('ann');
  await assert.rejects(moved, gone);
  const stream = home.engine.stream({ leg: 'program' as LegId, account, conference: 'x' as ConferenceId, apart: false, rate: 8000 });
  await assert.rejects(home.move('program', 'filler 1'), gone);
  stream.close();
});

test('a leg that shares its port, and one whose new thread is overloaded, stay where they are', async () => {
  await using home = await house();
  home.one.stays = true;
  await assert.rejects(home.move('ann', 'filler 1'), { kind: 'conflict', code: 'leg_stays' });
  home.one.stays = false;
  await home.seconds(8, [0.1, 0.99]);
  await assert.rejects(home.move('ann', 'filler 1'), { kind: 'limit', code: 'overloaded' });
  assert.deepEqual(home.at('ann'), [0, 'filler 0']);
});

test('a thread that dies on the way takes the leg along, and its death is told once with its name', async () => {
  await using home = await house();
  const died = (): unknown[] => home.events.filter(({ type }) => type === 'thread-died' || type === 'media-lost');
  home.one.obeys = false;
  const first = home.move('ann', 'filler 1');
  await quiet();
  home.one.die('as told');
  await assert.rejects(first, { kind: 'unavailable', code: 'thread_died' });
  assert.deepEqual(died(), [{ type: 'thread-died', legs: ['filler 0', 'ann'], reason: 'as told' }]);
  await home.open('ben', 'filler 0');
  await quiet();
  home.two.obeys = false;
  const second = home.move('ben', 'filler 1');
  await quiet();
  home.two.die('as told');
  await assert.rejects(second, { code: 'thread_died' });
  assert.deepEqual(died().slice(1), [{ type: 'thread-died', legs: ['filler 1', 'ben'], reason: 'as told' }]);
  assert.equal(home.engine.load().legs, 0);
});

test('a leg that its new thread cannot open is told to be lost', async () => {
  await using home = await house();
  home.two.refuses = true;
  await assert.rejects(home.move('ann', 'filler 1'), { code: 'no_free_port' });
  assert.deepEqual(home.events, [{ type: 'media-lost', leg: 'ann', silentMs: 0 }]);
  assert.equal(home.engine.load().legs, 2);
});
