import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const main = join(import.meta.dirname, '../../src/cli/main.ts');

/** Runs the program until it ends by itself. */
function parley(args: readonly string[], environment: Record<string, string> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-start-'));
  const ports = {
    PARLEY_HTTP_PORT: '0',
    PARLEY_HTTPS_PORT: '0',
    PARLEY_SIP_PORT: '0',
    PARLEY_SIP_TLS_PORT: '0',
    PARLEY_BLACKHOLE_PORT: '0',
    PARLEY_RTP_PORTS: '0',
  };
  const env = { PATH: process.env['PATH'], PARLEY_DATA_DIR: dataDir, PARLEY_LOG_LEVEL: 'silent', ...ports, ...environment };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { env, encoding: 'utf8', timeout: 20_000 });
  return { status, stdout, stderr, dataDir };
}

test('a port that is taken, an address that is not ours: one line says what to do, and no start was made of it', async (t) => {
  const http = createServer().listen(0, '127.0.0.1');
  const sip = createSocket('udp4').bind(0, '127.0.0.1');
  t.after(() => {
    http.close();
    sip.close();
  });
  await Promise.all([once(http, 'listening'), once(sip, 'listening')]);
  const httpPort = String((http.address() as { port: number }).port);
  const tries = [
    [
      { PARLEY_HTTP_PORT: httpPort },
      /^parley: HTTP cannot listen on 127\.0\.0\.1:\d+ \(PARLEY_HTTP_PORT\): another program listens there;.*\n$/,
    ],
    [
      { PARLEY_SIP_PORT: String(sip.address().port) },
      /^parley: SIP cannot listen on 127\.0\.0\.1:\d+ \(PARLEY_SIP_PORT\): another program.*\n$/,
    ],
    [{ PARLEY_HOST: '203.0.113.9' }, /^parley: \S+ cannot listen on 203\.0\.113\.9.*name one of its own in PARLEY_HOST.*\n$/],
  ] as const;
  for (const [environment, line] of tries) {
    const { status, stderr, dataDir } = parley(['start'], environment);
    assert.match(stderr, line);
    assert.equal(status, 2);
    assert.equal(existsSync(join(dataDir, 'first-account.json')), false, 'the account is shown at the start that succeeds');
    assert.equal(existsSync(join(dataDir, 'ready.json')), false);
  }
});

test('a mistyped command or setting is refused with the nearest right one', () => {
  assert.match(parley(['strat']).stderr, /^parley: there is no command "strat"; try: parley help\n$/);
  assert.match(parley(['start'], { PARLEY_HOTS: 'auto' }).stderr, /did you mean PARLEY_HOST\?/);
  assert.equal(parley(['start'], { PARLEY_HOTS: 'auto' }).status, 2);
});

test('help names every command and every setting, config prints the example', () => {
  const help = parley(['--help']);
  assert.equal(help.status, 0);
  const example = readFileSync(join(import.meta.dirname, '../../parley.example.yaml'), 'utf8');
  for (const [, variable] of example.matchAll(/\((PARLEY_\w+)\)/g)) assert.ok(help.stdout.includes(variable!), variable);
  assert.equal(parley(['config']).stdout, example);
});
