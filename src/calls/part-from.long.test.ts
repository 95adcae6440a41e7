import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { partFrom } from './part-from.ts';

/** A connection whose far end takes one chunk each time that it is told to. */
function slowly() {
  const taken: string[] = [];
  let go: (() => void) | undefined;
  const socket = new Duplex({
    read() {},
    write(chunk: Buffer, _, done) {
      go = () => {
        taken.push(chunk.toString());
        done();
      };
    },
  });
  const take = async (): Promise<void> => {
    go?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { socket, taken, take };
}

test('what was written last goes out before the connection closes', async () => {
  const clock = new FakeClock();
  const { socket, taken, take } = slowly();
  for (const each of ['one', 'two', 'three']) socket.write(each);
  let parted = false;
  const parting = partFrom(socket, clock).then(() => {
    parted = true;
  });
  await take();
  await take();
  assert.deepEqual([taken, parted], [['one', 'two'], false]);
  await take();
  await parting;
  assert.deepEqual(taken, ['one', 'two', 'three']);
  assert.equal(socket.destroyed, true);
  await partFrom(socket, clock);
  assert.equal(clock.armed, 0);
});

test('whoever does not read, or breaks, holds nobody up', async () => {
  const clock = new FakeClock();
  for (const end of [() => clock.advance(300), (socket: Duplex) => socket.destroy(new Error('reset'))]) {
    const { socket } = slowly();
    socket.on('error', () => {});
    socket.write('never taken');
    let parted = false;
    const parting = partFrom(socket, clock).then(() => {
      parted = true;
    });
    clock.advance(299);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(parted, false);
    end(socket);
    await parting;
  }
  assert.equal(clock.armed, 0);
});
