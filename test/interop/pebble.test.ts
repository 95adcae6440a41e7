import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { selfSigned } from '../kit/certificate.ts';
import { freePorts } from '../kit/free-ports.ts';
import { eventually, startHouse } from '../kit/house.ts';
import { needs } from '../kit/programs.ts';

test("pebble, the test authority of Let's Encrypt, gives a certificate that HTTPS then shows", async () => {
  const [pebble, names] = [needs('pebble'), needs('pebble-challtestsrv')];
  const folder = mkdtempSync(join(tmpdir(), 'parley-pebble-'));
  const [acme = 0, manage = 0, web = 0, tls = 0, dns = 0, dnsManage = 0] = await freePorts(6);
  const own = await selfSigned('pebble.example', ['127.0.0.1']);
  const [cert, key, config] = ['cert.pem', 'key.pem', 'config.json'].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(cert, own.cert);
  writeFileSync(key, own.key);
  const listen = { listenAddress: `127.0.0.1:${acme}`, managementListenAddress: `127.0.0.1:${manage}` };
  writeFileSync(config, JSON.stringify({ pebble: { ...listen, certificate: cert, privateKey: key, httpPort: web, tlsPort: tls } }));
  const dnsArguments = [
    '-dns01',
    `127.0.0.1:${dns}`,
    '-http01',
    '',
    '-https01',
    '',
    '-tlsalpn01',
    '',
    '-defaultIPv4',
    '127.0.0.1',
    '-defaultIPv6',
    '',
  ];
  const children = [
    spawn(names, [...dnsArguments, '-management', `127.0.0.1:${dnsManage}`]),
    spawn(pebble, ['-config', config, '-dnsserver', `127.0.0.1:${dns}`], { env: { ...process.env, PEBBLE_VA_NOSLEEP: '1' } }),
  ];
  let said = '';
  for (const child of children) for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += bytes));
  try {
    await eventually(() => said.includes('ACME directory available at'), `pebble did not start:\n${said}`);
    const env = {
      PARLEY_HTTP_PORT: String(web),
      PARLEY_TLS_ACME_DOMAINS: 'parley.example, www.parley.example',
      PARLEY_TLS_ACME_EMAIL: 'me@parley.example',
      PARLEY_TLS_ACME_DIRECTORY: `https://127.0.0.1:${acme}/dir`,
      NODE_EXTRA_CA_CERTS: cert,
    };
    await using house = await startHouse({ env });
    const kept = join(house.dataDir, 'tls/acme-cert.pem');
    await eventually(() => house.output.includes('a certificate came from the authority'), 'no certificate came', 30_000).catch(
      (error: Error) => {
        throw new Error(`${error.message}\n${house.output}\n${said}`);
      },
    );
    const chain = readFileSync(kept, 'utf8');
    const shown = connect({
      host: '127.0.0.1',
      port: Number(new URL(house.https ?? '').port),
      servername: 'www.parley.example',
      ca: chain,
      rejectUnauthorized: false,
    });
    await once(shown, 'secureConnect');
    const leaf = new X509Certificate(chain);
    assert.equal(shown.getPeerX509Certificate()?.fingerprint256, leaf.fingerprint256);
    assert.match(leaf.issuer, /Pebble/);
    for (const name of ['parley.example', 'www.parley.example']) assert.ok(leaf.checkHost(name), name);
    shown.destroy();
  } finally {
    const gone = children.map((child) => once(child, 'exit'));
    for (const child of children) child.kill();
    await Promise.all(gone);
    rmSync(folder, { recursive: true });
  }
});
