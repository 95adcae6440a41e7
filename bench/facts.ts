/** Facts per second that are stored, beside bare inserts into SQLite; in a process of its own, as the server has one. */
import { fork } from 'node:child_process';
import type { Case } from './cases.ts';
import { type Result, row, tell } from './report.ts';
import type { Manner } from './talk.ts';

/** What the process measured: facts or rows per second; `bytes` of one row. */
export interface Stored {
  readonly single: number;
  readonly many: number;
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
    row('facts per second, one command after the other', ours.single),
    row('bare insert and commit, one after the other', bare.single),
    row('of the bare figure', ours.single / bare.single, { digits: 2, least: bars.ofBare }),
    row(`facts per second, ${AT_ONCE} commands at once`, ours.many),
    row(`bare inserts, a commit for ${AT_ONCE}`, bare.many),
    row('bytes of a fact', ours.bytes),
  ];
  const figures = { single: ours.single, bareSingle: bare.single, many: ours.many, bareMany: bare.many };
  return { case: name, title, rows, figures, failures: [], remarks: [] };
}
