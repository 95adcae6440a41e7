import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Config } from '../app/index.ts';
import { Failure } from '../base/index.ts';
import { type Json, reach } from './running.ts';

/** What `parley trace --help` prints. */
export const traceHelp = `Prints how a call was signalled, as a ladder, with what happened to its sound. Secrets and digits are masked.

Usage: parley trace CALL [options]

  CALL        the id of the call, or its SIP Call-ID, as participants and records show it

  --full      print every message whole
  --url URL   the server. Default: the one that runs with this data directory.
  --key KEY   an access key or API key. Default: the first account's, out of first-account.json.
  --json      print what /api/calls/{call}/trace answers
`;

const options = {
  url: { type: 'string' },
  key: { type: 'string' },
  full: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Where it is printed. */
export interface TraceTerminal {
  readonly write: (text: string) => void;
  /** Colours may be used. */
  readonly isColoured: boolean;
  readonly columns: number;
}

interface Message {
  readonly ms: number;
  readonly from: number;
  readonly to: number;
  readonly transport: string;
  readonly label: string;
  readonly status: number | null;
  readonly repeated: boolean;
  readonly text: string;
}

interface Happening {
  readonly ms: number;
  readonly type: string;
  readonly text: string;
}

interface Trace {
  readonly call: Json;
  readonly endpoints: readonly { readonly name: string; readonly address: string }[];
  readonly messages: readonly Message[];
  readonly media: readonly Happening[];
  readonly dropped: number;
}

/** `parley trace`. Resolves with the exit code. */
export async function traceCommand(args: readonly string[], config: () => Config, terminal: TraceTerminal): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [call] = positionals;
  if (values.help || call === undefined) {
    terminal.write(traceHelp);
    return values.help ? 0 : 2;
  }
  if (positionals.length > 1) throw new Failure('invalid', 'bad_configuration', 'name one call');
  const trace = await reach({ url: values.url, key: values.key }, config)('GET', `/calls/${encodeURIComponent(call)}/trace`);
  terminal.write(
    values.json ? `${JSON.stringify(trace, null, 2)}\n` : ladder(trace as unknown as Trace, { ...terminal, isFull: values.full === true }),
  );
  return 0;
}

const PAINT = { dim: 2, bold: 1, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
type Paint = (colour: keyof typeof PAINT, text: string) => string;

/** What others wrote must not steer a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
const plain = (text: string): string => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '·');

const cut = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`);
const centred = (text: string, width: number): string => {
  const short = cut(text, width);
  const left = Math.floor((width - short.length) / 2);
  return ' '.repeat(left) + short + ' '.repeat(width - short.length - left);
};
const moment = (ms: number): string => `${(ms / 1000).toFixed(3)}`.padStart(9);

const colourOf = ({ status, repeated }: Message): keyof typeof PAINT => {
  if (repeated) return 'dim';
  if (status === null) return 'cyan';
  return status < 200 ? 'yellow' : status < 300 ? 'green' : 'red';
};

/** An arrow between two columns, with its label in the middle of it. */
function arrow(
  message: Message,
  { width, columns, paint }: { readonly width: number; readonly columns: number; readonly paint: Paint },
): string {
  const [left, right] = [Math.min(message.from, message.to), Math.max(message.from, message.to)];
  const isRight = message.to > message.from;
  const room = (right - left) * width - 1;
  const label = cut(plain(message.label) + (message.repeated ? ' again' : ''), room - 6);
  const line = centred(` ${label} `, room - 1)
    .replace(/^ +/, (gap) => `${'─'.repeat(gap.length - 1)} `)
    .replace(/ +$/, (gap) => ` ${'─'.repeat(gap.length - 1)}`);
  const drawn = paint(colourOf(message), isRight ? `${line}▶` : `◀${line}`);
  const half = Math.floor(width / 2);
  const before = Array.from({ length: left }, () => `│${' '.repeat(width - 1)}`).join('');
  const after = Array.from({ length: columns - right - 1 }, () => `${' '.repeat(width - 1)}│`).join('');
  return `${' '.repeat(half)}${before}│${drawn}│${after}`;
}

interface Drawing {
  readonly width: number;
  readonly columns: number;
  readonly paint: Paint;
  readonly isFull: boolean;
  readonly rails: string;
}

interface Row {
  readonly ms: number;
  readonly message: Message | undefined;
  readonly media: Happening | undefined;
}

/** The lines of one thing that happened. */
function rowsOf({ ms, message, media }: Row, { width, columns, paint, isFull, rails }: Drawing): readonly string[] {
  const at = paint('dim', moment(ms));
  if (message === undefined) {
    const isBad = ['loss', 'silent', 'dtls-failed'].includes(media?.type ?? '');
    return [`${at} ${rails}  ${paint(isBad ? 'red' : 'dim', `♪ ${plain(media?.text ?? '')}`)}`];
  }
  const drawn = `${at} ${arrow(message, { width, columns, paint })}`;
  if (!isFull) return [drawn];
  const whole = plain(message.text.replaceAll('\r\n', '\n').trimEnd()).split('\n');
  return [drawn, ...whole.map((line) => paint('dim', `${' '.repeat(12)}${line}`)), ''];
}

/** The ladder of a call, as wide as the terminal. */
export function ladder(
  trace: Trace,
  { isColoured, columns: wide, isFull }: Omit<TraceTerminal, 'write'> & { readonly isFull: boolean },
): string {
  const paint: Paint = (colour, text) => (isColoured ? `\u001b[${PAINT[colour]}m${text}\u001b[0m` : text);
  const { call, endpoints, messages, media, dropped } = trace;
  const columns = Math.max(2, endpoints.length);
  const width = Math.max(24, Math.min(46, Math.floor((Math.min(wide, 200) - 12) / columns)));
  const half = Math.floor(width / 2);
  const rails = ' '.repeat(half) + Array.from({ length: columns }, () => '│').join(' '.repeat(width - 1));
  const said = (key: string): string => plain(String(call[key] ?? ''));
  const lines = [
    paint('bold', `${said('caller_name') || said('caller_number') || 'somebody'} → ${said('called_number') || said('conference') || '?'}`),
    paint(
      'dim',
      `${said('direction')}, ${said('started_at')}${call['ended_at'] === null ? ', live' : ` to ${said('ended_at')}`}, Call-ID ${said('call_id')}`,
    ),
    '',
    `${' '.repeat(10)}${endpoints.map(({ name }) => paint('bold', centred(plain(name), width))).join('')}`,
    `${' '.repeat(10)}${endpoints.map(({ address }) => paint('dim', centred(address, width))).join('')}`,
  ];
  const happened = [
    ...messages.map((message) => ({ ms: message.ms, message, media: undefined })),
    ...media.map((each) => ({ ms: each.ms, message: undefined, media: each })),
  ].sort((a, b) => a.ms - b.ms);
  for (const each of happened) lines.push(...rowsOf(each, { width, columns, paint, isFull, rails }));
  if (happened.length === 0) lines.push('', 'Nothing was noted: the call came by no SIP, or tracing is off (trace.hours).');
  if (dropped > 0) lines.push('', paint('yellow', `${dropped} messages in the middle were too many to be kept.`));
  return `${lines.join('\n')}\n`;
}

/** The terminal of this process. */
export const traceTerminal = (): TraceTerminal => ({
  write: (text) => writeFileSync(1, text),
  isColoured: process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined,
  columns: process.stdout.columns ?? 100,
});
