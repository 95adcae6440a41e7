import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { Config } from '../app/index.ts';
import { eraseCommand } from './erase.ts';

/** A server that takes notes, and what was printed. */
async function opened(live: number, answer?: string) {
  const asked: { url: string | undefined; body: unknown }[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    request.on('end', () => {
      asked.push({ url: request.url, body: JSON.parse(text) });
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ facts: 3, cdrs: 2, deliveries: 1, live }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  let printed = '';
  const write = (text: string): void => {
    printed += text;
  };
  const terminal = { write, ask: async () => answer };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const run = (...args: string[]) => eraseCommand(['--url', url, '--key', 'k', ...args], () => ({}) as Config, terminal);
  return { asked, run, printed: () => printed, close: () => server.close() };
}

test('it asks before it erases, and says what went', async () => {
  const yes = await opened(0, 'yes');
  assert.equal(await yes.run('+4930', '--account', 'b'.repeat(32)), 0);
  assert.deepEqual(yes.asked, [{ url: `/api/erasures?account=${'b'.repeat(32)}`, body: { number: '+4930' } }]);
  assert.match(yes.printed(), /3 events, 2 call detail records and 1 messages/);
  yes.close();
  const no = await opened(0, 'y');
  assert.deepEqual([await no.run('+4930'), no.asked.length], [1, 0]);
  no.close();
});

test('without somebody to ask it wants --yes; what is live still makes it end with 1', async () => {
  const at = await opened(2);
  await assert.rejects(at.run('77'), { code: 'bad_configuration' });
  assert.equal(at.asked.length, 0);
  assert.equal(await at.run('77', '--yes'), 1);
  assert.match(at.printed(), /2 calls of this number are in a room now/);
  for (const args of [[], ['1', '2'], ['']]) await assert.rejects(at.run(...args), { code: 'bad_configuration' });
  at.close();
});
