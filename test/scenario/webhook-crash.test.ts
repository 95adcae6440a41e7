import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { uuidOf } from '../../src/base/index.ts';
import { A } from '../contract/examples.ts';
import { SeededChance } from '../kit/seeded-chance.ts';

const ROUNDS = 10;
const WRITER = join(import.meta.dirname, '../kit/webhook-crash-writer.ts');

/** Keeps what it is told, takes some milliseconds over it, and now and then hangs up instead of answering. */
async function openReceiver(chance: SeededChance) {
  const got: { path: string; id: string; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const isNew = !got.some(({ id }) => id === request.headers['webhook-id']);
    got.push({ path: request.url ?? '', id: String(request.headers['webhook-id']), body: Buffer.concat(chunks).toString() });
    await new Promise((resolve) => void setTimeout(resolve, chance.next() * 10));
    // Only once each: the third attempt comes after five minutes.
    if (isNew && chance.next() < 0.02) request.socket.destroy();
    else response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  return { got, url, server };
}

/** Runs a writer until it has said `after` lines, kills it with SIGKILL, and gives what it acknowledged; one that ends before has worked off everything. */
async function run(args: readonly string[], after: number): Promise<Set<string>> {
  const writer = spawn(process.execPath, [WRITER, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(writer, 'exit');
  const said = new Set<string>();
  let lines = 0;
  for await (const line of createInterface({ input: writer.stdout })) {
    const [, id, sequence] = /^(r\d+-\d) (\d+)$/.exec(line) ?? [];
    if (id !== undefined) said.add(`${uuidOf(id, A)} ${sequence}`);
    if (++lines === after) writer.kill('SIGKILL');
  }
  assert.deepEqual(await gone, after === Number.POSITIVE_INFINITY ? [0, null] : [null, 'SIGKILL']);
  return said;
}

test('kill -9 while webhooks are told: every acknowledged fact arrives, and in order where that was wished', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-hooks-'));
  const chance = new SeededChance(23);
  const receiver = await openReceiver(new SeededChance(24));
  try {
    const path = join(folder, 'hooks.sqlite');
    const acknowledged = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      const after = 2 + Math.floor(chance.next() * 60);
      for (const line of await run([path, receiver.url, String(round)], after)) acknowledged.add(line);
    }
    const nameOf = ({ body }: { body: string }) => {
      const { data } = JSON.parse(body) as { data: { conference: string; sequence: number } };
      return `${data.conference} ${data.sequence}`;
    };
    await run([path, receiver.url, '-1'], Number.POSITIVE_INFINITY);
    // One more fact of each round may have been stored whose acknowledgement was not spoken any more.
    for (const where of ['/any', '/ordered']) {
      const mine = receiver.got.filter((each) => each.path === where);
      const bodies = new Map<string, string>();
      for (const { id, body } of mine) assert.equal(bodies.get(id) ?? body, body, 'the same id carries the same body');
      for (const { id, body } of mine) bodies.set(id, body);
      const facts = [...bodies.values()].map((body) => nameOf({ body }));
      assert.equal(new Set(facts).size, facts.length, `${where}: no fact under two ids`);
      assert.deepEqual(
        [...acknowledged].filter((each) => !facts.includes(each)),
        [],
        `${where}: nothing acknowledged is missing`,
      );
      assert.ok(facts.length <= acknowledged.size + ROUNDS, `${facts.length} of ${acknowledged.size}`);
    }
    // A first sight of each, in the order in which they came: 1, 2, 3 … of every conference.
    const seen = new Map<string, number>();
    for (const each of receiver.got.filter(({ path: at }) => at === '/ordered')) {
      const [conference = '', sequence = '0'] = nameOf(each).split(' ');
      const last = seen.get(conference) ?? 0;
      assert.ok(Number(sequence) <= last + 1, `${conference}: ${sequence} came after ${last}`);
      seen.set(conference, Math.max(last, Number(sequence)));
    }
    assert.ok(acknowledged.size > 100, `${acknowledged.size} facts`);
    assert.ok(receiver.got.length > 2 * acknowledged.size, 'some came twice, as they may');
  } finally {
    receiver.server.closeAllConnections();
    receiver.server.close();
    rmSync(folder, { recursive: true });
  }
});
