/** Confirmed publishes per second through our door to RabbitMQ, beside bare amqplib; the broker is Debian's, started for this. */
import { fork } from 'node:child_process';
import { openRabbit } from '../test/kit/rabbit.ts';
import type { Case } from './cases.ts';
import { type Result, row, tell } from './report.ts';
import type { Manner } from './talk.ts';

/** Unconfirmed messages at the same time. */
export const IN_FLIGHT = 1000;
/** Of a message: about what an event has. */
export const BYTES = 1000;

function measured(mode: 'ours' | 'bare', url: string, seconds: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('./amqp-process.ts', import.meta.url), [mode, url, String(seconds)]);
    child.once('message', (message) => resolve((message as { perSecond: number }).perSecond));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the measured process ended with ${code}`)));
  });
}

export async function amqp({ name, title, bars }: Case, manner: Manner): Promise<Result> {
  const seconds = Math.min(5, manner.seconds);
  const rabbit = await openRabbit();
  try {
    tell('bare amqplib');
    const before = await measured('bare', rabbit.url, seconds);
    tell('our door');
    const ours = await measured('ours', rabbit.url, seconds);
    tell('bare amqplib once more');
    const after = await measured('bare', rabbit.url, seconds);
    const bare = (before + after) / 2;
    const rows = [
      row('confirmed publishes per second', ours),
      row('bare amqplib before', before),
      row('bare amqplib after', after),
      row('of the bare figure', ours / bare, { digits: 2, least: bars.ofBare }),
    ];
    return { case: name, title, rows, figures: { ours, before, after }, failures: [], remarks: [] };
  } finally {
    await rabbit.close();
  }
}
