import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { loadConfig } from './config.ts';
import { exampleFile } from './settings.ts';

const folder = (yaml?: string): string => {
  const made = mkdtempSync(join(tmpdir(), 'parley-config-'));
  if (yaml !== undefined) writeFileSync(join(made, 'parley.yaml'), yaml);
  return made;
};

test('without a file or a variable everything has its documented default', () => {
  const at = folder();
  assert.deepEqual(loadConfig({}, at), {
    dataDir: join(at, 'data'),
    storeUrl: undefined,
    fetchAllow: [],
    dial: { enabled: true, allow: [] },
    speech: {
      tts: 'auto',
      ttsUrl: undefined,
      ttsKey: undefined,
      ttsModel: 'tts-1',
      voices: new Map(),
      language: 'en-US',
      cacheBytes: 200_000_000,
      stt: 'auto',
      sttUrl: undefined,
      sttKey: undefined,
      sttModel: 'whisper-1',
      sttModelDir: undefined,
      sttAtOnce: 2,
    },
    host: '127.0.0.1',
    httpPort: 8000,
    httpsPort: 8443,
    publicUrl: undefined,
    trustedProxies: [],
    tls: { from: 'own' },
    amqpUrl: undefined,
    amqpDurableExchange: false,
    audioSocketPort: undefined,
    blackhole: { port: 5555, tlsPort: undefined, maxPerAddress: 1000 },
    kazooEvents: undefined,
    sipPort: 5060,
    sipTlsPort: 5061,
    sipTlsVerify: true,
    sipTlsTrust: undefined,
    keysInClear: false,
    sipAdvertise: undefined,
    mediaAdvertise: undefined,
    rtpPorts: { from: 20_000, to: 20_999 },
    sockets: 'auto',
    mediaThreads: undefined,
    mediaTimeoutMs: 60_000,
    mediaCheckMs: 2000,
    maxLegs: undefined,
    conferenceDefaults: undefined,
    maxConferences: 0,
    lineApiUrl: 'https://api.line.me',
    playing: { promptsDir: join(at, 'data', 'prompts'), maxUrlBytes: 200_000_000, keepBytes: 64_000_000 },
    entry: { accessNumbers: [], numbers: [], testNumber: '3999' },
    browsers: { urls: [], secret: undefined, lifetime: 43_200, username: undefined, password: undefined },
    trace: { hours: 24, hep: undefined },
    streams: { maxPerConference: 20, maxAhead: 60 },
    mediaLimits: { busy: 0.85, lateMs: 20 },
    retention: { deliveriesDays: 7 },
    recording: { dir: join(at, 'data', 'recordings'), s3: undefined },
    logLevel: 'info',
  });
});

test('a variable wins over the file, and the file over the default', () => {
  const config = loadConfig({ PARLEY_SIP_PORT: '0' }, folder('http:\n  port: 8080\nsip:\n  port: 5070\n'));
  assert.equal(config.httpPort, 8080);
  assert.equal(config.sipPort, 0);
});

test('an unknown key is refused and names the nearest known one', () => {
  assert.throws(() => loadConfig({}, folder('sip:\n  prot: 5070\n')), /unknown key sip\.prot .*did you mean sip\.port\?/);
  assert.throws(
    () => loadConfig({ PARLEY_HTTP_PROT: '1' }, folder()),
    /unknown environment variable PARLEY_HTTP_PROT; did you mean PARLEY_HTTP_PORT\?/,
  );
});

test('a wrong value says what would be right', () => {
  assert.throws(
    () => loadConfig({ PARLEY_HTTP_PORT: 'eighty' }, folder()),
    /http\.port \(PARLEY_HTTP_PORT\) must be a whole number from 0 to 65535, but it is "eighty"/,
  );
  assert.throws(() => loadConfig({ PARLEY_HOST: '0.0.0.0' }, folder()), /name one, or say auto/);
  assert.throws(() => loadConfig({ PARLEY_RTP_PORTS: '20999-20000' }, folder()), /must be a range/);
  assert.throws(() => loadConfig({ PARLEY_CONFIG: 'nowhere.yaml' }, folder()), /cannot read the configuration file/);
  assert.throws(() => loadConfig({}, folder('a: [')), /is not valid YAML/);
});

test('parley.example.yaml lists every key with its default, and can be used as it is', () => {
  const shipped = readFileSync(join(import.meta.dirname, '../../parley.example.yaml'), 'utf8');
  assert.equal(shipped, exampleFile());
  assert.ok(parse(shipped));
  const at = folder(shipped);
  assert.deepEqual(loadConfig({}, at), loadConfig({ PARLEY_DATA_DIR: join(at, 'data') }, folder()));
});

test('TLS ports can be off; one port cannot be two things', () => {
  const config = loadConfig({ PARLEY_SIP_TLS_PORT: '0' }, folder('https:\n  port: off\n'));
  assert.equal(config.httpsPort, undefined);
  assert.equal(config.sipTlsPort, 0);
  assert.throws(() => loadConfig({ PARLEY_HTTPS_PORT: '8000' }, folder()), /http\.port and https\.port cannot both be 8000/);
  assert.throws(() => loadConfig({ PARLEY_HTTPS_PORT: 'on' }, folder()), /whole number from 0 to 65535, or off/);
});

test('the certificate is our own, of files, or by ACME', () => {
  const at = folder();
  assert.deepEqual(loadConfig({ PARLEY_TLS_CERT: 'a.pem', PARLEY_TLS_KEY: '/b.pem' }, at).tls, {
    from: 'files',
    cert: join(at, 'a.pem'),
    key: '/b.pem',
  });
  assert.deepEqual(loadConfig({}, folder('tls:\n  acme:\n    domains: [a.example, b.example]\n    email: me@a.example\n')).tls, {
    from: 'acme',
    domains: ['a.example', 'b.example'],
    email: 'me@a.example',
    directory: 'https://acme-v02.api.letsencrypt.org/directory',
  });
  assert.throws(() => loadConfig({ PARLEY_TLS_CERT: 'a.pem' }, at), /must be given together/);
  assert.throws(() => loadConfig({ PARLEY_TLS_CERT: 'a', PARLEY_TLS_KEY: 'b', PARLEY_TLS_ACME_DOMAINS: 'a.example' }, at), /not from both/);
  assert.throws(() => loadConfig({ PARLEY_TLS_ACME_DOMAINS: '*.a.example' }, at), /without wildcards/);
});

test('proxies, links and addresses behind NAT', () => {
  const config = loadConfig(
    {
      PARLEY_HTTP_PUBLIC_URL: 'https://parley.example/',
      PARLEY_HTTP_TRUSTED_PROXIES: '127.0.0.1, fd00::/8',
      PARLEY_SIP_ADVERTISE: 'sip.example',
      PARLEY_MEDIA_ADVERTISE: '203.0.113.9',
    },
    folder(),
  );
  assert.equal(config.publicUrl, 'https://parley.example');
  assert.deepEqual(config.trustedProxies, ['127.0.0.1', 'fd00::/8']);
  assert.equal(config.sipAdvertise, 'sip.example');
  assert.equal(config.mediaAdvertise, '203.0.113.9');
  for (const [name, wrong] of [
    ['PARLEY_HTTP_TRUSTED_PROXIES', 'proxy.example'],
    ['PARLEY_HTTP_PUBLIC_URL', 'parley.example'],
    ['PARLEY_MEDIA_ADVERTISE', '0.0.0.0'],
    ['PARLEY_MEDIA_ADVERTISE', 'media.example'],
    ['PARLEY_SIP_ADVERTISE', 'a b'],
  ] as const)
    assert.throws(() => loadConfig({ [name]: wrong }, folder()), /must/, `${name} ${wrong}`);
});

test('media threads and legs are numbers or auto; far ends over TLS and keys in the clear are on or off', () => {
  const config = loadConfig(
    { PARLEY_MEDIA_THREADS: '3', PARLEY_MEDIA_MAX_LEGS: '500' },
    folder('sip:\n  tls_verify: false\n  tls_trust: ca.pem\n  keys_in_clear: on\n'),
  );
  assert.deepEqual([config.mediaThreads, config.maxLegs, config.sipTlsVerify, config.keysInClear], [3, 500, false, true]);
  assert.match(config.sipTlsTrust ?? '', /^\/.*\/ca\.pem$/);
  for (const wrong of [{ PARLEY_MEDIA_THREADS: '0' }, { PARLEY_MEDIA_MAX_LEGS: 'many' }, { PARLEY_SIP_TLS_VERIFY: '2' }]) {
    assert.throws(() => loadConfig(wrong, folder()), /must be/, JSON.stringify(wrong));
  }
});

test('a bucket for recordings needs keys; its prefix and endpoint are read as S3 wants them', () => {
  const keys = { PARLEY_RECORDING_S3_ACCESS_KEY_ID: 'id', PARLEY_RECORDING_S3_SECRET_ACCESS_KEY: 'hush' };
  const { recording } = loadConfig({ PARLEY_RECORDING_S3_BUCKET: 'calls', PARLEY_RECORDING_S3_PREFIX: '/a/b/', ...keys }, '/srv');
  assert.deepEqual(recording.s3, {
    bucket: 'calls',
    region: 'us-east-1',
    accessKeyId: 'id',
    secretAccessKey: 'hush',
    endpoint: 'https://s3.us-east-1.amazonaws.com',
    prefix: 'a/b/',
    isPathStyle: true,
  });
  const refuses = (variables: Record<string, string>, why: RegExp) =>
    assert.throws(
      () => loadConfig({ PARLEY_RECORDING_S3_BUCKET: 'calls', ...keys, ...variables }, '/srv'),
      (error: Error) => why.test(error.message) && !error.message.includes('hush'),
    );
  refuses({ PARLEY_RECORDING_S3_ACCESS_KEY_ID: '' }, /needs recording\.s3\.access_key_id/);
  refuses({ PARLEY_RECORDING_S3_BUCKET: 'My_Bucket' }, /3 to 63/);
  refuses({ PARLEY_RECORDING_S3_PREFIX: '../x' }, /prefix/);
  refuses({ PARLEY_RECORDING_S3_ENDPOINT: 'ftp://x' }, /endpoint/);
});
