/** What recording costs: the same legs in the same process, without it, with a stem of everybody, and without it again. */
import type { Case } from './cases.ts';
import { Load } from './load.ts';
import { type Result, type Row, round, row, tell } from './report.ts';
import { Alone } from './subjects.ts';
import { connect, cpuOfMine, judge, type Manner, measure, price, type Window, wait } from './talk.ts';

interface Stopped {
  readonly files: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly gaps: number;
  readonly took: number;
}

const lateness = ({ from, to }: Window): number =>
  (1000 * (to.counts.lateTicks - from.counts.lateTicks)) / Math.max(1, to.counts.ticks - from.counts.ticks);

/** Rooms are recorded with all their stems while people talk. */
export async function recording(it: Case, manner: Manner): Promise<Result> {
  const load = new Load(it.shape);
  await load.open();
  const subject = Alone.engine(manner);
  try {
    await connect(subject, load);
    load.start();
    const before = await measure(subject, load, manner);
    tell(`without: ${round(price(before, it.shape.legs))} µs per leg and second`);
    await subject.tell('record');
    await wait(manner.warmUp * 1000);
    const cpu = cpuOfMine();
    const during = await measure(subject, load, { ...manner, warmUp: 0 });
    const voices = judge(load, during, cpuOfMine() - cpu);
    tell(`with: ${round(price(during, it.shape.legs))} µs per leg and second`);
    const stopped = await subject.tell<Stopped>('stop recording');
    const after = await measure(subject, load, { ...manner, warmUp: 2 });
    tell(`without again: ${round(price(after, it.shape.legs))} µs per leg and second`);
    const without = (price(before, it.shape.legs) + price(after, it.shape.legs)) / 2;
    const share = (100 * (price(during, it.shape.legs) - without)) / without;
    const late = lateness(during);
    const rows: Row[] = [
      {
        name: 'CPU per leg and second without, before / after',
        value: `${round(price(before, it.shape.legs))} / ${round(price(after, it.shape.legs))} µs`,
      },
      row('CPU per leg and second with', price(during, it.shape.legs), { unit: ' µs' }),
      row('recording adds', share, { unit: ' %', digits: 1, most: it.bars.added }),
      {
        name: 'ticks over 5 ms late, of a thousand, without / with',
        value: `${round((lateness(before) + lateness(after)) / 2, 2)} / ${round(late, 2)}`,
      },
      {
        name: 'tick lateness with, p50 / p99 / max',
        value: `${[during.to.counts.p50, during.to.counts.p99, during.to.counts.max].map((each) => round(each, 2)).join(' / ')} ms`,
      },
      { name: 'gaps in recordings', value: round(stopped.gaps), bar: 'none', isMet: stopped.gaps === 0 },
      {
        name: 'files / MB, made whole in',
        value: `${stopped.files} / ${round(stopped.bytes / 2 ** 20)}, ${round(stopped.took / 1000, 1)} s`,
      },
    ];
    return {
      case: it.name,
      title: it.title,
      rows,
      figures: { without, with: price(during, it.shape.legs), share, late },
      failures: voices.failures,
      remarks:
        voices.worst > 20 ? [`the load generator was up to ${round(voices.worst)} ms late: the machine was too busy for good figures`] : [],
    };
  } finally {
    load.stop();
    await subject.close();
    await load.close();
  }
}
