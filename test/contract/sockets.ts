import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SystemClock } from '../../src/base/index.ts';
import type { SocketPort, Sockets } from '../../src/media/thread/socket-port.ts';

const clock = new SystemClock();
const text = new TextEncoder();

/** Looks until packets have come: a real network has no other way to tell. */
async function arrivals(sockets: Sockets, port: SocketPort, wanted: number): Promise<{ said: string; source: number; at: number }[]> {
  const seen: { said: string; source: number; at: number }[] = [];
  const until = clock.now() + 2000;
  while (seen.length < wanted && clock.now() < until) {
    const count = port.receive(clock.now());
    const { bytes, offset, length, source, at } = sockets.arrivals;
    for (let i = 0; i < count; i++) {
      const said = Buffer.from(bytes.subarray(offset[i]!, offset[i]! + length[i]!)).toString();
      seen.push({ said, source: source[i]!, at: at[i]! });
    }
    if (count === 0) await new Promise((next) => setImmediate(next));
  }
  return seen;
}

function say(port: SocketPort, words: string, to: ReturnType<Sockets['destination']>): void {
  const bytes = text.encode(words);
  port.out.set(bytes, port.reserve());
  port.commit(to, bytes.length);
}

/** What every way of moving packets must do. */
export function socketContract(name: string, open: () => Sockets): void {
  for (const address of ['127.0.0.1', '::1']) {
    test(`${name} on ${address}: packets arrive whole, in order, with their sender and time`, async () => {
      const sockets = open();
      const [here, there] = [await sockets.bind(address, 0), await sockets.bind(address, 0)];
      const before = clock.now();
      for (const word of ['one', 'two', 'three']) say(here, word, sockets.destination(address, there.port));
      assert.equal(here.flush(), 0);
      const seen = await arrivals(sockets, there, 3);
      assert.deepEqual(
        seen.map(({ said }) => said),
        ['one', 'two', 'three'],
      );
      for (const { source, at } of seen) {
        assert.equal(source, sockets.destination(address, here.port).key);
        assert.ok(at >= before - 2 && at <= clock.now() + 2, `arrived at ${at - before} ms`);
      }
      assert.equal(there.receive(clock.now()), 0);
      await Promise.all([here.close(), there.close()]);
    });

    test(`${name} on ${address}: an answer goes to where a packet came from`, async () => {
      const sockets = open();
      const [here, there] = [await sockets.bind(address, 0), await sockets.bind(address, 0)];
      say(here, 'who is there', sockets.destination(address, there.port));
      here.flush();
      await arrivals(sockets, there, 1);
      const sender = sockets.sender(0);
      assert.equal(sender.port, here.port);
      say(there, 'me', sender);
      there.flush();
      assert.deepEqual(
        (await arrivals(sockets, here, 1)).map(({ said }) => said),
        ['me'],
      );
      await Promise.all([here.close(), there.close()]);
    });
  }

  test(`${name}: more than one batch goes and comes`, async () => {
    const sockets = open();
    const [here, there] = [await sockets.bind('127.0.0.1', 0), await sockets.bind('127.0.0.1', 0)];
    const words = Array.from({ length: 150 }, (_, n) => `packet ${n}`);
    for (const word of words) say(here, word, sockets.destination('127.0.0.1', there.port));
    here.flush();
    assert.deepEqual(
      (await arrivals(sockets, there, 150)).map(({ said }) => said),
      words,
    );
    await Promise.all([here.close(), there.close()]);
  });

  test(`${name}: two senders have two keys`, async () => {
    const sockets = open();
    const [one, two, there] = [await sockets.bind('127.0.0.1', 0), await sockets.bind('127.0.0.1', 0), await sockets.bind('127.0.0.1', 0)];
    say(one, '1', sockets.destination('127.0.0.1', there.port));
    one.flush();
    say(two, '2', sockets.destination('127.0.0.1', there.port));
    two.flush();
    const seen = await arrivals(sockets, there, 2);
    assert.equal(new Set(seen.map(({ source }) => source)).size, 2);
    await Promise.all([one.close(), two.close(), there.close()]);
  });

  test(`${name}: a taken port is refused, and a closed one is free again`, async () => {
    const sockets = open();
    const first = await sockets.bind('127.0.0.1', 0);
    await assert.rejects(sockets.bind('127.0.0.1', first.port), { name: 'Failure', code: 'port_taken' });
    await first.close();
    const second = await sockets.bind('127.0.0.1', first.port);
    assert.equal(second.port, first.port);
    await second.close();
  });
}
