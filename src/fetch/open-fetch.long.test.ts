import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTcp } from 'node:net';
import { test } from 'node:test';
import { noLog, SystemClock } from '../base/index.ts';
import type { FetchOptions } from './fetch-types.ts';
import { openFetch, retryAfter } from './open-fetch.ts';

const door = (options: Partial<FetchOptions> = {}) => openFetch({ clock: new SystemClock(), log: noLog, allow: ['loopback'], ...options });
const sent = { headers: { 'content-type': 'application/json', 'x-mine': 'yes' }, body: '{"a":"ä"}', timeoutMs: 5000 };

interface Site extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
}

async function site(take: (request: IncomingMessage, response: ServerResponse) => void): Promise<Site> {
  return listening(createServer(take));
}

async function listening(server: Server | ReturnType<typeof createTcp>): Promise<Site> {
  const sockets = new Set<{ destroy(): unknown }>();
  server.on('connection', (socket: { destroy(): unknown }) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

test('a post carries its headers and its body, byte by byte', async () => {
  let heard: { headers?: IncomingMessage['headers']; body?: string; method?: string; url?: string } = {};
  await using there = await site(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    heard = { headers: request.headers, body: Buffer.concat(chunks).toString(), method: request.method ?? '', url: request.url ?? '' };
    response.writeHead(202).end('thank you');
  });
  const fetch = door({ agent: 'Parley/9' });
  assert.deepEqual(await fetch.post({ ...sent, url: `${there.url}/hook?x=1` }), { status: 202 });
  assert.deepEqual([heard.method, heard.url, heard.body], ['POST', '/hook?x=1', sent.body]);
  assert.equal(heard.headers?.['x-mine'], 'yes');
  assert.equal(heard.headers?.['user-agent'], 'Parley/9');
  await fetch.close();
  assert.deepEqual(await fetch.post({ ...sent, url: there.url }), { failed: 'this server is stopping' });
});

test('a redirect of a post is an answer and not followed', async () => {
  let asked = 0;
  await using there = await site((_request, response) => {
    asked += 1;
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  const fetch = door();
  assert.deepEqual(await fetch.post({ ...sent, url: there.url }), { status: 302 });
  assert.equal(asked, 1);
  await fetch.close();
});

test('an endless answer neither holds the caller nor its connection', async () => {
  let written = 0;
  let gone = () => {};
  const closed = new Promise<void>((resolve) => {
    gone = resolve;
  });
  await using there = await site((_request, response) => {
    response.writeHead(200);
    const more = () => {
      while (!response.destroyed && written < 1_000_000_000 && response.write(Buffer.alloc(65_536))) written += 65_536;
    };
    response.on('drain', more).on('close', gone);
    more();
  });
  const fetch = door();
  assert.deepEqual(await fetch.post({ ...sent, url: there.url }), { status: 200 });
  await closed;
  assert.ok(written < 50_000_000, `${written} bytes were written before the end`);
  written = 0;
  const answer = await fetch.ask({ url: there.url, timeoutMs: 5000, maxBytes: 100_000 });
  assert.ok('body' in answer && answer.isCut && answer.body.length === 100_000);
  await fetch.close();
});

test('slow headers and slow bodies end with the deadline', async () => {
  const timers: NodeJS.Timeout[] = [];
  await using there = await site((request, response) => {
    if (request.url === '/never') return;
    response.writeHead(200);
    timers.push(setInterval(() => response.write('.'), 20));
  });
  const fetch = door();
  const brief = { ...sent, timeoutMs: 150 };
  assert.deepEqual(await fetch.post({ ...brief, url: `${there.url}/never` }), { failed: 'timeout' });
  assert.deepEqual(await fetch.post({ ...brief, url: `${there.url}/slow` }), { status: 200 }, 'the status is the answer');
  assert.deepEqual(await fetch.ask({ url: `${there.url}/slow`, timeoutMs: 150 }), { failed: 'timeout' });
  for (const timer of timers) clearInterval(timer);
  await fetch.close();
});

test('a far end that trickles its headers, says no HTTP, or goes away', async () => {
  let answer = '';
  await using there = await listening(
    createTcp((socket) => {
      socket.on('error', () => {});
      if (answer === '') socket.destroy();
      else socket.write(answer);
    }),
  );
  const fetch = door();
  const post = () => fetch.post({ ...sent, url: there.url, timeoutMs: 300 });
  assert.deepEqual(await post(), { failed: 'connection closed' });
  answer = 'SSH-2.0-OpenSSH_9\r\n';
  assert.deepEqual(await post(), { failed: 'the answer is not HTTP as we take it' });
  answer = 'HTTP/1.1 200 OK\r\nx: ';
  assert.deepEqual(await post(), { failed: 'timeout' });
  answer = `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`;
  assert.deepEqual(await post(), { failed: 'the answer is not HTTP as we take it' });
  await fetch.close();
  const nobody = door();
  const { port } = there;
  await there[Symbol.asyncDispose]();
  assert.deepEqual(await nobody.post({ ...sent, url: `http://127.0.0.1:${port}/` }), { failed: 'connection refused' });
  await nobody.close();
});

test('a name is judged by its addresses at the moment of connecting, and connects to no other', async () => {
  let asked = 0;
  await using there = await site((_request, response) => {
    asked += 1;
    response.writeHead(200, { connection: 'close' }).end();
  });
  const book: Record<string, readonly string[]> = {
    'inside.example': ['10.0.0.5'],
    'loop.example': ['127.0.0.1'],
    'six.example': ['::1'],
    'mapped.example': ['::ffff:127.0.0.1'],
    'nothing.example': [],
    'both.example': ['10.0.0.5', '127.0.0.1'],
  };
  const lookup = async (name: string): Promise<readonly string[]> => {
    const found = book[name];
    if (found === undefined) throw Object.assign(new Error('unknown'), { code: 'ENOTFOUND' });
    return found;
  };
  const strict = door({ allow: [], lookup });
  const to = (name: string) => ({ ...sent, url: `http://${name}:${there.port}/` });
  for (const name of ['inside.example', 'loop.example', 'six.example', 'mapped.example', 'both.example']) {
    const outcome = await strict.post(to(name));
    assert.ok('refused' in outcome && !/\d/.test(outcome.refused), `${name}: ${JSON.stringify(outcome)}`);
  }
  assert.deepEqual(await strict.post(to('nothing.example')), { refused: 'the name has no address' });
  assert.deepEqual(await strict.post(to('unknown.example')), { failed: 'name not found' });
  assert.equal(asked, 0);
  await strict.close();
  const some = door({ allow: ['127.0.0.1'], lookup });
  assert.deepEqual(await some.post(to('both.example')), { status: 200 }, 'the allowed one of two addresses is taken');
  book['both.example'] = ['10.0.0.5'];
  assert.deepEqual(
    await some.post(to('both.example')),
    { refused: 'the name leads to a private address' },
    'what was said a moment ago does not count',
  );
  await some.close();
});

test('redirects are followed when that is wanted, and judged again', async () => {
  const seen: string[] = [];
  await using other = await site((request, response) => {
    seen.push(`${request.method} other ${request.headers.authorization ?? '-'}`);
    response.end('found');
  });
  await using there = await site((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'}`);
    const to = { '/inside': 'http://10.0.0.1/', '/file': 'file:///etc/passwd', '/round': '/round', '/away': other.url }[request.url ?? ''];
    if (to === undefined) response.end('here');
    else response.writeHead(request.method === 'POST' ? 303 : 302, { location: to }).end();
  });
  const fetch = door();
  const ask = (path: string, more: object = {}) =>
    fetch.ask({ url: there.url + path, timeoutMs: 2000, redirects: 3, headers: { authorization: 'k' }, ...more });
  assert.deepEqual(await ask('/inside'), { refused: 'a private address' });
  assert.deepEqual(await ask('/file'), { refused: 'only http and https are spoken' });
  const round = await ask('/round');
  assert.ok('status' in round && round.status === 302);
  seen.length = 0;
  const found = await ask('/away', { method: 'POST', body: 'x' });
  assert.ok('body' in found && Buffer.from(found.body).toString() === 'found');
  assert.deepEqual(seen, ['POST /away k', 'GET other -'], 'a key does not go to another origin');
  const first = await ask('/away', { redirects: 0 });
  assert.ok('status' in first && first.status === 302);
  await fetch.close();
});

test('what is logged names the origin and nothing more', async () => {
  const lines: unknown[] = [];
  const log = { ...noLog, debug: (message: string, fields?: object) => void lines.push({ message, ...fields }) };
  const fetch = door({ log, allow: [] });
  await fetch.post({ ...sent, url: 'http://10.0.0.1/hook/SECRET?token=SECRET', headers: { authorization: 'SECRET' } });
  await fetch.close();
  assert.equal(lines.length, 1);
  assert.doesNotMatch(JSON.stringify(lines), /SECRET/);
});

test('Retry-After in both its forms (RFC 9110 §10.2.3)', () => {
  const now = Date.UTC(1999, 11, 31, 23, 59, 0);
  assert.equal(retryAfter('120', now), 120_000);
  assert.equal(retryAfter('Fri, 31 Dec 1999 23:59:59 GMT', now), 59_000);
  assert.equal(retryAfter('Fri, 31 Dec 1999 23:00:00 GMT', now), 0);
  for (const wrong of [undefined, '', '-1', 'soon', '1e9', '99999999999']) assert.equal(retryAfter(wrong, now), undefined);
});

test('a streamed answer comes piece by piece, and no more is taken than is read', async () => {
  let written = 0;
  await using there = await site((_request, response) => {
    response.writeHead(206, { 'content-range': 'bytes 0-9/10', 'x-two': ['a', 'b'] });
    const more = () => {
      while (!response.destroyed && written < 500_000_000 && response.write(Buffer.alloc(65_536, 7))) written += 65_536;
    };
    response.on('drain', more);
    more();
  });
  const fetch = door();
  const got = await fetch.stream({ url: there.url, timeoutMs: 5000 });
  assert.ok('status' in got);
  assert.deepEqual([got.status, got.headers['content-range'], got.headers['x-two']], [206, 'bytes 0-9/10', 'a, b']);
  let read = 0;
  for await (const piece of got.body) {
    read += piece.length;
    assert.equal(piece[0], 7);
    if (read > 1_000_000) break;
  }
  // What sockets and buffers hold beyond what was read is bounded.
  assert.ok(written < 50_000_000, `the far end wrote ${written} bytes`);
  await fetch.close();
});

test('a streamed answer that stops in the middle is broken off, one that was let go hurts nobody', async () => {
  await using there = await site((_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half');
  });
  const fetch = door();
  const got = await fetch.stream({ url: there.url, timeoutMs: 200 });
  assert.ok('status' in got);
  await assert.rejects(async () => {
    for await (const piece of got.body) assert.equal(Buffer.from(piece).toString(), 'half');
  }, /^Error: timeout$/);
  const other = await fetch.stream({ url: there.url, timeoutMs: 5000 });
  assert.ok('status' in other);
  other.cancel();
  other.cancel();
  const third = await fetch.stream({ url: there.url, timeoutMs: 5000 });
  await fetch.close();
  assert.ok('status' in third);
  await assert.rejects(async () => {
    for await (const piece of third.body) assert.ok(piece);
  }, /this server is stopping/);
});

test('what is not called is not streamed either, nor what begins too late', async () => {
  await using there = await site(() => {});
  const fetch = door();
  assert.deepEqual(await fetch.stream({ url: there.url, timeoutMs: 100 }), { failed: 'timeout' });
  assert.ok('refused' in (await fetch.stream({ url: 'http://169.254.169.254/', timeoutMs: 100 })));
  await fetch.close();
  assert.deepEqual(await fetch.stream({ url: there.url, timeoutMs: 100 }), { failed: 'this server is stopping' });
});
