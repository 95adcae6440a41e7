/** Cases in which people talk: what a leg costs beside the bare socket loop, how long sound takes, whether everybody heard what he should. */
import type { Case } from './cases.ts';
import { clock, type Heard, Load } from './load.ts';
import { quantile, type Result, type Row, round, row, tell } from './report.ts';
import { Alone, type Reading, Server, type Subject } from './subjects.ts';

/** How it is to be measured. */
export interface Manner {
  readonly seconds: number;
  readonly warmUp: number;
  /** The engine without signalling. */
  readonly isDirect: boolean;
  readonly isPinned: boolean;
}

export const wait = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

/** How the engine uses its sockets: the bare loop is to do the same. */
interface Rhythm {
  readonly ports: number;
  /** Wakes in 20 ms. */
  readonly phases: number;
}

const rhythmOf = ({ from, to }: Window): Rhythm => ({
  ports: to.counts.ports,
  phases: Math.max(1, Math.round((to.counts.ticks - from.counts.ticks) / ((to.at - from.at) / 20))),
});

/** What the engine does with these legs, before it is measured: it is asked, so that the bare loop cannot differ from it. */
async function expectedRhythm(load: Load): Promise<Rhythm> {
  const engine = Alone.engine({ isPinned: false });
  try {
    await engine.connect(load, () => {});
    const from = await engine.read();
    await wait(1000);
    return rhythmOf({ from, to: await engine.read() });
  } finally {
    load.part();
    await engine.close();
  }
}

/** A look before and one after. */
export interface Window {
  readonly from: Reading;
  readonly to: Reading;
}

export const openSubject = async ({ isDirect, isPinned }: Manner): Promise<Subject> =>
  isDirect ? Alone.engine({ isPinned }) : await Server.open({ isPinned });

/** Sets the legs up, with progress; gives what the process had before them. */
export async function connect(subject: Subject, load: Load): Promise<Pick<Reading, 'memory' | 'descriptors'>> {
  const began = clock.now();
  const { legs } = load.shape;
  const base = await subject.connect(load, (done) => {
    if (done % 20 === 0) tell(`${done} of ${legs} legs are in`, { passing: true });
  });
  tell(`${legs} legs are in, after ${round((clock.now() - began) / 1000, 1)} s`);
  return base;
}

/** Lets it run for a while and reads before and after. */
export async function measure(subject: Subject, load: Load, { warmUp, seconds }: Pick<Manner, 'warmUp' | 'seconds'>): Promise<Window> {
  await wait(warmUp * 1000); // Code is compiled, buffers find their depth.
  load.clear();
  const from = await subject.read();
  const end = clock.now() + seconds * 1000;
  for (let left = end - clock.now(); left > 0; left = end - clock.now()) {
    tell(`measuring, ${Math.ceil(left / 1000)} s to go`, { passing: true });
    await wait(Math.min(1000, left));
  }
  return { from, to: await subject.read() };
}

/** CPU, µs per leg and second. */
export const price = ({ from, to }: Window, legs: number): number => (to.cpu - from.cpu) / legs / ((to.at - from.at) / 1000);

/** What the sockets alone cost with as many ports, for the same packets. */
async function bareLoop(
  load: Load,
  { ports, phases }: Rhythm,
  { seconds, warmUp, isPinned }: Manner,
): Promise<{ cost: number; remarks: readonly string[] }> {
  const { legs } = load.shape;
  tell(`the bare socket loop: ${ports} ports, ${phases * 50} wakes a second`, { passing: true });
  const subject = Alone.bare({ ports, phases, isPinned });
  try {
    await subject.connect(load, () => {});
    load.isDeaf = true;
    load.start();
    const window = await measure(subject, load, { seconds: Math.min(10, seconds), warmUp: Math.min(2, warmUp) });
    const packets = (window.to.counts.packetsOut - window.from.counts.packetsOut) / ((window.to.at - window.from.at) / 1000);
    const cost = price(window, legs);
    tell(`the bare socket loop: ${ports} ports, ${phases * 50} wakes a second, ${round(cost)} µs`);
    const isWhole = packets >= legs * 50 * 0.98;
    return {
      cost,
      remarks: isWhole ? [] : [`the bare loop sent only ${round(packets)} of ${round(legs * 50)} packets a second: its figure is too low`],
    };
  } finally {
    load.stop();
    load.part();
    load.isDeaf = false;
    await subject.close();
  }
}

/** Figures and failures that every case with voices has. */
export interface Voices {
  readonly delays: readonly number[];
  readonly lostIn: number;
  readonly lostOut: number;
  readonly worst: number;
  readonly generatorShare: number;
  readonly asked: number;
  readonly failures: readonly string[];
}

/** Judges what was sent and heard in a window, while it still sounds. */
export function judge(load: Load, { from, to }: Window, generatorCpu: number): Voices {
  const seconds = (to.at - from.at) / 1000;
  const { asked, wrong } = load.wrongEars();
  const delays = load.heard.map(({ delay }) => delay);
  const expected = load.shape.legs * 50 * seconds;
  const lostIn = to.counts.lost - from.counts.lost;
  const strangers = to.counts.strangers - from.counts.strangers;
  const failures = [
    ...wrong.slice(0, 5),
    ...(wrong.length > 5 ? [`… and ${wrong.length - 5} more ears of ${asked}`] : []),
    ...(delays.length === 0 ? ['no pulse was heard'] : []),
    ...(load.received < expected * 0.98 ? [`only ${round(load.received)} of about ${round(expected)} packets came back`] : []),
    ...(lostIn + load.lost > 0 ? [`${lostIn} frames were lost on the way in, ${load.lost} on the way out`] : []),
    ...(strangers > 0 ? [`${strangers} packets were taken for strangers'`] : []),
    ...(load.refused > 0 ? [`${load.refused} packets of the telephones were refused by the system`] : []),
  ];
  return { delays, lostIn, lostOut: load.lost, worst: load.worst, generatorShare: generatorCpu / 1e6 / seconds, asked, failures };
}

export const cpuOfMine = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** Everybody hangs up; whoever gets no 200 makes the case fail. */
export async function farewell(subject: Subject, load: Load): Promise<{ rows: readonly Row[]; failures: readonly string[] }> {
  load.stop();
  const { asked, answered, refused, retransmissions, ms } = await subject.hangUp(load.legs);
  const isWhole = answered === load.shape.legs && refused === 0;
  tell(`${answered} of ${asked} BYEs answered in ${round(ms)} ms`);
  return {
    rows: [{ name: 'BYEs answered', value: `${round(answered)} of ${round(load.shape.legs)}`, bar: 'every one', isMet: isWhole }],
    failures: isWhole
      ? []
      : [`${load.shape.legs - answered} BYEs were not answered, ${refused} refused (${retransmissions} retransmissions)`],
  };
}

/** Legs talk for a while. */
export async function talk(it: Case, manner: Manner): Promise<Result> {
  const load = new Load(it.shape);
  await load.open();
  let subject: Subject | undefined;
  try {
    const planned = await expectedRhythm(load);
    const before = await bareLoop(load, planned, manner);
    subject = await openSubject(manner);
    const base = await connect(subject, load);
    load.start();
    await wait(manner.warmUp * 1000);
    const cpu = cpuOfMine();
    const window = await measure(subject, load, { ...manner, warmUp: 0 });
    const voices = judge(load, window, cpuOfMine() - cpu);
    tell(`measured: ${round(price(window, it.shape.legs))} µs per leg and second`);
    const goodbye = await farewell(subject, load);
    const remarks = subject.remarks();
    load.part();
    await subject.close();
    subject = undefined;
    const used = rhythmOf(window);
    const after = await bareLoop(load, used, manner);
    const { rows, figures } = figuresOf(it, { window, voices, before: before.cost, after: after.cost, base });
    return {
      case: it.name,
      title: it.title,
      rows: [...rows, ...goodbye.rows],
      figures,
      failures: [...voices.failures, ...goodbye.failures],
      remarks: [
        ...new Set([...before.remarks, ...remarks, ...after.remarks]),
        ...(used.ports === planned.ports && used.phases === planned.phases
          ? []
          : [
              `the engine had ${used.ports} ports and ${used.phases} phases, the bare loop before it ${planned.ports} and ${planned.phases}`,
            ]),
        ...(voices.worst > 20
          ? [`the load generator was up to ${round(voices.worst)} ms late: the machine was too busy for good figures`]
          : []),
      ],
    };
  } finally {
    load.stop();
    await subject?.close();
    await load.close();
  }
}

interface Measured {
  readonly window: Window;
  readonly voices: Voices;
  readonly before: number;
  readonly after: number;
  readonly base: Pick<Reading, 'memory'>;
}

function figuresOf({ shape, bars }: Case, { window, voices, before, after, base }: Measured): Pick<Result, 'rows' | 'figures'> {
  const { from, to } = window;
  const seconds = (to.at - from.at) / 1000;
  const cost = price(window, shape.legs);
  const bare = (before + after) / 2;
  const ticks = to.counts.ticks - from.counts.ticks;
  const late = (1000 * (to.counts.lateTicks - from.counts.lateTicks)) / Math.max(1, ticks);
  const memory = (to.memory - base.memory) / shape.legs / 1024;
  const rooms = Math.ceil(shape.legs / shape.room);
  const encodes = (to.counts.encoded - from.counts.encoded) / rooms / (50 * seconds);
  const perSecond = (name: 'packetsIn' | 'packetsOut'): number => (to.counts[name] - from.counts[name]) / seconds;
  const [p50, p99] = [quantile(voices.delays, 0.5), quantile(voices.delays, 0.99)];
  const rows: Row[] = [
    row('CPU per leg and second', cost, { unit: ' µs', most: bars.cost }),
    row('legs per core', 1e6 / cost),
    { name: 'bare socket loop before / after', value: `${round(before)} / ${round(after)} µs` },
    row('times the bare socket loop', cost / bare, { digits: 2, most: bars.overBare }),
    row('delay added p50', p50, { unit: ' ms', digits: 1, most: bars.delay50 }),
    row('delay added p99', p99, { unit: ' ms', digits: 1, most: bars.delay99 }),
    { name: 'pulses heard', value: round(voices.delays.length) },
    {
      name: 'frames lost in / out',
      value: `${voices.lostIn} / ${voices.lostOut}`,
      bar: 'none',
      isMet: voices.lostIn + voices.lostOut === 0,
    },
    {
      name: 'frames late / concealed',
      value: `${to.counts.late - from.counts.late} / ${to.counts.concealed - from.counts.concealed}`,
    },
    {
      name: 'ears that heard the right tones',
      value: `${voices.asked} asked`,
      bar: 'every one',
      isMet: !voices.failures.some((each) => each.includes(' heard [')),
    },
    {
      name: 'tick lateness p50 / p99 / max',
      value: `${[to.counts.p50, to.counts.p99, to.counts.max].map((each) => round(each, 2)).join(' / ')} ms`,
    },
    row('ticks over 5 ms late, of a thousand', late, { digits: 2, most: bars.lateTicks }),
    row('memory per leg', memory, { unit: ' kB', digits: 1, most: bars.memory }),
    { name: 'memory of the process', value: `${round(to.memory / 2 ** 20)} MB` },
    row('encodes per room and tick', encodes, { digits: 2, most: bars.encodes }),
    { name: 'packets in / out per second', value: `${round(perSecond('packetsIn'))} / ${round(perSecond('packetsOut'))}` },
    { name: 'local RTP ports', value: `${to.counts.ports}` },
    { name: 'load generator: core used, worst lateness', value: `${round(100 * voices.generatorShare)} %, ${round(voices.worst, 1)} ms` },
  ];
  const figures = {
    cost,
    before,
    after,
    bare,
    overBare: cost / bare,
    p50,
    p99,
    late,
    memory,
    encodes,
    lostIn: voices.lostIn,
    lostOut: voices.lostOut,
  };
  return { rows, figures };
}

/** What the stalls of a case are, ms. */
const STALLS = [100, 200, 300];
/** Seconds that are looked at afterwards, and within how many it must be as before. */
const [AFTERWARDS, WITHIN] = [14, 10];

const ofSecond = (heard: readonly Heard[], from: number): readonly number[] =>
  heard.filter(({ at }) => at >= from && at < from + 1000).map(({ delay }) => delay);

/** The senders' packets are held back and then come all at once; how long does the delay keep the memory of it? */
export async function stall(it: Case, manner: Manner): Promise<Result> {
  const load = new Load(it.shape);
  await load.open();
  let subject: Subject | undefined;
  try {
    subject = await openSubject(manner);
    await connect(subject, load);
    load.start();
    const calm = await measure(subject, load, { ...manner, seconds: Math.min(10, manner.seconds) });
    const before = load.heard.map(({ delay }) => delay);
    const cpu = cpuOfMine();
    for (const ms of STALLS) {
      tell(`nothing is sent for ${ms} ms`);
      load.stall(ms);
      await wait(ms + 1000);
    }
    const from = clock.now() - 1000;
    for (let n = 1; n <= AFTERWARDS; n++) {
      await wait(1000);
      const delays = ofSecond(load.heard, from + (n - 1) * 1000);
      tell(`second ${n}: delay ${round(quantile(delays, 0.5), 1)} / ${round(quantile(delays, 0.99), 1)} ms`, { passing: true });
    }
    const to = await subject.read();
    const voices = judge(load, { from: calm.from, to }, cpuOfMine() - cpu);
    const remarks = subject.remarks();
    const goodbye = await farewell(subject, load);
    const seconds = Array.from({ length: AFTERWARDS }, (_, n) => ofSecond(load.heard, from + n * 1000));
    const [b50, b99] = [quantile(before, 0.5), quantile(before, 0.99)];
    const isBack = (delays: readonly number[]): boolean =>
      quantile(delays, 0.5) <= b50 + 3 && quantile(delays, 0.99) <= Math.max(25, b99 + 3);
    const last = seconds.findLastIndex((delays) => !isBack(delays));
    const settled = seconds.slice(WITHIN).flat();
    const rows: Row[] = [
      row('delay before p50', b50, { unit: ' ms', digits: 1, most: it.bars.delay50 }),
      row('delay before p99', b99, { unit: ' ms', digits: 1, most: it.bars.delay99 }),
      ...seconds.map((delays, n) => ({
        name: `second ${n + 1} after the last stall p50 / p99`,
        value: `${round(quantile(delays, 0.5), 1)} / ${round(quantile(delays, 0.99), 1)} ms`,
      })),
      row('seconds until it was as before', last + 1, { most: WITHIN }),
      row('delay after 10 s p50', quantile(settled, 0.5), { unit: ' ms', digits: 1, most: it.bars.delay50 }),
      row('delay after 10 s p99', quantile(settled, 0.99), { unit: ' ms', digits: 1, most: it.bars.delay99 }),
      {
        name: 'frames lost in / out',
        value: `${voices.lostIn} / ${voices.lostOut}`,
        bar: 'none',
        isMet: voices.lostIn + voices.lostOut === 0,
      },
      {
        name: 'frames late / concealed',
        value: `${to.counts.late - calm.to.counts.late} / ${to.counts.concealed - calm.to.counts.concealed}`,
      },
      ...goodbye.rows,
    ];
    const figures = { before50: b50, before99: b99, seconds: last + 1, after50: quantile(settled, 0.5), after99: quantile(settled, 0.99) };
    return { case: it.name, title: it.title, rows, figures, failures: [...voices.failures, ...goodbye.failures], remarks };
  } finally {
    load.stop();
    await subject?.close();
    await load.close();
  }
}
