import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { FakeThreads } from '../../test/kit/fake-threads.ts';
import type { Signal } from './thread/messages.ts';
import { ThreadLink } from './thread-link.ts';

const settings = { ports: { range: 'any', preferred: [] }, mediaTimeoutMs: 1000, silentAfterMs: 0 } as const;
const turn = (): Promise<void> => new Promise((next) => setImmediate(next));

function linked() {
  const clock = new FakeClock();
  const fakes = new FakeThreads();
  const deaths: string[] = [];
  const signals: Signal[] = [];
  const link = new ThreadLink(fakes.start, settings, {
    clock,
    events: {
      onSignals: (list) => signals.push(...list),
      onApplied: () => {},
      onReady: () => {},
      onDeath: (reason) => deaths.push(reason),
    },
  });
  return { clock, link, deaths, signals, thread: fakes.all[0]! };
}
const settled = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'done').catch((error: { code: string }) => error.code);

test('closed twice: told once, both resolve, no alarm is left, later orders are refused', async () => {
  const { clock, link, deaths, thread } = linked();
  const asked = link.ask({ do: 'metrics' });
  const closing = [link.close(), link.close()];
  await Promise.all([asked, ...closing]);
  await link.close();
  assert.deepEqual([thread.orders.filter((order) => order.do === 'close').length, clock.armed, deaths.length], [1, 0, 0]);
  const count = thread.orders.length;
  link.tell({ do: 'change', leg: 'a', change: {} });
  assert.equal(await settled(link.ask({ do: 'metrics' })), 'closed');
  assert.equal(thread.orders.length, count);
});

test('a thread that dies while it is closing is no death; whoever waits is refused', async () => {
  const { clock, link, deaths, thread } = linked();
  thread.obeys = false;
  const ends = Array.from({ length: 100 }, (_, n) => settled(link.ask({ do: 'end', leg: `${n}` })));
  const closing = link.close();
  thread.die('on the way');
  thread.die('twice');
  await closing;
  assert.deepEqual(new Set(await Promise.all(ends)), new Set(['closed']));
  assert.deepEqual([deaths, clock.armed], [[], 0]);
});

test('a thread that does not close is stopped', async () => {
  const { clock, link, deaths, thread } = linked();
  thread.obeys = false;
  const closing = link.close();
  clock.advance(1499);
  assert.equal(thread.isDead, false);
  clock.advance(1);
  assert.equal(thread.isDead, true);
  await closing;
  assert.deepEqual([thread.isDead, deaths, clock.armed], [true, [], 0]);
});

test('death is told once, with its reason; waiting and later orders are refused, closing resolves', async () => {
  const { clock, link, deaths, signals, thread } = linked();
  await turn();
  assert.equal(link.isReady, true);
  thread.obeys = false;
  const waiting = Array.from({ length: 100 }, (_, n) => settled(link.ask({ do: 'end', leg: `${n}` })));
  thread.die('out of memory');
  thread.die('again');
  assert.deepEqual(new Set(await Promise.all(waiting)), new Set(['thread_died']));
  assert.deepEqual([deaths, link.isReady], [['out of memory'], false]);
  assert.equal(await settled(link.ask({ do: 'metrics' })), 'thread_died');
  link.tell({ do: 'change', leg: 'a', change: {} });
  thread.say({ say: 'signals', signals: [{ type: 'digit', leg: 'a', digit: '1', ms: 100, way: 'event' }] });
  await turn();
  await Promise.all([link.close(), link.close()]);
  assert.deepEqual([signals, link.used(), clock.armed], [[], { active: 0, idle: 0 }, 0]);
});

test('a refusal makes room for the next order as an answer does', async () => {
  const { link, thread } = linked();
  thread.refuses = true;
  const opening = Array.from({ length: 200 }, (_, n) =>
    settled(
      link.ask({ do: 'open', leg: { leg: `${n}`, room: 'a', address: '127.0.0.1', ssrc: 1, sequence: 1, timestamp: 1, cname: 'c' } }),
    ),
  );
  assert.deepEqual(new Set(await Promise.all(opening)), new Set(['no_free_port']));
  assert.ok(thread.mostAtOnce <= 32);
});

test('a slow thread is given more at once, a quick one little again', async () => {
  const { clock, link, thread } = linked();
  thread.obeys = false;
  const burst = async (slow: boolean): Promise<number> => {
    thread.mostAtOnce = 0;
    const ends = Array.from({ length: 3000 }, (_, n) => link.ask({ do: 'end', leg: `${n}` }));
    const all = Promise.all(ends).then(() => true);
    for (let isDone = false; !isDone; isDone = await Promise.race([all, turn().then(() => false)])) {
      if (slow) clock.advance(100);
      thread.work();
    }
    return thread.mostAtOnce;
  };
  const slow = await burst(true);
  assert.ok(slow > 400 && slow <= 512, `${slow} at once`);
  await burst(false);
  assert.equal(await burst(false), 32);
});
