import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sine, stillThread } from '../../../test/kit/still-thread.ts';

/** A thread that tells after 2 s that nothing comes of a leg; gives how long it was then, and clears the list. */
function thread() {
  const home = stillThread(undefined, { quietAfterMs: 2000 });
  const told = (): number[] => {
    const quiet = home.signals.flatMap((signal) => (signal.type === 'media-quiet' ? [signal.silentMs] : []));
    home.signals.length = 0;
    return quiet;
  };
  return { ...home, told };
}

/** A receiver report without a block (RFC 3550 §6.4.2). */
const report = (ssrc: number): Buffer => {
  const packet = Buffer.alloc(8);
  packet.set([0x80, 201, 0, 1]);
  packet.writeUInt32BE(ssrc, 4);
  return packet;
};

test('that nothing comes of a leg is told after 2 s, again when that lasts, and before 5 s are over', async () => {
  const home = thread();
  const ann = await home.open('ann');
  ann.says = sine(440);
  home.run(5000, ann);
  assert.deepEqual(home.told(), [], 'who speaks is there');
  home.run(4700);
  const [first = 0, second = 0, ...more] = home.told();
  assert.deepEqual(more, []);
  assert.ok(first >= 2000 && first < 2500, `told first after ${first} ms`);
  // The telephone has at least so long to answer what it is asked in between.
  assert.ok(second >= 4000 && second < 4500 && second - first >= 1500, `told again after ${second} ms`);
  home.run(100, ann);
  home.run(1900);
  assert.deepEqual(home.told(), [], 'it was heard');
  home.run(600);
  assert.equal(home.told().length, 1);
});

test('reports are a sign of life too; hold and inactive are not silence', async () => {
  const home = thread();
  const ann = await home.open('ann');
  ann.says = sine(440);
  home.run(1000, ann);
  for (let n = 0; n < 10; n++) {
    home.run(1000);
    ann.far.send(report(ann.ssrc), ann.to);
  }
  assert.deepEqual(home.told(), []);
  home.change('ann', { direction: 'inactive' });
  home.run(10_000);
  assert.deepEqual(home.told(), []);
  home.change('ann', { direction: 'sendrecv' });
  home.run(1900);
  assert.deepEqual(home.told(), [], 'its time begins anew');
  home.run(600);
  assert.equal(home.told().length, 1);
});
