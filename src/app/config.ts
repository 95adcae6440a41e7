import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { Failure, isObject, nearest } from '../base/index.ts';
import { type BrowserConfig, browsersFrom } from './browser-settings.ts';
import { type DialConfig, dialFrom } from './dial-settings.ts';
import { type EntryConfig, entryFrom } from './entry-settings.ts';
import type { RetentionDefaults } from './retention.ts';
import type { Setting } from './setting.ts';
import { listOf } from './setting-values.ts';
import { settingsTable } from './settings.ts';
import { voicePairs } from './speech-settings.ts';
import { type RecordingConfig, s3From } from './storage.ts';
import { type TraceConfig, traceFrom } from './trace-settings.ts';

/** Where the certificate comes from. */
export type TlsConfig =
  | { readonly from: 'own' }
  /** Absolute paths. */
  | { readonly from: 'files'; readonly cert: string; readonly key: string }
  | { readonly from: 'acme'; readonly domains: readonly string[]; readonly email: string | undefined; readonly directory: string };

/** KAZOO's websocket; a port that is undefined is not listened on. */
export interface BlackholeConfig {
  readonly port: number | undefined;
  readonly tlsPort: number | undefined;
  readonly maxPerAddress: number;
}

/** Who speaks, and who writes down what is said. */
export interface SpeechConfig {
  readonly tts: 'auto' | 'espeak-ng' | 'flite' | 'http' | 'off';
  readonly ttsUrl: string | undefined;
  readonly ttsKey: string | undefined;
  readonly ttsModel: string;
  /** By language, lower case. */
  readonly voices: ReadonlyMap<string, string>;
  readonly language: string;
  /** Bytes on disk. */
  readonly cacheBytes: number;
  readonly stt: 'auto' | 'http' | 'sherpa-onnx' | 'pocketsphinx' | 'off';
  readonly sttUrl: string | undefined;
  readonly sttKey: string | undefined;
  readonly sttModel: string;
  /** Absolute. */
  readonly sttModelDir: string | undefined;
  readonly sttAtOnce: number;
}

/** The configuration in use. */
export interface Config {
  /** Absolute. */
  readonly dataDir: string;
  /** Undefined: SQLite in the data directory. */
  readonly storeUrl: string | undefined;
  /** An address, never a wildcard. */
  readonly host: string;
  readonly httpPort: number;
  /** Undefined: no HTTPS. */
  readonly httpsPort: number | undefined;
  /** Without a slash at the end; undefined: as each request came. */
  readonly publicUrl: string | undefined;
  readonly trustedProxies: readonly string[];
  readonly tls: TlsConfig;
  /** Undefined: no server connects by AudioSocket. */
  readonly audioSocketPort: number | undefined;
  readonly blackhole: BlackholeConfig;
  readonly playing: { readonly promptsDir: string; readonly maxUrlBytes: number; readonly keepBytes: number };
  /** Absolute: the file of what holds for all conferences where neither they nor their account say otherwise; undefined: none. */
  readonly conferenceDefaults: string | undefined;
  /** Numbers that ask for a conference when they are dialled, and numbers that people are shown. */
  readonly entry: EntryConfig;
  readonly trace: TraceConfig;
  /** By which servers guests in browsers find a way through firewalls. */
  readonly browsers: BrowserConfig;
  /** By VoIPBIN's API; 0: any number. */
  readonly maxConferences: number;
  readonly streams: { readonly maxPerConference: number; readonly maxAhead: number };
  /** Which of KAZOO's events go out; undefined: all. */
  readonly kazooEvents: readonly string[] | undefined;
  /** Undefined: no AMQP. */
  readonly amqpUrl: string | undefined;
  /** The exchange outlives a restart of the broker, and KAZOO's own programs cannot declare it. */
  readonly amqpDurableExchange: boolean;
  readonly sipPort: number;
  /** Undefined: no SIP over TLS. */
  readonly sipTlsPort: number | undefined;
  /** SIP over TLS to others: must they prove their name, and an absolute path to further authorities. */
  readonly sipTlsVerify: boolean;
  readonly sipTlsTrust: string | undefined;
  /** SDES keys also over SIP without TLS. */
  readonly keysInClear: boolean;
  /** What Contact and Via say instead of `host`. */
  readonly sipAdvertise: string | undefined;
  /** What SDP says instead of `host`. */
  readonly mediaAdvertise: string | undefined;
  readonly rtpPorts: 'any' | { readonly from: number; readonly to: number };
  readonly sockets: 'auto' | 'batched' | 'dgram';
  /** Undefined: by the number of cores. */
  readonly mediaThreads: number | undefined;
  readonly mediaTimeoutMs: number;
  /** 0: telephones of which nothing comes are not asked. */
  readonly mediaCheckMs: number;
  /** Undefined: what was measured. */
  readonly maxLegs: number | undefined;
  /** When new calls are refused: share of a thread's time 0 … 1, ms of lateness. */
  readonly mediaLimits: { readonly busy: number; readonly lateMs: number };
  /** Days; absent: for ever. */
  readonly retention: RetentionDefaults;
  readonly recording: RecordingConfig;
  /** Networks and words as `openFetch` takes them. */
  readonly fetchAllow: readonly string[];
  /** Of the LINE Messaging API, without a slash at the end. */
  readonly lineApiUrl: string;
  /** Where calls may go that the server makes. */
  readonly dial: DialConfig;
  readonly speech: SpeechConfig;
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
  const optional = (key: string): string | undefined => text(key) || undefined;
  const port = (key: string): number | undefined => (text(key) === 'off' ? undefined : Number(text(key)));
  const isOn = (key: string): boolean => text(key) === 'on';
  const numberOf = (key: string): number | undefined => (text(key) === 'auto' ? undefined : Number(text(key)));
  const trust = optional('sip.tls_trust');
  const [from, to] = text('rtp.ports').split('-').map(Number);
  const config: Config = {
    dataDir: resolve(directory, text('data_dir')),
    storeUrl: optional('store.url'),
    host: text('host') === 'auto' ? firstExternalAddress() : text('host'),
    httpPort: Number(text('http.port')),
    httpsPort: port('https.port'),
    publicUrl: optional('http.public_url'),
    trustedProxies: listOf(text('http.trusted_proxies')),
    tls: tlsFrom(text, directory),
    audioSocketPort: port('audiosocket.port'),
    blackhole: blackholeFrom(text, port),
    kazooEvents: optional('kazoo.publish_participant_event') === undefined ? undefined : listOf(text('kazoo.publish_participant_event')),
    amqpUrl: optional('amqp.url'),
    amqpDurableExchange: isOn('amqp.durable_exchange'),
    sipPort: Number(text('sip.port')),
    sipTlsPort: port('sip.tls_port'),
    sipTlsVerify: isOn('sip.tls_verify'),
    sipTlsTrust: trust === undefined ? undefined : resolve(directory, trust),
    keysInClear: isOn('sip.keys_in_clear'),
    sipAdvertise: optional('sip.advertise'),
    mediaAdvertise: optional('media.advertise'),
    rtpPorts: from === undefined || to === undefined ? 'any' : { from, to },
    sockets: text('media.sockets') as Config['sockets'],
    conferenceDefaults: text('conferences.defaults') === '' ? undefined : resolve(directory, text('conferences.defaults')),
    entry: entryFrom(text),
    browsers: browsersFrom(text),
    trace: traceFrom(text),
    playing: playingFrom(text, directory),
    maxConferences: Number(text('voipbin.max_conferences')),
    streams: { maxPerConference: Number(text('streams.per_conference')), maxAhead: Number(text('streams.ahead_seconds')) },
    mediaThreads: numberOf('media.threads'),
    mediaTimeoutMs: Number(text('media.timeout')) * 1000,
    mediaCheckMs: Number(text('media.check')) * 1000,
    maxLegs: numberOf('media.max_legs'),
    mediaLimits: { busy: Number(text('media.max_busy')) / 100, lateMs: Number(text('media.max_late')) },
    retention: retentionFrom(text),
    recording: { dir: resolve(directory, optional('recording.dir') ?? `${text('data_dir')}/recordings`), s3: s3From(text) },
    fetchAllow: listOf(text('fetch.allow')),
    lineApiUrl: text('line.api_url'),
    dial: dialFrom(text),
    speech: speechFrom(text, directory),
    logLevel: text('log.level'),
  };
  checkPorts(config);
  return config;
}

const playingFrom = (text: (key: string) => string, directory: string): Config['playing'] => ({
  promptsDir: resolve(directory, text('playing.prompts') || `${text('data_dir')}/prompts`),
  maxUrlBytes: Number(text('playing.max_url_megabytes')) * 1_000_000,
  keepBytes: Number(text('playing.cache_megabytes')) * 1_000_000,
});

function speechFrom(text: (key: string) => string, directory: string): SpeechConfig {
  const optional = (key: string): string | undefined => text(`speech.${key}`) || undefined;
  const [tts, stt, folder] = [text('speech.tts'), text('speech.stt'), optional('stt_model_dir')];
  const needs = (wish: string, key: string): void => {
    if (optional(key) === undefined) throw invalid(`${wish} needs speech.${key}`);
  };
  if (tts === 'http') needs('speech.tts: http', 'tts_url');
  if (stt === 'http') needs('speech.stt: http', 'stt_url');
  if (stt === 'sherpa-onnx') needs('speech.stt: sherpa-onnx', 'stt_model_dir');
  return {
    tts: tts as SpeechConfig['tts'],
    ttsUrl: optional('tts_url'),
    ttsKey: optional('tts_key'),
    ttsModel: text('speech.tts_model'),
    voices: new Map(voicePairs(text('speech.voices'))),
    language: text('speech.language'),
    cacheBytes: Number(text('speech.cache_megabytes')) * 1_000_000,
    stt: stt as SpeechConfig['stt'],
    sttUrl: optional('stt_url'),
    sttKey: optional('stt_key'),
    sttModel: text('speech.stt_model'),
    sttModelDir: folder === undefined ? undefined : resolve(directory, folder),
    sttAtOnce: Number(text('speech.stt_at_once')),
  };
}

function retentionFrom(text: (key: string) => string): RetentionDefaults {
  const days = (name: string) => (text(`retention.${name}`) === 'forever' ? undefined : Number(text(`retention.${name}`)));
  const [factsDays, cdrsDays, deliveriesDays] = [days('facts_days'), days('cdrs_days'), days('deliveries_days')];
  const [transcriptsDays, recordingsDays] = [days('transcripts_days'), days('recordings_days')];
  return {
    ...(factsDays === undefined ? {} : { factsDays }),
    ...(cdrsDays === undefined ? {} : { cdrsDays }),
    ...(deliveriesDays === undefined ? {} : { deliveriesDays }),
    ...(transcriptsDays === undefined ? {} : { transcriptsDays }),
    ...(recordingsDays === undefined ? {} : { recordingsDays }),
  };
}

function tlsFrom(text: (key: string) => string, directory: string): TlsConfig {
  const [cert, key, domains] = [text('tls.cert'), text('tls.key'), listOf(text('tls.acme.domains'))];
  if ((cert === '') !== (key === '')) throw invalid('tls.cert and tls.key must be given together');
  if (cert !== '' && domains.length > 0)
    throw invalid('the certificate comes from tls.cert and tls.key or by tls.acme.domains, not from both');
  if (cert !== '') return { from: 'files', cert: resolve(directory, cert), key: resolve(directory, key) };
  if (domains.length === 0) return { from: 'own' };
  return { from: 'acme', domains, email: text('tls.acme.email') || undefined, directory: text('tls.acme.directory') };
}

const blackholeFrom = (text: (key: string) => string, port: (key: string) => number | undefined): BlackholeConfig => ({
  port: port('blackhole.port'),
  tlsPort: port('blackhole.tls_port'),
  maxPerAddress: Number(text('blackhole.max_per_address')),
});

/** All of these are TCP on one address. */
function checkPorts({ httpPort, httpsPort, audioSocketPort, blackhole, sipPort, sipTlsPort }: Config): void {
  const named = Object.entries({
    'http.port': httpPort,
    'https.port': httpsPort,
    'audiosocket.port': audioSocketPort,
    'blackhole.port': blackhole.port,
    'blackhole.tls_port': blackhole.tlsPort,
    'sip.port': sipPort,
    'sip.tls_port': sipTlsPort,
  });
  for (const [index, [key, port]] of named.entries()) {
    const same = named.slice(index + 1).find(([, other]) => other === port);
    if (same !== undefined && port !== undefined && port !== 0) throw invalid(`${key} and ${same[0]} cannot both be ${port}`);
  }
}

function readSetting({ key, variable, preset, read, isSecret }: Setting, text: string | undefined): string | number {
  if (text === undefined) return preset;
  const value = read(text);
  if (typeof value === 'object') throw invalid(`${key} (${variable}) ${value.wrong}${isSecret ? '' : `, but it is "${text}"`}`);
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
    if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return [[key, value.join(',')]];
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
