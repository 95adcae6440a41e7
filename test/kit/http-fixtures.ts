import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { compare } from './compare.ts';

/** A request and what is answered, as a fixture has it (test/fixtures/kazoo/README.md). */
export interface Exchange {
  readonly title: string;
  readonly method: string;
  readonly url: string;
  /** The whole first line. */
  readonly line: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly status: number;
  readonly answerHeaders: Readonly<Record<string, string>>;
  readonly answer: string;
}

const headersOf = (lines: readonly string[]): Record<string, string> =>
  Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));

/** Splits a part at its first empty line: headers, then a body. */
function parts(text: string): { first: string; headers: Record<string, string>; body: string } {
  const [head = '', ...body] = text.split('\n\n');
  const [first = '', ...lines] = head.split('\n');
  return { first, headers: headersOf(lines.filter((line) => line !== '')), body: body.join('\n\n').trim() };
}

/** The exchanges of `test/fixtures/<name>.http`, in order. */
export function readExchanges(name: string): readonly Exchange[] {
  const text = readFileSync(new URL(`../fixtures/${name}.http`, import.meta.url), 'utf8');
  return text
    .split(/^### /m)
    .slice(1)
    .map((each) => {
      const end = each.indexOf('\n');
      const [request = '', answer = ''] = each.slice(end + 1).split(/^--> /m);
      const asked = parts(request);
      const said = parts(answer);
      const [method = '', url = ''] = asked.first.split(' ');
      const rest = { headers: asked.headers, body: asked.body, answerHeaders: said.headers, answer: said.body };
      return { title: each.slice(0, end), method, url, line: asked.first, status: Number(said.first), ...rest };
    });
}

/** A text in which `{WORD}` stands for what is known by that name. */
export const filled = (text: string, words: ReadonlyMap<string, string>): string =>
  text.replace(/\{([A-Z]\w*)\}/g, (whole, word) => words.get(word) ?? whole);

/** Asks, and compares the answer; words that it keeps are put to the others. `usual`: headers that are sent where the exchange has no others. */
export async function exchange(
  server: FastifyInstance,
  each: Exchange,
  { words, usual = {} }: { readonly words: Map<string, string>; readonly usual?: Readonly<Record<string, string>> },
): Promise<void> {
  const given = Object.fromEntries(Object.entries(each.headers).map(([name, value]) => [name, filled(value, words)]));
  const headers = Object.fromEntries(Object.entries({ ...usual, ...given }).filter(([, value]) => value !== ''));
  const request = { method: each.method as 'GET', url: filled(each.url, words), headers };
  const {
    statusCode,
    body,
    headers: got,
  } = await server.inject(each.body === '' ? request : { ...request, payload: filled(each.body, words) });
  assert.equal(statusCode, each.status, body);
  for (const [name, value] of Object.entries(each.answerHeaders)) {
    const pattern = filled(value, words)
      .split('{*}')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.+');
    assert.match(String(got[name]), new RegExp(`^${pattern}`), name);
  }
  if (each.answer === '') assert.equal(each.method === 'HEAD' ? '' : body, '');
  else compare(JSON.parse(body), JSON.parse(filled(each.answer, words)), { path: 'body', words });
}
