import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../test/kit/fake-clock.ts';
import { eventually } from '../../../test/kit/house.ts';
import type { CallId } from '../../conference/index.ts';
import type { Engine } from '../../media/index.ts';
import { LossWatch } from './carrying.ts';
import type { Traces } from './traces.ts';

const ID = 'call' as CallId;
/** A watch looks every so often, ms. */
const LOOK = 10_000;

/** Calls that live, what their legs have counted, and what is noted of them. */
function watched() {
  const clock = new FakeClock();
  const legs = new Map([[ID, { packetsIn: 0, lost: 0, late: 0 }]]);
  const noted: { since: number; text: string; values: unknown }[] = [];
  let asked = 0;
  const traces = {
    get live() {
      return [...legs.keys()];
    },
    lost: (_: CallId, since: number, loss: { text: string; values: unknown }) => noted.push({ since, ...loss }),
  } as unknown as Traces;
  const engine = {
    legMetrics: async (leg: string) => {
      asked += 1;
      return legs.get(leg as CallId);
    },
  } as unknown as Engine;
  const watch = new LossWatch({ traces, engine, clock });
  /** Packets that come or are lost until the next look. */
  const goesOn = async (packetsIn: number, lost: number, late = 0): Promise<void> => {
    const before = legs.get(ID)!;
    legs.set(ID, { packetsIn: before.packetsIn + packetsIn, lost: before.lost + lost, late: before.late + late });
    const wanted = asked + 1;
    clock.advance(LOOK);
    await eventually(() => asked >= wanted, 'nobody looked');
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  return { clock, watch, noted, goesOn };
}

test('a time of losses begins at the last good look, and is told with all that was lost in it as long as it goes on', async () => {
  const { clock, watch, noted, goesOn } = watched();
  await goesOn(500, 0);
  const since = clock.epoch();
  await goesOn(450, 40, 10);
  await goesOn(400, 100);
  assert.deepEqual(noted, [
    { since, text: '50 of 500 packets were lost or late (10 %)', values: { lost: 50, all: 500, percent: 10 } },
    { since, text: '150 of 1000 packets were lost or late (15 %)', values: { lost: 150, all: 1000, percent: 15 } },
  ]);
  await goesOn(500, 0);
  const later = clock.epoch();
  await goesOn(490, 10);
  assert.deepEqual(noted.slice(2), [
    { since: later, text: '10 of 500 packets were lost or late (2 %)', values: { lost: 10, all: 500, percent: 2 } },
  ]);
  watch.close();
});

test('a few packets, or less than one in a hundred, are no time of losses', async () => {
  const { watch, noted, goesOn } = watched();
  await goesOn(500, 0);
  await goesOn(40, 4);
  await goesOn(996, 8);
  assert.deepEqual(noted, []);
  watch.close();
});
