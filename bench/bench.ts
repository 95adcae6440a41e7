/** `npm run bench [-- --legs N --talkers N --room N --seconds N --addresses N]`: what a leg costs, and whether everybody heard what he should. */
import { type ChildProcess, fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import type { EngineMetrics } from '../src/media/index.ts';
import { strength } from '../test/kit/sound.ts';
import { Load } from './load.ts';
import type { Start } from './server.ts';

const { values } = parseArgs({
  options: {
    legs: { type: 'string', default: '200' },
    talkers: { type: 'string', default: '2' },
    room: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '15' },
    /** How many different IP addresses the phones have; a far end with one address needs a local port per leg. */
    addresses: { type: 'string' },
  },
});
const legs = Number(values.legs);
const room = Number(values.room);
const talkers = Number(values.talkers);
const seconds = Number(values.seconds);
const addresses = Number(values.addresses ?? legs);
const failures: string[] = [];

type Reading = { cpu: number; at: number; packetsIn: number; packetsOut: number };
type EngineReading = Reading & EngineMetrics & { rss: number; before: number; started: number };

const wait = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));
const next = <T>(child: ChildProcess): Promise<T> =>
  new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the measured process ended with ${code}`)));
    child.once('message', (message) => {
      child.removeAllListeners('exit');
      resolve(message as T);
    });
  });
const read = async <T>(child: ChildProcess): Promise<T> => {
  const answer = next<T>(child);
  child.send('read');
  return answer;
};

async function run<T extends Reading>(load: Load, start: Start, duration: number): Promise<{ from: T; to: T }> {
  const child = fork(new URL('./server.ts', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const opened = next<{ at: { address: string; port: number }[] }>(child);
  child.send(start);
  load.aim((await opened).at);
  load.start();
  await wait(3000); // Code is compiled, buffers find their depth.
  load.clear();
  const from = await read<T>(child);
  await wait(duration * 1000);
  const to = await read<T>(child);
  load.stop();
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.send('end');
  await ended;
  return { from, to };
}

/** Who was sampled and heard something else than the room's talkers without himself. */
function wrongEars(load: Load): string[] {
  return load.legs.flatMap(({ ear }, n) => {
    if (ear === undefined) return [];
    const first = Math.floor(n / room) * room;
    const others = load.legs.slice(first, first + room).filter(({ talks }, seat) => talks && first + seat !== n);
    const expected = [...new Set(others.map(({ hertz }) => hertz))].sort((a, b) => a - b);
    const all = Array.from({ length: 12 }, (_, each) => 400 + 130 * each);
    const heard = all.filter((hertz) => strength(ear, hertz) > 800);
    return heard.join() === expected.join() ? [] : [`leg ${n} heard [${heard}] Hz, not [${expected}]`];
  });
}

const quantile = (list: readonly number[], share: number): number =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))] ?? Number.NaN;
const price = ({ from, to }: { from: Reading; to: Reading }): number => (to.cpu - from.cpu) / legs / ((to.at - from.at) / 1000);
const round = (value: number, digits = 0): string =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

const load = new Load({ room, talkers });
await load.open(legs, addresses);
const far = load.legs.map(({ port: { address, port } }) => ({ address, port }));
console.log(`Parley media: ${legs} legs of G.711 in rooms of ${room}, ${talkers} talking in each, for ${seconds} s …`);

const engine = await run<EngineReading>(load, { mode: 'engine', room, talkers, far, ports: 0 }, seconds);
const lostOut = load.legs.reduce((sum, { lost }) => sum + lost, 0);
const received = load.legs.reduce((sum, each) => sum + each.received, 0);
const delays = [...load.delays];
const worst = load.worst;
failures.push(...wrongEars(load));
const bare = await run(load, { mode: 'bare', room, talkers, far, ports: engine.to.ports }, Math.min(10, seconds));
await load.close();

const { from, to } = engine;
const cost = price(engine);
const [lost, late, concealed] = [to.lost - from.lost, to.late - from.late, to.concealed - from.concealed];
const expected = legs * 50 * ((to.at - from.at) / 1000);
if (!(cost > 0) || delays.length === 0) failures.push('nothing could be measured');
if (received < expected * 0.98) failures.push(`only ${received} of about ${round(expected)} packets came back`);
if (lost + lostOut > 0) failures.push(`${lost} frames were lost on the way in, ${lostOut} on the way out`);
if (to.strangers > from.strangers) failures.push(`${to.strangers - from.strangers} packets were taken for strangers'`);

const rows: [string, string][] = [
  ['legs per core', round(1e6 / cost)],
  ['CPU per leg and second', `${round(cost)} µs`],
  ['  bare batched sockets, same packets', `${round(price(bare))} µs`],
  ['delay added p50 / p99', `${round(quantile(delays, 0.5), 1)} / ${round(quantile(delays, 0.99), 1)} ms  (${delays.length} pulses)`],
  ['frames lost in / out', `${lost} / ${lostOut}`],
  ['frames late / concealed', `${late} / ${concealed}`],
  [
    'packets in / out per second',
    `${round((to.packetsIn - from.packetsIn) / ((to.at - from.at) / 1000))} / ${round((to.packetsOut - from.packetsOut) / ((to.at - from.at) / 1000))}`,
  ],
  ['local RTP ports', `${to.ports}`],
  [
    'tick lateness p50 / p99 / max',
    `${round(to.tickLateness.p50, 2)} / ${round(to.tickLateness.p99, 2)} / ${round(to.tickLateness.max, 2)} ms`,
  ],
  ['memory per leg', `${round((to.rss - to.started) / legs / 1024)} kB  (whole process ${round(to.rss / 2 ** 20)} MB)`],
  ['encodings per room and second', round((to.encoded - from.encoded) / ((to.at - from.at) / 1000) / Math.ceil(legs / room))],
  ["load generator's worst lateness", `${round(worst, 1)} ms`],
];
const width = Math.max(...rows.map(([name]) => name.length));
console.log(`\n${rows.map(([name, value]) => `  ${name.padEnd(width)}   ${value}`).join('\n')}\n`);
for (const failure of failures) console.error(`FAILED: ${failure}`);
process.exitCode = failures.length > 0 ? 1 : 0;
