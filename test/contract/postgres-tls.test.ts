import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Failure, noLog, SystemChance, SystemClock } from '../../src/base/index.ts';
import { openPostgres } from '../../src/store/index.ts';
import { PostgresEngine } from '../../src/store/postgres-engine.ts';
import { row } from '../../src/store/work.ts';
import { selfSigned } from '../kit/certificate.ts';
import { Postgres } from '../kit/postgres.ts';
import { A, conference, facts } from './examples.ts';

const clock = new SystemClock();
const folder = mkdtempSync(join(tmpdir(), 'parley-postgres-tls-'));
const file = (name: string): string => join(folder, name);
let ours: Postgres;
let misnamed: Postgres;

before(async () => {
  const certificates = await Promise.all([
    selfSigned('db.test', ['127.0.0.1']),
    selfSigned('other.test', []),
    selfSigned('db.test', ['127.0.0.1']),
  ]);
  for (const [index, { cert }] of certificates.entries()) writeFileSync(file(`${index}.pem`), cert);
  ours = await Postgres.start(certificates[0]);
  misnamed = await Postgres.start(certificates[1]);
});
after(async () => {
  await Promise.all([ours.close(), misnamed.close()]);
  rmSync(folder, { recursive: true });
});

/** What the server says of our connection: whether it is encrypted. */
async function reached(url: string): Promise<unknown> {
  const engine = new PostgresEngine({ url, clock, log: noLog, name: 'parley' });
  try {
    const found = await engine.read(() => row('SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()'));
    assert.match(String(found?.['version']), /^TLSv1\.[23]$/);
    return found?.['ssl'];
  } finally {
    await engine.close();
  }
}

/** The words of a refusal; nobody waits for a server that cannot be trusted to become another one for longer than for one that is away. */
const refused = (url: string) =>
  openPostgres({ url, clock, chance: new SystemChance(), masterKey: new Uint8Array(32) }).then(
    () => assert.fail('it was let in'),
    (error: unknown) => {
      assert.ok(error instanceof Failure, String((error as Error).stack));
      assert.equal(error.code, 'store_unavailable');
      return error.message;
    },
  );

test('verify-full: encrypted, and the server proves its name by the authority that is named', async () => {
  assert.equal(await reached(`${ours.url}?sslmode=verify-full&sslrootcert=${file('0.pem')}`), true);
  assert.match(await refused(`${ours.url}?sslmode=verify-full&sslrootcert=${file('2.pem')}`), /self-signed certificate/);
  assert.match(await refused(`${ours.url}?sslmode=verify-full`), /self-signed certificate/);
  assert.match(await refused(`${misnamed.url}?sslmode=verify-full&sslrootcert=${file('1.pem')}`), /127\.0\.0\.1/);
});

test('verify-ca: whoever the authority has signed; require: encrypted, whoever it is, as PostgreSQL’s own programs have it', async () => {
  assert.equal(await reached(`${misnamed.url}?sslmode=verify-ca&sslrootcert=${file('1.pem')}`), true);
  assert.match(await refused(`${misnamed.url}?sslmode=verify-ca&sslrootcert=${file('0.pem')}`), /self-signed certificate/);
  assert.equal(await reached(`${misnamed.url}?sslmode=require`), true);
  assert.equal(await reached(`${misnamed.url}?sslmode=require&sslrootcert=${file('1.pem')}`), true);
  assert.match(await refused(`${misnamed.url}?sslmode=require&sslrootcert=${file('0.pem')}`), /self-signed certificate/);
});

test('without sslmode nothing is encrypted, and a server that wants it says so', async () => {
  assert.match(await refused(ours.url), /no encryption/);
  assert.match(await refused(`${ours.url}?sslmode=disable`), /no encryption/);
});

test('what is wrong with the URL is a refusal in words, and never the password', async () => {
  const url = ours.url.replace('parley@', 'parley:geheim@');
  for (const [query, words] of [
    [`sslmode=verify-full&sslrootcert=${file('missing.pem')}`, /missing\.pem/],
    ['sslmode=verify-ca', /sslrootcert/],
  ] as const) {
    const message = await refused(`${url}?${query}`);
    assert.match(message, words);
    assert.ok(!message.includes('geheim'));
  }
});

test('a whole store over TLS keeps what it is given, also when its connections were cut', async () => {
  const url = `${ours.url}?sslmode=verify-full&sslrootcert=${file('0.pem')}`;
  const stores = await openPostgres({ url, clock, chance: new SystemChance(), masterKey: new Uint8Array(32) });
  const one = conference('room-1', { sequence: 3 });
  await stores.conferences.save(one, facts(one, 0, 3), 1);
  await ours.sql(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'parley'",
    `${ours.url}?sslmode=no-verify`,
  );
  assert.deepEqual(await stores.conferences.load(A, one.id), one);
  await stores.conferences.save({ ...one, sequence: 4 }, facts(one, 3, 1), 1);
  assert.equal((await stores.conferences.facts(A, one.id, 0)).length, 4);
  await stores.close();
});
