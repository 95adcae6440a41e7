/** What is told: progress on stderr while it runs, a table of figures beside their bars, or JSON. */
import type { Case } from './cases.ts';

/** One line of the table. */
export interface Row {
  readonly name: string;
  readonly value: string;
  /** As words, for instance `at most 250 µs`; and whether the figure keeps to it. */
  readonly bar?: string;
  readonly isMet?: boolean;
}

/** What came of a case. */
export interface Result {
  readonly case: string;
  readonly title: string;
  readonly rows: readonly Row[];
  readonly figures: Readonly<Record<string, number>>;
  /** What makes the measurement void: nothing measured, wrong tones, lost frames. */
  readonly failures: readonly string[];
  readonly remarks: readonly string[];
}

export const round = (value: number, digits = 0): string =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }).replaceAll(',', ' ');

export const quantile = (list: readonly number[], share: number): number =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))] ?? Number.NaN;

/** A row with a bar that must not be passed, if there is one. */
export function row(
  name: string,
  figure: number,
  { unit = '', digits = 0, most, least }: { unit?: string; digits?: number; most?: number | undefined; least?: number | undefined } = {},
): Row {
  const value = `${round(figure, digits)}${unit}`;
  if (most !== undefined) return { name, value, bar: `at most ${round(most, most % 1 === 0 ? 0 : 1)}${unit}`, isMet: figure <= most };
  if (least !== undefined) return { name, value, bar: `at least ${round(least, least % 1 === 0 ? 0 : 1)}${unit}`, isMet: figure >= least };
  return { name, value };
}

const started = performance.now();

/** One line of progress; on a terminal a `passing` one is written over by the next. */
export function tell(text: string, { passing = false } = {}): void {
  const line = `${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${text}`;
  if (!process.stderr.isTTY) {
    if (!passing) process.stderr.write(`${line}\n`);
    return;
  }
  process.stderr.write(`\r\x1b[K${line}${passing ? '' : '\n'}`);
}

export function table({ title, rows, failures, remarks }: Result): string {
  const widths = [Math.max(...rows.map(({ name }) => name.length)), Math.max(...rows.map(({ value }) => value.length))] as const;
  const lines = rows.map(({ name, value, bar = '', isMet }) => {
    const verdict = isMet === undefined ? '' : isMet ? 'ok' : 'MISSED';
    return `  ${name.padEnd(widths[0])}   ${value.padStart(widths[1])}   ${bar.padEnd(18)} ${verdict}`.trimEnd();
  });
  return [
    '',
    title,
    '─'.repeat(title.length),
    ...lines,
    ...remarks.map((each) => `  note: ${each}`),
    ...failures.map((each) => `  FAILED: ${each}`),
    '',
  ].join('\n');
}

/** All bars of all cases, one line each. */
export function summary(results: readonly Result[]): string {
  const lines = results.flatMap(({ case: name, rows, failures }) => [
    ...rows.flatMap(({ name: what, value, bar, isMet }) =>
      isMet === undefined ? [] : [`  ${isMet ? 'ok    ' : 'MISSED'}  ${name.padEnd(12)} ${what}: ${value} (${bar})`],
    ),
    ...(failures.length > 0
      ? [`  FAILED  ${name.padEnd(12)} ${failures.length === 1 ? failures[0]!.split('\n')[0] : `${failures.length} failures, above`}`]
      : []),
  ]);
  return `\nAgainst the bars\n────────────────\n${lines.join('\n')}\n`;
}

export const failed = ({ name, title }: Case, error: unknown): Result => ({
  case: name,
  title,
  rows: [{ name: 'nothing measured', value: '' }],
  figures: {},
  failures: [`could not be measured: ${error instanceof Error ? error.message : String(error)}`],
  remarks: [],
});
