/**
 * `npm run soak`: what the gate tries in ten rounds, tried long: random walks through the conference rules, one beside a
 * model of them, one through the whole server with those who
 * follow cut off, refused and restarted, rooms of sound whose legs change at random while one listens, a writer that is killed over and over, and the
 * server with its broker and its database killed under load; and an hour of talk in which no key is pressed, and thousands of keys. `--walks`, `--steps`, `--long`,
 * `--rooms`, `--replay`, `--voipbin`, `--sounds`, `--keys` (minutes), `--kills`, `--servers` and `--seed` change how long, 0 leaves a part out; a failure names its seed.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadCodecs } from '../src/audio/index.ts';
import { openSqlite } from '../src/store/index.ts';
import { walkConferences } from './kit/conference-walk.ts';
import { hearNoKeys, pressKeys } from './kit/key-trials.ts';
import { crashRecordings } from './kit/recording-crash.ts';
import { walkReplay } from './kit/replay-walk.ts';
import { walkRoom } from './kit/room-walk.ts';
import { SeededChance } from './kit/seeded-chance.ts';
import { crashServer } from './kit/server-crash.ts';
import { G722, l16, opus, PCMU } from './kit/sound-house.ts';
import { walkSound } from './kit/sound-walk.ts';
import { crashStore } from './kit/store-crash.ts';
import { walkVoipbin } from './kit/voipbin-walk.ts';

const { values } = parseArgs({
  options: {
    walks: { type: 'string', default: '2500' },
    steps: { type: 'string', default: '400' },
    long: { type: 'string', default: '100000' },
    rooms: { type: 'string', default: '100000' },
    replay: { type: 'string', default: '100000' },
    voipbin: { type: 'string', default: '100000' },
    sounds: { type: 'string', default: '50' },
    keys: { type: 'string', default: '60' },
    kills: { type: 'string', default: '200' },
    servers: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(
    'npm run soak -- [--walks 2500] [--steps 400] [--long 100000] [--rooms 100000] [--replay 100000] [--voipbin 100000] [--sounds 50] [--keys 60] [--kills 200] [--servers 200] [--seed 1]',
  );
  process.exit(0);
}
const numberOf = (name: Exclude<keyof typeof values, 'help'>): number => Number(values[name]);
const [walks, steps, long, replay] = [numberOf('walks'), numberOf('steps'), numberOf('long'), numberOf('replay')];
const [sounds, kills, servers, seed] = [numberOf('sounds'), numberOf('kills'), numberOf('servers'), numberOf('seed')];
const [rooms, voipbin, minutes] = [numberOf('rooms'), numberOf('voipbin'), numberOf('keys')];

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
if (long > 0) {
  await walkConferences({ rounds: 1, steps: long, seed, limitMs: 3_600_000, checkEvery: 500, looksBack: 100 });
  say(`one walk of ${long} steps`);
}
if (rooms > 0) {
  await walkRoom({ seed, steps: rooms });
  say(`one walk of ${rooms} steps beside the model of a room`);
}
if (replay > 0) {
  const folder = mkdtempSync(join(tmpdir(), 'parley-replay-'));
  const told = (step: number, figures: object): void => {
    if (step % 5000 === 0) say(`${step} of ${replay} steps with those who follow: ${JSON.stringify(figures)}`);
  };
  await walkReplay({ steps: replay, seed, path: join(folder, 'replay.db'), told });
  rmSync(folder, { recursive: true });
  say(`one walk of ${replay} steps with those who follow`);
}
// A conference's past grows with its walk, so many walks stand for one.
const VOIPBIN_PART = 1000;
for (let done = 0; done < voipbin; done += VOIPBIN_PART) {
  const steps = Math.min(VOIPBIN_PART, voipbin - done);
  await walkVoipbin({ seed: seed + done, steps });
  if ((done / VOIPBIN_PART) % 10 === 9) say(`${done + steps} of ${voipbin} requests, joins and hang-ups of VoIPBIN`);
}
await loadCodecs();
for (let done = 0; done < sounds; done++) {
  const listener = [PCMU, G722, l16(16_000), opus(), opus({ ptime: 60 })][done % 5]!;
  await walkSound({ talker: done % 2 === 0 ? l16(8000) : opus(), listener, seconds: 120, seed: seed + done });
  if (done % 10 === 9) say(`${done + 1} of ${sounds} walks through rooms of sound`);
}
if (minutes > 0) {
  const pressed = pressKeys(Math.round(2.5 * minutes));
  assert.ok(pressed.missed <= pressed.keys / 1000, `${pressed.missed} of ${pressed.keys} keys are not heard, or too many`);
  const { keys, seconds } = hearNoKeys(minutes, say);
  assert.ok(keys.length <= minutes / 60, `${keys} in ${seconds} s without a key`);
  say(`${pressed.missed} of ${pressed.keys} keys missed; ${keys.length} heard in ${Math.round(seconds / 60)} minutes without one`);
}
if (kills > 0)
  await crashRecordings({ rounds: kills, seed, told: (round) => round % 10 === 0 && say(`${round} of ${kills} kills of recorders`) });
if (kills > 0) await crashStore({ rounds: kills, seed, told: (round) => round % 10 === 0 && say(`${round} of ${kills} kills`) });
// With a broker always; a fifth of them on PostgreSQL, which is killed as well.
const onPostgres = Math.floor(servers / 5);
for (const [rounds, withPostgres] of [[servers - onPostgres, false] as const, [onPostgres, true] as const]) {
  const where = withPostgres ? 'PostgreSQL' : 'SQLite';
  const told = (round: number, figures: object): void => {
    if (round % 10 === 0 || round === rounds) say(`${round} of ${rounds} kills of servers on ${where}: ${JSON.stringify(figures)}`);
  };
  if (rounds > 0) say(`all of it arrived: ${JSON.stringify(await crashServer({ rounds, seed, withRabbit: true, withPostgres, told }))}`);
}
say('nothing was lost, nothing disagreed');
