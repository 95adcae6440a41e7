import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { Failure, isObject } from '../base/index.ts';
import { nearest } from './nearest.ts';

/** One setting: where it stands, what it means, how it is read. The example file, `--help` and the reader all come from this table. */
export interface Setting {
  /** Dotted path in parley.yaml. */
  readonly key: string;
  readonly variable: string;
  readonly preset: string | number;
  readonly comment: string;
  /** Returns the value in its final form, or a sentence that says what would be right. */
  readonly read: (text: string) => string | number | { readonly wrong: string };
}

const anyText = (text: string): string | { wrong: string } => (text === '' ? { wrong: 'must not be empty' } : text);

const wholeNumber =
  (from: number, to: number) =>
  (text: string): number | { wrong: string } => {
    const value = Number(text);
    return /^\d+$/.test(text) && value >= from && value <= to ? value : { wrong: `must be a whole number from ${from} to ${to}` };
  };

const oneOf =
  (...choices: readonly string[]) =>
  (text: string): string | { wrong: string } =>
    choices.includes(text) ? text : { wrong: `must be one of ${choices.join(', ')}` };

function hostText(text: string): string | { wrong: string } {
  if (text === '0.0.0.0' || text === '::') return { wrong: 'must be an address that phones can reach: name one, or say auto' };
  return anyText(text);
}

function portRange(text: string): string | { wrong: string } {
  if (text === '0') return text;
  const [from, to] = text.split('-').map(Number);
  const right = /^\d+-\d+$/.test(text) && from !== undefined && to !== undefined && from >= 1024 && to <= 65_535 && to - from >= 3;
  return right ? text : { wrong: 'must be a range such as 20000-20999 (at least four ports, 1024 to 65535), or 0 for any free ones' };
}

export const settingsTable: readonly Setting[] = [
  {
    key: 'data_dir',
    variable: 'PARLEY_DATA_DIR',
    preset: './data',
    comment: 'Where everything is kept: the database, the master key, first-account.json, ready.json.',
    read: anyText,
  },
  {
    key: 'host',
    variable: 'PARLEY_HOST',
    preset: '127.0.0.1',
    comment: 'The address to listen on and to tell phones. `auto` takes the first external address of this machine.',
    read: hostText,
  },
  {
    key: 'http.port',
    variable: 'PARLEY_HTTP_PORT',
    preset: 8000,
    comment: 'HTTP: KAZOO under /v2, our own API under /api. 0 takes any free port.',
    read: wholeNumber(0, 65_535),
  },
  {
    key: 'sip.port',
    variable: 'PARLEY_SIP_PORT',
    preset: 5060,
    comment: 'SIP over UDP and TCP. 0 takes any free port.',
    read: wholeNumber(0, 65_535),
  },
  {
    key: 'rtp.ports',
    variable: 'PARLEY_RTP_PORTS',
    preset: '20000-20999',
    comment: 'The UDP ports for voice. Many calls share one. 0 takes any free ones.',
    read: portRange,
  },
  {
    key: 'media.sockets',
    variable: 'PARLEY_MEDIA_SOCKETS',
    preset: 'auto',
    comment: 'How packets are read: batched (Linux, fast), dgram (everywhere), or auto.',
    read: oneOf('auto', 'batched', 'dgram'),
  },
  {
    key: 'media.timeout',
    variable: 'PARLEY_MEDIA_TIMEOUT',
    preset: 60,
    comment: 'Seconds without any packet after which a call is taken for dead and ended. A phone on hold is exempt.',
    read: wholeNumber(1, 86_400),
  },
  {
    key: 'log.level',
    variable: 'PARLEY_LOG_LEVEL',
    preset: 'info',
    comment: 'What is logged, as JSON lines on stderr: debug, info, warn, error or silent.',
    read: oneOf('debug', 'info', 'warn', 'error', 'silent'),
  },
];

/** The configuration in use. */
export interface Config {
  /** Absolute. */
  readonly dataDir: string;
  /** An address, never a wildcard. */
  readonly host: string;
  readonly httpPort: number;
  readonly sipPort: number;
  readonly rtpPorts: 'any' | { readonly from: number; readonly to: number };
  readonly sockets: 'auto' | 'batched' | 'dgram';
  readonly mediaTimeoutMs: number;
  readonly logLevel: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const invalid = (message: string): Failure => new Failure('invalid', 'bad_configuration', message);

/** Reads parley.yaml (or what PARLEY_CONFIG names) and the environment over it. Throws invalid/bad_configuration with what to do. */
export function loadConfig(environment: Environment, directory: string): Config {
  const values = new Map<string, string>();
  for (const [key, value] of fileSettings(environment['PARLEY_CONFIG'], directory)) values.set(key, value);
  checkVariables(environment);
  for (const { key, variable } of settingsTable) {
    const value = environment[variable];
    if (value !== undefined && value !== '') values.set(key, value);
  }
  const chosen = new Map(settingsTable.map((setting) => [setting.key, readSetting(setting, values.get(setting.key))]));
  const text = (key: string): string => String(chosen.get(key));
  const [from, to] = text('rtp.ports').split('-').map(Number);
  return {
    dataDir: resolve(directory, text('data_dir')),
    host: text('host') === 'auto' ? firstExternalAddress() : text('host'),
    httpPort: Number(chosen.get('http.port')),
    sipPort: Number(chosen.get('sip.port')),
    rtpPorts: from === undefined || to === undefined ? 'any' : { from, to },
    sockets: text('media.sockets') as Config['sockets'],
    mediaTimeoutMs: Number(chosen.get('media.timeout')) * 1000,
    logLevel: text('log.level'),
  };
}

function readSetting({ key, variable, preset, read }: Setting, text: string | undefined): string | number {
  if (text === undefined) return preset;
  const value = read(text);
  if (typeof value === 'object') throw invalid(`${key} (${variable}) ${value.wrong}, but it is "${text}"`);
  return value;
}

function fileSettings(named: string | undefined, directory: string): readonly (readonly [string, string])[] {
  const path = resolve(directory, named ?? 'parley.yaml');
  let source: string;
  try {
    source = readFileSync(path, 'utf8');
  } catch (cause) {
    if (named === undefined && (cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new Failure('invalid', 'bad_configuration', `cannot read the configuration file ${path}: ${(cause as Error).message}`, { cause });
  }
  let tree: unknown;
  try {
    tree = parse(source);
  } catch (cause) {
    throw new Failure('invalid', 'bad_configuration', `${path} is not valid YAML: ${(cause as Error).message}`, { cause });
  }
  if (tree === null || tree === undefined) return [];
  if (!isObject(tree)) throw invalid(`${path} must hold keys and values, as parley.example.yaml does`);
  return flatten(tree, '', path);
}

function flatten(tree: object, prefix: string, path: string): readonly (readonly [string, string])[] {
  return Object.entries(tree).flatMap(([name, value]) => flattenEntry(prefix + name, value, path));
}

function flattenEntry(key: string, value: unknown, path: string): readonly (readonly [string, string])[] {
  const known = settingsTable.map((each) => each.key);
  const inside = known.find((each) => each.startsWith(`${key}.`));
  if (!known.includes(key) && inside === undefined) throw invalid(`unknown key ${key} in ${path}; did you mean ${nearest(key, known)}?`);
  if (value === null) return [];
  if (inside === undefined) {
    if (typeof value === 'object') throw invalid(`${key} in ${path} must be a single value`);
    return [[key, String(value)]];
  }
  if (!isObject(value)) throw invalid(`${key} in ${path} must hold keys, for example ${inside}`);
  return flatten(value, `${key}.`, path);
}

/** A misspelt variable would silently do nothing, so it is refused. */
function checkVariables(environment: Environment): void {
  const known = [...settingsTable.map(({ variable }) => variable), 'PARLEY_CONFIG', 'PARLEY_MASTER_KEY'];
  for (const name of Object.keys(environment)) {
    if (name.startsWith('PARLEY_') && !known.includes(name))
      throw invalid(`unknown environment variable ${name}; did you mean ${nearest(name, known)}?`);
  }
}

function firstExternalAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const outside = all.filter((each) => !each.internal && !each.address.startsWith('fe80:'));
  const chosen = outside.find((each) => each.family === 'IPv4') ?? outside[0];
  if (chosen === undefined) throw invalid('host is auto, but this machine has no external address; name one in PARLEY_HOST');
  return chosen.address;
}

/** The text of parley.example.yaml: every key with its default and its comment. */
export function exampleFile(): string {
  const lines = [
    '# Every setting of Parley with its default. Copy to parley.yaml and change what you need.',
    '# A variable named beside a key wins over the file.',
    '',
  ];
  let group = '';
  for (const { key, variable, preset, comment } of settingsTable) {
    const [head = '', tail] = key.split('.');
    const indent = tail === undefined ? '' : '  ';
    if (tail !== undefined && head !== group) lines.push(`${head}:`);
    group = tail === undefined ? '' : head;
    lines.push(`${indent}# ${comment} (${variable})`, `${indent}${tail ?? head}: ${preset}`);
  }
  return `${lines.join('\n')}\n`;
}
