/**
 * `npm run soak`: what the gate tries in ten rounds, tried long: random walks through the conference rules, rooms of sound whose legs change at
 * random while one listens, and a writer that is killed over and over. `--walks`, `--steps`, `--long`, `--sounds`, `--kills` and `--seed` change how long;
 * a failure names its seed.
 */
import { parseArgs } from 'node:util';
import { loadCodecs } from '../src/audio/index.ts';
import { openSqlite } from '../src/store/index.ts';
import { walkConferences } from './kit/conference-walk.ts';
import { SeededChance } from './kit/seeded-chance.ts';
import { G722, l16, opus, PCMU } from './kit/sound-house.ts';
import { walkSound } from './kit/sound-walk.ts';
import { crashStore } from './kit/store-crash.ts';

const { values } = parseArgs({
  options: {
    walks: { type: 'string', default: '2500' },
    steps: { type: 'string', default: '400' },
    long: { type: 'string', default: '100000' },
    sounds: { type: 'string', default: '50' },
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log('npm run soak -- [--walks 2500] [--steps 400] [--long 100000] [--sounds 50] [--kills 200] [--seed 1]');
  process.exit(0);
}
const [walks, steps, long, sounds, kills, seed] = [values.walks, values.steps, values.long, values.sounds, values.kills, values.seed].map(
  Number,
) as [number, number, number, number, number, number];

const started = performance.now();
const say = (text: string): void => console.log(`${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${text}`);
const inMemoryOfSqlite = async () =>
  (await openSqlite({ path: ':memory:', chance: new SeededChance(seed), masterKey: new Uint8Array(32).fill(3) })).conferences;

const PART = 50;
for (let done = 0; done < walks; done += PART) {
  const rounds = Math.min(PART, walks - done);
  // Every tenth part on SQLite: it is slower, and the rules are the same.
  const open = (done / PART) % 10 === 9 ? { open: inMemoryOfSqlite } : {};
  await walkConferences({ rounds, steps, seed: seed + done, limitMs: 600_000, ...open });
  say(`${done + rounds} of ${walks} walks, ${(done + rounds) * steps} steps`);
}
// One walk so long that its facts are many: whatever was told is looked at always, the whole state now and then.
await walkConferences({ rounds: 1, steps: long, seed, limitMs: 3_600_000, checkEvery: 500, looksBack: 100 });
say(`one walk of ${long} steps`);
await loadCodecs();
for (let done = 0; done < sounds; done++) {
  const listener = [PCMU, G722, l16(16_000), opus(), opus({ ptime: 60 })][done % 5]!;
  await walkSound({ talker: done % 2 === 0 ? l16(8000) : opus(), listener, seconds: 120, seed: seed + done });
  if (done % 10 === 9) say(`${done + 1} of ${sounds} walks through rooms of sound`);
}
await crashStore({ rounds: kills, seed, told: (round) => round % 10 === 0 && say(`${round} of ${kills} kills`) });
say('nothing was lost, nothing disagreed');
