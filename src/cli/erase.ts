import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import type { Config } from '../app/index.ts';
import { Failure } from '../base/index.ts';
import { reach } from './running.ts';

/** What `parley erase --help` prints. */
export const eraseHelp = `Takes everything about a caller out of events, call detail records and messages of a running server. It cannot be undone.

Usage: parley erase [options] NUMBER

  NUMBER        exactly as the records have it, for example +4930123456

  --account ID  whose records. Default: the account of the key; another one must be below it.
  --whole-recordings  remove recordings in which he was, and not his own tracks alone
  --yes         do not ask
  --url URL     the server. Default: the one that runs with this data directory.
  --key KEY     an access key of an admin, or an API key. Default: the first account's, out of first-account.json.

Calls of this number that are in a room now are counted, and stay until they have left: erase once more then. Backups are not touched.
`;

const options = {
  account: { type: 'string' },
  yes: { type: 'boolean', short: 'y' },
  'whole-recordings': { type: 'boolean' },
  url: { type: 'string' },
  key: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** How the command speaks with whoever typed it. */
export interface Terminal {
  readonly write: (text: string) => void;
  /** His answer; undefined: nobody is there to be asked. */
  readonly ask: (question: string) => Promise<string | undefined>;
}

/** The terminal of this process. */
export const ownTerminal: Terminal = {
  write: (text) => void process.stdout.write(text),
  async ask(question) {
    if (!process.stdin.isTTY) return undefined;
    const lines = createInterface({ input: process.stdin, output: process.stdout });
    try {
      return await lines.question(question);
    } finally {
      lines.close();
    }
  },
};

const bad = (message: string): Failure => new Failure('invalid', 'bad_configuration', message);

/** `parley erase`. Resolves with the exit code: 0 done, 1 not confirmed, or some of it is still live. */
export async function eraseCommand(args: readonly string[], config: () => Config, { write, ask }: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [number, ...more] = positionals;
  if (values.help) {
    write(eraseHelp);
    return 0;
  }
  if (number === undefined || number === '' || more.length > 0) throw bad('name one number: parley erase NUMBER');
  const server = reach({ url: values.url, key: values.key }, config);
  if (!values.yes) {
    const answer = await ask(`Erase everything about ${number}? It cannot be undone. Type yes: `);
    if (answer === undefined) throw bad('nobody is there to confirm it: add --yes');
    if (answer.trim().toLowerCase() !== 'yes') {
      write('Nothing was erased.\n');
      return 1;
    }
  }
  const query = values.account === undefined ? '' : `?account=${encodeURIComponent(values.account)}`;
  const wish = { number, ...(values['whole-recordings'] ? { whole_recordings: true } : {}) };
  const { facts, cdrs, deliveries, recordings = 0, live } = await server('POST', `/erasures${query}`, wish);
  write(`Erased in ${facts} events, ${cdrs} call detail records and ${deliveries} messages, and from ${recordings} recordings.\n`);
  if (live === 0) return 0;
  write(`${live} calls of this number are in a room now: erase once more when they have left.\n`);
  return 1;
}
