/** `npm run bench`: what a leg costs, how long its sound takes, and whether everybody heard what he should. See docs/benchmarks.md. */
import { cpus, setPriority } from 'node:os';
import { parseArgs } from 'node:util';
import { amqp } from './amqp.ts';
import { type Case, cases } from './cases.ts';
import { hangUp, idle } from './crowd.ts';
import { events } from './events.ts';
import { facts } from './facts.ts';
import { kazoo } from './kazoo.ts';
import { recording } from './recording.ts';
import { failed, type Result, summary, table, tell } from './report.ts';
import { type CodecName, formats, openSounds } from './sounds.ts';
import { streams } from './streams.ts';
import { pin } from './subjects.ts';
import { type Manner, stall, talk } from './talk.ts';
import { webhooks } from './webhooks.ts';
import { webrtc } from './webrtc.ts';

const HELP = `npm run bench -- [options]: measures Parley on this machine, beside the bare socket loop. docs/benchmarks.md says how.

  --all             every case, and a summary against the bars
  --case a,b        these cases; --list shows their names
  --list            the cases
  --legs N          otherwise one case of your own: so many legs (200)
  --room N          … in rooms of so many (10)
  --talkers N       … of whom so many talk (2)
  --codec NAME      … PCMU, PCMA, G722, opus or mixed (PCMU)
  --seconds N       how long is measured (15)
  --warm-up N       seconds before it counts (30): until then the compiler of JavaScript is at work beside the server
  --scale X         all numbers of legs and conferences times this, to try the bench itself (1)
  --direct          the engine without signalling, for tuning
  --pin             the measured process has the last core to itself, everything else the others
  --json            results as JSON on stdout
  -h, --help        this

Exit code 1: something could not be measured, a sampled ear heard wrong tones, frames were lost, or a BYE was not answered.
Bars that are missed are printed and do not change the exit code.
`;

const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    case: { type: 'string' },
    list: { type: 'boolean', default: false },
    legs: { type: 'string', default: '200' },
    room: { type: 'string', default: '10' },
    talkers: { type: 'string', default: '2' },
    codec: { type: 'string', default: 'PCMU' },
    seconds: { type: 'string', default: '15' },
    'warm-up': { type: 'string', default: '30' },
    scale: { type: 'string', default: '1' },
    direct: { type: 'boolean', default: false },
    pin: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

function amount(name: 'legs' | 'room' | 'talkers' | 'seconds' | 'warm-up' | 'scale', least: number): number {
  const value = Number(values[name]);
  if (!(value >= least)) throw new Error(`--${name} must be a number from ${least} on, but it is "${values[name]}"`);
  return value;
}

function codecsNamed(name: string): readonly CodecName[] {
  if (name === 'mixed') return ['PCMU', 'opus', 'G722', 'PCMA'];
  const known = (Object.keys(formats) as CodecName[]).find((each) => each.toLowerCase() === name.toLowerCase());
  if (known === undefined) throw new Error(`--codec must be ${Object.keys(formats).join(', ')} or mixed, but it is "${name}"`);
  return [known];
}

function own(): Case {
  const [legs, room, talkers] = [amount('legs', 2), amount('room', 2), amount('talkers', 1)];
  const shape = { legs, room, talkers, codecs: codecsNamed(values.codec) };
  const title = `${legs} legs of ${values.codec}, rooms of ${room}, ${talkers} talkers`;
  return { name: 'own', title, kind: 'talk', shape, bars: {} };
}

function chosen(): readonly Case[] {
  if (values.all) return cases;
  if (values.case === undefined) return [own()];
  return values.case.split(',').map((name) => {
    const found = cases.find((each) => each.name === name.trim());
    if (found === undefined) throw new Error(`there is no case "${name}"; npm run bench -- --list`);
    return found;
  });
}

function scaled(it: Case): Case {
  const scale = amount('scale', 0);
  if (scale === 1 || it.shape.legs === 0) return it;
  const legs = Math.max(20, Math.round((it.shape.legs * scale) / 10) * 10);
  const room = it.shape.room > 100 ? legs : it.shape.room;
  return { ...it, title: `${it.title} (times ${scale}: ${legs})`, shape: { ...it.shape, legs, room } };
}

const kinds = {
  talk,
  stall,
  idle,
  'hang-up': hangUp,
  facts,
  events,
  blackhole: events,
  amqp,
  webhooks,
  recording,
  streams,
  webrtc,
  kazoo,
  voipbin: kazoo,
} as const;

async function main(): Promise<number> {
  if (values.help || values.list) {
    process.stdout.write(values.help ? HELP : cases.map(({ name, title }) => `${name.padEnd(12)} ${title}\n`).join(''));
    return 0;
  }
  const wanted = chosen().map(scaled);
  const manner: Manner = {
    seconds: amount('seconds', 1),
    warmUp: amount('warm-up', 0),
    isDirect: values.direct,
    isPinned: values.pin,
  };
  if (values.pin) pin(process.pid, cpus().length > 2 ? `0-${cpus().length - 2}` : '0');
  try {
    // Telephones have machines of their own: their packets must not come late because the server is busy. Only root may do so.
    setPriority(-10);
  } catch {
    tell('the telephones have no priority over the server (not root): delays may look longer than they are');
  }
  await openSounds();
  const results: Result[] = [];
  for (const [n, it] of wanted.entries()) {
    tell(`${wanted.length > 1 ? `${n + 1} of ${wanted.length}: ` : ''}${it.title}`);
    const result = await kinds[it.kind](it, manner).catch((error: unknown) => failed(it, error));
    results.push(result);
    if (!values.json) process.stdout.write(table(result));
  }
  if (values.json) {
    const machine = `${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}`;
    process.stdout.write(`${JSON.stringify({ machine, manner, results }, undefined, 2)}\n`);
  } else if (results.length > 1) process.stdout.write(summary(results));
  return results.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
