/** Browsers: what a leg with ICE, DTLS and Opus costs the engine. The browsers of the bench are small: no WebRTC library but for the handshake. */
import { type ChildProcess, fork } from 'node:child_process';
import { settles } from '../test/kit/ear.ts';
import { type Server, SmallBrowser } from '../test/kit/small-browser.ts';
import type { Case } from './cases.ts';
import { cpuOf, memoryOf } from './proc.ts';
import { type Result, row, tell } from './report.ts';
import { formats, loopOf, openEar } from './sounds.ts';
import { MEASURED_CORE, pin } from './subjects.ts';
import type { Manner } from './talk.ts';
import type { Guest, Question } from './webrtc-process.ts';

const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));
/** Says of itself how loud it is (RFC 6464), -dBov. */
const [LOUD, SILENT] = [20, 127];
/** ms between two checks of one browser, as Chromium has it once it is settled. */
const CHECKS = 2500;
/** Of what an ear decodes, every so many samples make 8 000 Hz; the tones lie far below. */
const EAR_STEP = formats.opus.earRate / 8000;

interface Counts {
  readonly connected: number;
  readonly lost: number;
  readonly notAuthentic: number;
  readonly sendFailures: number;
  readonly tickLateness: { readonly p99: number };
  readonly encoded: number;
}

const ask = <T>(child: ChildProcess, question: Question): Promise<T> =>
  new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the measured process ended with ${code}`)));
    child.once('message', (answer) => resolve(answer as T));
    child.send(question);
  });

/** The tone of a talker: one for each in a room. */
const hertz = (n: number): number => 400 + 130 * n;

async function guest(n: number, { room, talkers }: Case['shape']): Promise<SmallBrowser> {
  const place = n % room;
  const talks = place < talkers;
  const ear = place < 4 ? openEar('opus') : undefined;
  const heard = new Int16Array(5760);
  const hear = (payload: Uint8Array): Int16Array => {
    const count = ear?.decode(payload, 0, payload.length, heard) ?? 0;
    return Int16Array.from({ length: count / EAR_STEP }, (_, at) => heard[at * EAR_STEP]!);
  };
  const { payloadType, step } = formats.opus;
  const frames = loopOf('opus', talks ? hertz(place) : 0);
  const browser = await SmallBrowser.open({
    everyMs: CHECKS,
    sound: { payloadType, step, frames, ...(ear === undefined ? {} : { hear }) },
  });
  browser.level = talks ? LOUD : SILENT;
  return browser;
}

export async function webrtc({ name, title, shape, bars }: Case, { seconds, warmUp, isPinned }: Manner): Promise<Result> {
  const child = fork(new URL('./webrtc-process.ts', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const pid = child.pid ?? 0;
  if (isPinned) pin(pid, MEASURED_CORE);
  const browsers = await Promise.all(Array.from({ length: shape.legs }, (_, n) => guest(n, shape)));
  await ask<unknown>(child, { ask: 'read' });
  const before = { cpu: cpuOf(pid), memory: memoryOf(pid) };
  const guests: Guest[] = browsers.map(({ description }, n) => ({ room: Math.floor(n / shape.room), webrtc: description }));
  const servers = await ask<Server[]>(child, { ask: 'open', guests });
  for (const [n, server] of servers.entries()) browsers[n]!.connect(server);
  await Promise.all(browsers.map(({ connected }) => connected));
  const joining = (cpuOf(pid) - before.cpu) / shape.legs / 1000;
  tell(`${shape.legs} browsers are there; ${warmUp} s until it counts`);
  await sleep(1000 * warmUp);
  const [from, first] = [cpuOf(pid), await ask<Counts>(child, { ask: 'read' })];
  await sleep(1000 * seconds);
  const [to, last] = [cpuOf(pid), await ask<Counts>(child, { ask: 'read' })];
  const cost = (to - from) / seconds / shape.legs;
  const all = Array.from({ length: shape.talkers }, (_, n) => hertz(n));
  const ears = browsers.filter((_, n) => n % shape.room < 4);
  const wanted = ears.map((each) => all.filter((_, n) => n !== browsers.indexOf(each) % shape.room));
  const tones = await settles(() => ears.map(({ ear }) => ear.hears(all)), wanted);
  const deaf = wanted.filter((each, n) => JSON.stringify(each) !== JSON.stringify(tones[n])).length;
  const memory = (memoryOf(pid) - before.memory) / shape.legs / 1024;
  const broken = browsers.reduce((sum, each) => sum + each.broken, 0);
  for (const browser of browsers) browser.close();
  child.send({ ask: 'end' } satisfies Question);
  const rows = [
    row('CPU per leg and second', cost, { unit: ' µs', most: bars.cost }),
    row('of a core', cost / 10_000, { unit: ' %', digits: 2, most: (bars.cost ?? Number.NaN) / 10_000 }),
    row('CPU of joining, per browser', joining, { unit: ' ms', digits: 1 }),
    row('tick lateness p99', last.tickLateness.p99, { unit: ' ms', digits: 1 }),
    row('frames lost', last.lost - first.lost),
    row('encodes per room and tick', ((last.encoded - first.encoded) / seconds / 50 / shape.legs) * shape.room, { digits: 2 }),
    row('memory per leg, the worker of DTLS in it', memory, { unit: ' kB' }),
  ];
  const failures = [
    ...(deaf > 0 ? [`${deaf} of ${ears.length} ears heard wrong tones`] : []),
    ...(last.connected < shape.legs ? [`only ${last.connected} browsers had keys`] : []),
    ...(broken + last.notAuthentic > 0 ? [`${broken + last.notAuthentic} packets could not be opened`] : []),
  ];
  return { case: name, title, rows, figures: { cost, joining }, failures, remarks: [] };
}
