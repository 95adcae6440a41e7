import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patientEngine } from '../../test/kit/patient.ts';
import { strength, TONES, tone } from '../../test/kit/sound.ts';
import type { AccountId } from '../accounts/index.ts';
import type { ConferenceId, HearingPlan, LegId } from '../conference/index.ts';
import { openEngine } from './engine.ts';
import type { EngineEvent } from './engine-types.ts';
import type { Stream, TapItem } from './tap-types.ts';

const account = 'a' as AccountId;
const conference = 'room' as ConferenceId;
const [ann, ben] = ['ann', 'ben'] as LegId[] as [LegId, LegId];
const source = (id: LegId) => ({ kind: 'stream', id }) as const;
const SECOND = 8000;

/** Two streams and nobody else: each says a second of his tone. `gains`: what ben hears otherwise. */
async function heard(plan: Omit<HearingPlan, 'version'>, apart = false) {
  const events: EngineEvent[] = [];
  const engine = await openEngine(patientEngine({ onEvent: (event) => events.push(event) }));
  const open = (leg: LegId, isApart: boolean): Stream => engine.stream({ leg, account, conference, apart: isApart, rate: 8000 });
  const [one, two] = [open(ann, false), open(ben, apart)];
  assert.throws(() => open(ann, false), /open already/);
  assert.equal(engine.load().legs, 2);
  engine.hear(account, conference, { version: 1, ...plan });
  await engine.planApplied(account, conference, 1);
  one.feed.write(tone(TONES[0]!, { length: SECOND }), 8000);
  two.feed.write(tone(TONES[3]!, { length: SECOND }), 8000);
  const read = async (stream: Stream): Promise<TapItem[]> => {
    const items: TapItem[] = [];
    let ticks = 0;
    for await (const item of stream.tap.items()) {
      items.push(item);
      if (item.type === 'tick' && ++ticks === 40) break;
    }
    return items;
  };
  const items = await Promise.all([read(one), read(two)]);
  one.close();
  two.close();
  assert.equal(engine.load().legs, 0);
  await engine.close();
  const strengths = (list: readonly TapItem[], id?: LegId): number[] => {
    const frames = list.flatMap((item) => (item.type === 'frame' && (id === undefined || item.source?.id === id) ? [...item.samples] : []));
    return [TONES[0]!, TONES[3]!].map((hz) => Math.round(strength(frames.slice(-2400), hz) / 400) / 10);
  };
  return { ann: strengths(items[0]!), ben: strengths(items[1]!), benOf: (id: LegId) => strengths(items[1]!, id), events };
}

const both = [
  { source: source(ann), gain: 1 },
  { source: source(ben), gain: 1 },
];

test('two streams without any telephone hear each other and not themselves, and their levels are told', async () => {
  const { ann: one, ben: two, events } = await heard({ sources: both, listeners: [ann, ben].map((leg) => ({ leg, gains: [] })) });
  assert.deepEqual(
    [one, two],
    [
      [0, 1],
      [1, 0],
    ],
  );
  assert.ok(events.some((event) => event.type === 'level' && event.leg === ann && event.talking));
});

test('the plan decides: what is muted, turned down or out, how loud everything is, and who hears at all', async () => {
  const quiet = await heard({
    sources: [{ source: source(ann), gain: 0.6 }],
    listeners: [{ leg: ben, gains: [], gain: 0.5 }],
  });
  assert.deepEqual(
    [quiet.ann, quiet.ben],
    [
      [0, 0],
      [0.3, 0],
    ],
  );
  const out = await heard({ sources: both, listeners: [{ leg: ben, gains: [{ source: source(ann), gain: 0 }] }] });
  assert.deepEqual(out.ben, [0, 0]);
});

test('apart, each comes as its own source with the gain that he has for this listener', async () => {
  const plain = await heard({ sources: both, listeners: [{ leg: ben, gains: [], gain: 0.5 }] }, true);
  assert.deepEqual(
    [plain.benOf(ann), plain.benOf(ben)],
    [
      [0.5, 0],
      [0, 0],
    ],
  );
  const deaf = await heard({ sources: both, listeners: [] }, true);
  assert.deepEqual(deaf.ben, [0, 0]);
});
