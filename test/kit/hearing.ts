import assert from 'node:assert/strict';
import { settles } from './ear.ts';

/** Who hears whom: for each listener's name the names of those it hears. */
export type Hearing = Readonly<Record<string, readonly string[]>>;

/** Somebody with a tone of his own and an ear: a telephone, or the guest of a page. */
export interface Hearer {
  readonly name: string;
  readonly tone: number;
  hears(): readonly number[];
}

/** What each phone hears right now, by name; a tone of nobody here appears as `440 Hz`. */
export function hearingNow(phones: readonly Hearer[]): Record<string, string[]> {
  const name = (hz: number): string => phones.find((each) => each.tone === hz)?.name ?? `${hz} Hz`;
  return Object.fromEntries(phones.map((each) => [each.name, each.hears().map(name)]));
}

/** Draws a table: one row per listener, one column per speaker; ✓ heard, · not heard, ✗ and ! where it should be otherwise. */
export function drawHearing(phones: readonly Hearer[], seen: Hearing, expected: Hearing = seen): string {
  const names = [...new Set([...phones.map(({ name }) => name), ...Object.values(seen).flat()])];
  const width = Math.max(...names.map((each) => each.length), 5) + 2;
  const cell = (listener: string, speaker: string): string => {
    const [is, should] = [seen[listener]?.includes(speaker) ?? false, expected[listener]?.includes(speaker) ?? false];
    if (is === should) return is ? '✓' : '·';
    return is ? '✓ !' : '✗ !';
  };
  const row = (listener: string): string => listener.padEnd(width) + names.map((each) => cell(listener, each).padEnd(width)).join('');
  const head = 'hears →'.padEnd(width) + names.map((each) => each.padEnd(width)).join('');
  return [head, ...phones.map(({ name }) => row(name))].map((line) => line.trimEnd()).join('\n');
}

/** Waits until everybody hears exactly whom he should, and fails with a table when that does not come about. */
export async function hearingMatrix(phones: readonly Hearer[], expected: Hearing, within = 12_000): Promise<void> {
  const toneOf = new Map(phones.map((each) => [each.name, each.tone]));
  const wanted = phones.map(({ name }) =>
    (expected[name] ?? []).map((speaker) => toneOf.get(speaker) ?? assert.fail(`no phone is called ${speaker}`)),
  );
  const last = await settles(() => phones.map((each) => each.hears()), wanted, within);
  const name = (hz: number): string => phones.find((each) => each.tone === hz)?.name ?? `${hz} Hz`;
  const seen = Object.fromEntries(phones.map((each, n) => [each.name, (last[n] ?? []).map(name)]));
  const sorted = (hearing: Hearing): string => JSON.stringify(phones.map((each) => [each.name, [...(hearing[each.name] ?? [])].sort()]));
  if (sorted(seen) === sorted(expected)) return;
  assert.fail(`who hears whom is not as it should be (! marks the difference):\n${drawHearing(phones, seen, expected)}\n`);
}

/** Everybody hears everybody else. */
export const all = (phones: readonly Hearer[]): Hearing =>
  Object.fromEntries(phones.map(({ name }) => [name, phones.filter((each) => each.name !== name).map((each) => each.name)]));
