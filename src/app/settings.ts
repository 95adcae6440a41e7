import { browserSettings } from './browser-settings.ts';
import { dialSettings } from './dial-settings.ts';
import { entrySettings } from './entry-settings.ts';
import { lineSetting } from './line-settings.ts';
import { mediaSettings } from './media-settings.ts';
import { recordingSettings } from './recording-settings.ts';
import type { Setting } from './setting.ts';
import {
  allowances,
  amqpUrl,
  anyText,
  daysOrForever,
  domainNames,
  hostOrNone,
  hostText,
  kazooEvents,
  mailAddress,
  networks,
  oneOf,
  onOrOff,
  optionalText,
  portOrOff,
  postgresUrl,
  urlText,
  wholeNumber,
} from './setting-values.ts';
import { speechSettings } from './speech-settings.ts';
import { traceSettings } from './trace-settings.ts';

/** Every setting, in the order in which people are told. */
export const settingsTable: readonly Setting[] = [
  {
    key: 'data_dir',
    variable: 'PARLEY_DATA_DIR',
    preset: './data',
    comment: 'Where everything is kept: the database, the master key, certificates, first-account.json, ready.json.',
    read: anyText,
  },
  {
    key: 'store.url',
    variable: 'PARLEY_STORE_URL',
    preset: '',
    comment:
      'PostgreSQL 15 or later: postgres://user:password@host:5432/database?sslmode=verify-full. Empty: SQLite in the data directory.',
    read: postgresUrl,
    isSecret: true,
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
    comment: 'HTTP and ws: KAZOO under /v2, our own API under /api, SIP over websocket at /sip. 0 takes any free port.',
    read: wholeNumber(0, 65_535),
  },
  {
    key: 'http.public_url',
    variable: 'PARLEY_HTTP_PUBLIC_URL',
    preset: '',
    comment: 'The base of links that the server hands out, for example https://parley.example. Empty: as each request came.',
    read: urlText,
  },
  {
    key: 'http.trusted_proxies',
    variable: 'PARLEY_HTTP_TRUSTED_PROXIES',
    preset: '',
    comment: 'Addresses and networks of proxies whose X-Forwarded-For and -Proto are believed, for example 127.0.0.1, 10.0.0.0/8.',
    read: networks,
  },
  {
    key: 'https.port',
    variable: 'PARLEY_HTTPS_PORT',
    preset: 8443,
    comment: 'The same over TLS, and wss. 0 takes any free port, off listens on none.',
    read: portOrOff,
  },
  {
    key: 'tls.cert',
    variable: 'PARLEY_TLS_CERT',
    preset: '',
    comment: 'A file with a certificate and its chain (PEM), read again when it changes. Empty: the server makes one of its own.',
    read: optionalText,
  },
  {
    key: 'tls.key',
    variable: 'PARLEY_TLS_KEY',
    preset: '',
    comment: 'The file with the key of that certificate (PEM).',
    read: optionalText,
  },
  {
    key: 'tls.acme.domains',
    variable: 'PARLEY_TLS_ACME_DOMAINS',
    preset: '',
    comment:
      "Names to get a certificate for by ACME. The authority asks http://<name>:80, so port 80 must lead to this server's HTTP port.",
    read: domainNames,
  },
  {
    key: 'tls.acme.email',
    variable: 'PARLEY_TLS_ACME_EMAIL',
    preset: '',
    comment: 'Where the authority may write to about those certificates.',
    read: mailAddress,
  },
  {
    key: 'tls.acme.directory',
    variable: 'PARLEY_TLS_ACME_DIRECTORY',
    preset: 'https://acme-v02.api.letsencrypt.org/directory',
    comment: 'The ACME directory. Setting domains means that you accept the terms of this authority.',
    read: urlText,
  },
  {
    key: 'audiosocket.port',
    variable: 'PARLEY_AUDIOSOCKET_PORT',
    preset: 'off',
    comment:
      'TCP port where servers connect by AudioSocket that flows await (external_media_start with connection_type server). 0 takes any free port, off listens on none.',
    read: portOrOff,
  },
  {
    key: 'blackhole.port',
    variable: 'PARLEY_BLACKHOLE_PORT',
    preset: 5555,
    comment: "KAZOO's websocket for events (Blackhole). 0 takes any free port, off listens on none.",
    read: portOrOff,
  },
  {
    key: 'blackhole.tls_port',
    variable: 'PARLEY_BLACKHOLE_TLS_PORT',
    preset: 'off',
    comment: 'The same over TLS, with the certificate of HTTPS; KAZOO takes 5556. 0 takes any free port, off listens on none.',
    read: portOrOff,
  },
  {
    key: 'blackhole.max_per_address',
    variable: 'PARLEY_BLACKHOLE_MAX_PER_ADDRESS',
    preset: 1000,
    comment: 'Open Blackhole websockets of one address; more are refused with 429.',
    read: wholeNumber(1, 1_000_000),
  },
  {
    key: 'kazoo.publish_participant_event',
    variable: 'PARLEY_KAZOO_PUBLISH_PARTICIPANT_EVENT',
    preset: '',
    comment: 'Which events go out by Blackhole and AMQP, for example add-member, del-member. Empty: all.',
    read: kazooEvents,
  },
  {
    key: 'amqp.url',
    variable: 'PARLEY_AMQP_URL',
    preset: '',
    comment:
      "RabbitMQ, for KAZOO's events and commands: amqp://user:password@host:5672/vhost, or amqps://…?cacertfile=/path/ca.pem; several by commas. Empty: none.",
    read: amqpUrl,
    isSecret: true,
  },
  {
    key: 'amqp.durable_exchange',
    variable: 'PARLEY_AMQP_DURABLE_EXCHANGE',
    preset: 'off',
    comment:
      "Whether the exchange conference, with who is bound to it, outlives a restart of the broker. KAZOO's own programs need it off.",
    read: onOrOff,
  },
  {
    key: 'sip.port',
    variable: 'PARLEY_SIP_PORT',
    preset: 5060,
    comment: 'SIP over UDP and TCP. 0 takes any free port.',
    read: wholeNumber(0, 65_535),
  },
  {
    key: 'sip.tls_port',
    variable: 'PARLEY_SIP_TLS_PORT',
    preset: 5061,
    comment: 'SIP over TLS. 0 takes any free port, off listens on none.',
    read: portOrOff,
  },
  {
    key: 'sip.advertise',
    variable: 'PARLEY_SIP_ADVERTISE',
    preset: '',
    comment: 'Behind NAT: the name or address that phones are told in Contact and Via instead of the one listened on.',
    read: hostOrNone,
  },
  {
    key: 'sip.tls_verify',
    variable: 'PARLEY_SIP_TLS_VERIFY',
    preset: 'on',
    comment: 'Whether far ends that the server connects to over TLS must show a certificate for their name (RFC 5922).',
    read: onOrOff,
  },
  {
    key: 'sip.tls_trust',
    variable: 'PARLEY_SIP_TLS_TRUST',
    preset: '',
    comment: 'A file with certificates (PEM) of further authorities that are trusted there, besides the usual ones.',
    read: optionalText,
  },
  {
    key: 'sip.keys_in_clear',
    variable: 'PARLEY_SIP_KEYS_IN_CLEAR',
    preset: 'off',
    comment: 'Offer and take the keys of encrypted voice (SDES) also over SIP without TLS, where others on the way can read them.',
    read: onOrOff,
  },
  ...dialSettings,
  ...mediaSettings,
  {
    key: 'streams.per_conference',
    variable: 'PARLEY_STREAMS_PER_CONFERENCE',
    preset: 20,
    comment: 'Programs that may take part in one conference over websockets. VoIPBIN streams: at most 5, whatever this says.',
    read: wholeNumber(0, 10_000),
  },
  {
    key: 'streams.ahead_seconds',
    variable: 'PARLEY_STREAMS_AHEAD_SECONDS',
    preset: 60,
    comment: 'Seconds of sound that such a program may send ahead of its playing; what is more is lost, and it is told.',
    read: wholeNumber(1, 3600),
  },
  {
    key: 'voipbin.max_conferences',
    variable: 'PARLEY_VOIPBIN_MAX_CONFERENCES',
    preset: 0,
    comment: 'Conferences that an account may have by the API of VoIPBIN; more are refused with 429. 0: any number.',
    read: wholeNumber(0, 1_000_000),
  },
  {
    key: 'playing.prompts',
    variable: 'PARLEY_PLAYING_PROMPTS',
    preset: '',
    comment: 'The folder of prompts and of local_stream:// files (docs/playing.md). Empty: prompts in data_dir.',
    read: optionalText,
  },
  {
    key: 'playing.max_url_megabytes',
    variable: 'PARLEY_PLAYING_MAX_URL_MEGABYTES',
    preset: 200,
    comment: 'How much of a URL is played at most.',
    read: wholeNumber(1, 100_000),
  },
  {
    key: 'playing.cache_megabytes',
    variable: 'PARLEY_PLAYING_CACHE_MEGABYTES',
    preset: 64,
    comment: 'Decoded sound that is kept in memory for the next time it is played; 64 are 11 minutes at 48 kHz.',
    read: wholeNumber(1, 100_000),
  },
  {
    key: 'conferences.defaults',
    variable: 'PARLEY_CONFERENCES_DEFAULTS',
    preset: '',
    comment:
      'A file (YAML or JSON) of what holds for all conferences where neither they nor their account say otherwise: profiles, controls, tones, times (docs/profile.md). Empty: none.',
    read: optionalText,
  },
  ...entrySettings,
  ...browserSettings,
  ...speechSettings,
  ...traceSettings,
  {
    key: 'retention.facts_days',
    variable: 'PARLEY_RETENTION_FACTS_DAYS',
    preset: 'forever',
    comment: 'Days that the events of conferences are kept, where an account says nothing itself. forever: always.',
    read: daysOrForever,
  },
  {
    key: 'retention.cdrs_days',
    variable: 'PARLEY_RETENTION_CDRS_DAYS',
    preset: 'forever',
    comment: 'Days that call detail records are kept, where an account says nothing itself.',
    read: daysOrForever,
  },
  {
    key: 'retention.deliveries_days',
    variable: 'PARLEY_RETENTION_DELIVERIES_DAYS',
    preset: '7',
    comment: 'Days that messages to webhooks are kept once they are delivered or given up, where an account says nothing itself.',
    read: daysOrForever,
  },
  {
    key: 'retention.transcripts_days',
    variable: 'PARLEY_RETENTION_TRANSCRIPTS_DAYS',
    preset: 'forever',
    comment: 'Days that transcripts are kept, where an account says nothing itself. The events that told of them: facts_days.',
    read: daysOrForever,
  },
  {
    key: 'retention.recordings_days',
    variable: 'PARLEY_RETENTION_RECORDINGS_DAYS',
    preset: 'forever',
    comment: 'Days that recordings are kept, with their files, where an account says nothing itself.',
    read: daysOrForever,
  },
  ...recordingSettings,
  lineSetting,
  {
    key: 'fetch.allow',
    variable: 'PARLEY_FETCH_ALLOW',
    preset: '',
    comment:
      'Networks that webhooks and played URLs may call though they are not public, for example 192.168.1.0/24; private stands for all private networks, loopback for this machine.',
    read: allowances,
  },
  {
    key: 'log.level',
    variable: 'PARLEY_LOG_LEVEL',
    preset: 'info',
    comment: 'What is logged, as JSON lines on stderr: debug, info, warn, error or silent.',
    read: oneOf('debug', 'info', 'warn', 'error', 'silent'),
  },
];

/** The text of parley.example.yaml: every key with its default and its comment. */
export function exampleFile(): string {
  const lines = [
    '# Every setting of Parley with its default. Copy to parley.yaml and change what you need.',
    '# A variable named beside a key wins over the file.',
    '',
  ];
  let open: readonly string[] = [];
  for (const { key, variable, preset, comment } of settingsTable) {
    const groups = key.split('.');
    const name = groups.pop() ?? '';
    const shared = groups.findIndex((group, depth) => open[depth] !== group);
    groups.forEach((group, depth) => {
      if (shared !== -1 && depth >= shared) lines.push(`${'  '.repeat(depth)}${group}:`);
    });
    open = groups;
    const indent = '  '.repeat(groups.length);
    lines.push(`${indent}# ${comment} (${variable})`, `${indent}${name}: ${preset}`.trimEnd());
  }
  return `${lines.join('\n')}\n`;
}
