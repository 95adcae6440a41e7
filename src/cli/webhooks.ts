import { parseArgs } from 'node:util';
import type { Config } from '../app/index.ts';
import { Failure } from '../base/index.ts';
import { type Ask, type Json, reach } from './running.ts';

/** What `parley webhooks --help` prints. */
export const webhooksHelp = `Shows webhooks of a running server and the messages it gave up, and sends messages once more.

Usage: parley webhooks <command> [options]

  list                            all webhooks
  dead [WEBHOOK]                  messages that were given up, of one webhook or of all
  replay WEBHOOK [MESSAGE …]      send these once more; without any: all that were given up
  replay WEBHOOK --from T [--to T]  all facts of a time, such as 2026-11-21T19:00:00Z, also what was never sent
  test WEBHOOK                    send a test message and tell what came of it

  --url URL   the server. Default: the one that runs with this data directory.
  --key KEY   an access key or API key. Default: the first account's, out of first-account.json.
  --json      print JSON lines instead of columns
`;

const options = {
  url: { type: 'string' },
  key: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

interface Wish {
  readonly ask: Ask;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly print: (rows: readonly Json[], columns: readonly string[]) => void;
  readonly say: (line: string) => void;
}

const bad = (message: string): Failure => new Failure('invalid', 'bad_configuration', message);

/** `parley webhooks`. Resolves with the exit code; `write` takes what is printed. */
export async function webhooksCommand(args: readonly string[], config: () => Config, write: (text: string) => void): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [command, webhook, ...messages] = positionals;
  if (values.help || command === undefined) {
    write(webhooksHelp);
    return 0;
  }
  if (!['list', 'dead', 'replay', 'test'].includes(command)) throw bad(`there is no command "${command}"; try: parley webhooks --help`);
  const print = (rows: readonly Json[], columns: readonly string[]): void =>
    write(values.json ? rows.map((row) => `${JSON.stringify(row)}\n`).join('') : table(rows, columns));
  const wish: Wish = {
    ask: reach({ url: values.url, key: values.key }, config),
    from: values.from,
    to: values.to,
    print,
    say: (line) => write(`${line}\n`),
  };
  if (command === 'list') return list(wish);
  if (command === 'dead') return dead(wish, webhook);
  if (webhook === undefined) throw bad(`name a webhook: parley webhooks ${command} WEBHOOK`);
  return command === 'test' ? test(wish, webhook) : replay(wish, webhook, messages);
}

const items = (answer: Json): readonly Json[] => (answer['items'] ?? []) as readonly Json[];
const path = (...parts: readonly string[]): string => `/webhooks/${parts.map(encodeURIComponent).join('/')}`;

async function list({ ask, print }: Wish): Promise<number> {
  print(items(await ask('GET', '/webhooks')), ['id', 'enabled', 'order', 'types', 'url', 'disabled_reason']);
  return 0;
}

async function dead({ ask, print }: Wish, only: string | undefined): Promise<number> {
  const webhooks = only === undefined ? items(await ask('GET', '/webhooks')).map(({ id }) => String(id)) : [only];
  const rows: Json[] = [];
  for (const webhook of webhooks) {
    let cursor = '';
    do {
      const page = await ask('GET', `${path(webhook, 'deliveries')}?state=dead&limit=1000${cursor}`);
      rows.push(...items(page).map((each) => ({ webhook, ...each })));
      cursor = typeof page['next_cursor'] === 'string' ? `&cursor=${page['next_cursor']}` : '';
    } while (cursor !== '');
  }
  print(rows, ['webhook', 'id', 'type', 'attempts', 'last_attempt_at', 'outcome']);
  return 0;
}

async function replay({ ask, say, from, to }: Wish, webhook: string, messages: readonly string[]): Promise<number> {
  for (const message of messages) await ask('POST', path(webhook, 'deliveries', message, 'replay'));
  if (messages.length > 0) say(`${messages.length} will be sent once more`);
  if (messages.length > 0 && from === undefined) return 0;
  let count = 0;
  for (let wish: object = from === undefined ? { state: 'dead' } : { from, ...(to === undefined ? {} : { to }) }; ; ) {
    const done = await ask('POST', path(webhook, 'replay'), wish);
    count += Number(done['replayed']);
    if (typeof done['next_from'] !== 'string') break;
    wish = { ...wish, from: done['next_from'] };
  }
  say(`${count} will be sent once more`);
  return 0;
}

async function test({ ask, say }: Wish, webhook: string): Promise<number> {
  const { taken, outcome, took_ms } = await ask('POST', path(webhook, 'test'));
  say(`${taken === true ? 'taken' : 'not taken'}: ${outcome}, after ${took_ms} ms`);
  return taken === true ? 0 : 1;
}

function table(rows: readonly Json[], columns: readonly string[]): string {
  const cell = (value: unknown): string => (Array.isArray(value) ? value.join(',') : String(value ?? '-'));
  const all = [columns, ...rows.map((row) => columns.map((column) => cell(row[column])))];
  const widths = columns.map((_, n) => Math.max(...all.map((each) => each[n]?.length ?? 0)));
  return all
    .map(
      (each) =>
        `${each
          .map((text, n) => text.padEnd(widths[n] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
