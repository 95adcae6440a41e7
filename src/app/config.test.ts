import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { exampleFile, loadConfig } from './config.ts';

const folder = (yaml?: string): string => {
  const made = mkdtempSync(join(tmpdir(), 'parley-config-'));
  if (yaml !== undefined) writeFileSync(join(made, 'parley.yaml'), yaml);
  return made;
};

test('without a file or a variable everything has its documented default', () => {
  const at = folder();
  assert.deepEqual(loadConfig({}, at), {
    dataDir: join(at, 'data'),
    host: '127.0.0.1',
    httpPort: 8000,
    sipPort: 5060,
    rtpPorts: { from: 20_000, to: 20_999 },
    sockets: 'auto',
    mediaTimeoutMs: 60_000,
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
