/** Facts per second that are stored, beside bare inserts into SQLite; in a process of its own, as the server has one. */
import { fork } from 'node:child_process';
import type { Case } from './cases.ts';
import { type Result, row, tell } from './report.ts';
import type { Manner } from './talk.ts';

/** How often a second, and µs of CPU for each: true also on a machine that is not quiet. */
export interface Rate {
  readonly perSecond: number;
  readonly cpu: number;
}

/** What the process measured: facts or rows; `bytes` of one row. */
export interface Stored {
  readonly single: Rate;
  readonly many: Rate;
  readonly bytes: number;
}

/** How many commands, or rows, are under way at the same time. */
export const AT_ONCE = 64;

/** Runs the process once and gives what it measured. */
function measured(mode: 'ours' | 'bare', seconds: number, bytes: number): Promise<Stored> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('./facts-process.ts', import.meta.url), [mode, String(seconds), String(bytes)]);
    child.once('message', (message) => resolve(message as Stored));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the measured process ended with ${code}`)));
  });
}

export async function facts({ name, title, bars }: Case, { seconds }: Manner): Promise<Result> {
  const each = Math.min(5, seconds);
  tell(`facts, ${each} s alone and ${each} s ${AT_ONCE} at once`);
  const ours = await measured('ours', each, 0);
  tell(`bare inserts of ${ours.bytes} bytes`);
  const bare = await measured('bare', each, ours.bytes);
  const rows = [
    row('facts per second, one command after the other', ours.single.perSecond),
    row('bare insert and commit, one after the other', bare.single.perSecond),
    row('of the bare figure', ours.single.perSecond / bare.single.perSecond, { digits: 2, least: bars.ofBare }),
    row(`facts per second, ${AT_ONCE} commands at once`, ours.many.perSecond),
    row(`bare inserts, a commit for ${AT_ONCE}`, bare.many.perSecond),
    row('CPU per fact, one after the other', ours.single.cpu, { unit: ' µs' }),
    row('CPU per bare insert and commit', bare.single.cpu, { unit: ' µs' }),
    row(`CPU per fact, ${AT_ONCE} at once`, ours.many.cpu, { unit: ' µs' }),
    row(`CPU per bare insert, ${AT_ONCE} at once`, bare.many.cpu, { unit: ' µs' }),
    row('bytes of a fact', ours.bytes),
  ];
  const figures = {
    single: ours.single.perSecond,
    bareSingle: bare.single.perSecond,
    many: ours.many.perSecond,
    bareMany: bare.many.perSecond,
    cpuSingle: ours.single.cpu,
    cpuMany: ours.many.cpu,
  };
  return { case: name, title, rows, figures, failures: [], remarks: [] };
}
