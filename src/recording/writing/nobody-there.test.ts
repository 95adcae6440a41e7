import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../test/kit/fake-clock.ts';
import { RingWriter, ringMemory } from '../../media/thread/shared-ring.ts';
import { MIX, TALKING, TapWriter, TICK } from '../../media/thread/tap-ring.ts';
import type { Disk } from './disk.ts';
import { Syncs } from './syncs.ts';
import { WAV_HEADER } from './wav-part.ts';
import { Writing } from './writing.ts';

/** A disk that keeps how long each file is. */
function aDisk() {
  const names: string[] = [];
  const lengths = new Map<string, number>();
  const grow = (file: number, bytes: number): void => {
    const name = names[file] ?? '';
    lengths.set(name, Math.max(lengths.get(name) ?? 0, bytes));
  };
  const disk: Disk = {
    folder: () => {},
    open: (path) => names.push(path) - 1,
    write: (file, bytes, at) => grow(file, at + bytes.length),
    size: grow,
    sync: (_, done) => done(null),
    close: () => {},
  };
  const framesOf = (name: string): number => ((lengths.get(name) ?? WAV_HEADER) - WAV_HEADER) / 320;
  return { disk, framesOf };
}

const FRAME = new Int16Array(160).fill(1000);

/** Frames of a recording of a room that lived half a second, was empty for two, and lived half a second more. */
function recorded({ silence }: { silence: boolean }): number {
  const clock = new FakeClock();
  const { disk, framesOf } = aDisk();
  const writing = new Writing({
    head: {
      ...{ do: 'head', version: 1, id: 'r', account: 'a', conference: 'c', instance: 'i', stems: false, format: 'wav' },
      ...{ startedAt: clock.epoch(), silence },
    },
    folder: 'f',
    disk,
    syncs: new Syncs(disk),
    now: () => clock.now(),
    epoch: () => clock.epoch(),
    patience: 1000,
    onGap: (gap) => assert.fail(`nothing is missing: ${JSON.stringify(gap)}`),
    onEnd: () => {},
  });
  const live = (): void => {
    const memory = ringMemory(1 << 16);
    writing.listen(memory);
    const writer = new TapWriter(memory);
    writer.began(0, clock.epoch());
    for (let index = 0; index < 25; index += 1) {
      writer.sound(index, MIX, FRAME, 1, 1, TALKING);
      writer.tell(TICK, index, MIX);
      writer.publish();
      clock.advance(20);
      if (index % 5 === 4) writing.turn();
    }
    new RingWriter(memory).end();
    writing.turn();
  };
  live();
  clock.advance(2000);
  live();
  writing.end('asked');
  return framesOf('f/mix.part-1.wav');
}

test('time in which nobody is there is not recorded', () => assert.equal(recorded({ silence: false }), 50));

test('it is silence where that was asked for', () => assert.equal(recorded({ silence: true }), 150));
