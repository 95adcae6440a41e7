import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { house } from '../../test/kit/calls-house.ts';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { peerSdp } from '../../test/kit/sip-peer.ts';
import { answerTo, digestAnswer, header, parseSip, printSip, type SipText } from '../../test/kit/sip-text.ts';
import type { SipWebSocket } from './options.ts';

type House = Awaited<ReturnType<typeof house>>;

/** A browser as JsSIP and SIP.js are: it names hosts that do not exist, because it knows none of its own. */
class Browser {
  readonly heard: SipText[] = [];
  readonly frames: (string | Uint8Array)[] = [];
  readonly host = 'df7jal23ls0d.invalid';
  readonly #send: (text: string | Uint8Array) => void;
  readonly #server: string;
  readonly #via: 'WS' | 'WSS';
  #waiting: { wants: (message: SipText) => boolean; resolve: (message: SipText) => void }[] = [];
  #number = 0;

  constructor(send: (text: string | Uint8Array) => void, { server, via = 'WS' }: { server: string; via?: 'WS' | 'WSS' }) {
    this.#send = send;
    this.#server = server;
    this.#via = via;
  }

  take(frame: string | Uint8Array): void {
    this.frames.push(frame);
    const message = parseSip(Buffer.from(frame));
    if (message === undefined) return;
    const waiting = this.#waiting.find((each) => each.wants(message));
    if (waiting === undefined) return void this.heard.push(message);
    this.#waiting = this.#waiting.filter((each) => each !== waiting);
    waiting.resolve(message);
  }

  hear(wants: (message: SipText) => boolean): Promise<SipText> {
    const at = this.heard.findIndex(wants);
    if (at >= 0) return Promise.resolve(this.heard.splice(at, 1)[0]!);
    return new Promise((resolve) => this.#waiting.push({ wants, resolve }));
  }

  final(method: string): Promise<SipText> {
    return this.hear(({ status, headers }) => status >= 200 && headers.some(([name, value]) => name === 'cseq' && value.endsWith(method)));
  }

  say(method: string, more: Record<string, string> = {}, { uri = `sip:3000@${this.#server}`, body = '' } = {}): void {
    const number = method === 'ACK' ? this.#number : ++this.#number;
    const lines = {
      Via: `SIP/2.0/${this.#via} ${this.host};branch=z9hG4bK-${method}-${number}`,
      'Max-Forwards': '70',
      From: '<sip:peer@example.org>;tag=browser',
      To: '<sip:3000@x>',
      'Call-ID': 'of-browser',
      CSeq: `${number} ${method}`,
      Contact: `<sip:abc@${this.host};transport=ws>`,
      ...(body === '' ? {} : { 'Content-Type': 'application/sdp' }),
      ...more,
    };
    this.#send(printSip(`${method} ${uri} SIP/2.0`, Object.entries(lines), body).toString());
  }

  raw(data: string | Uint8Array): void {
    this.#send(data);
  }

  answer(request: SipText): void {
    this.#send(answerTo(request, '200 OK', { toTag: 'browser' }).toString());
  }

  /** Registers as desk. */
  async register(more: Record<string, string> = {}): Promise<SipText> {
    const uri = 'sip:one.test';
    const who = { From: '<sip:desk@one.test>;tag=r', To: '<sip:desk@one.test>', ...more };
    this.say('REGISTER', who, { uri });
    const challenged = await this.final('REGISTER');
    const how = { user: 'desk', password: 'secret', method: 'REGISTER', uri };
    this.say('REGISTER', { ...who, Authorization: digestAnswer(header(challenged, 'www-authenticate'), how) }, { uri });
    return this.final('REGISTER');
  }
}

/** A browser and the two ends of its websocket in memory. */
function connected(at: House, { port = 50_000, secure = false, bufferedAmount = 0 } = {}) {
  let take: (frame: string | Uint8Array) => void = () => {};
  let gone: () => void = () => {};
  const state = { closed: false };
  const browser = new Browser((data) => take(data), { server: at.calls.address, via: secure ? 'WSS' : 'WS' });
  const close = (): void => {
    if (state.closed) return;
    state.closed = true;
    gone();
  };
  const socket: SipWebSocket = {
    send: (data) => browser.take(data),
    close,
    onMessage: (each) => {
      take = each;
    },
    onClose: (each) => {
      gone = each;
    },
    bufferedAmount,
  };
  at.calls.adopt(socket, { address: '198.51.100.7', port, secure });
  return { browser, close, state };
}

test('a browser calls: one message per frame, Via and Contact of its kind, BYE over its connection', async () => {
  for (const secure of [false, true]) {
    const at = await house();
    const { browser } = connected(at, { secure });
    browser.say('INVITE', {}, { body: peerSdp() });
    const answer = await browser.final('INVITE');
    assert.equal(answer.status, 200);
    assert.match(header(answer, 'contact'), /^<sip:c{32}@127\.0\.0\.1:\d+;transport=ws>;isfocus$/);
    assert.match(header(answer, 'via'), /df7jal23ls0d\.invalid;branch=[^;]+;received=198\.51\.100\.7$/);
    browser.say('ACK', { To: header(answer, 'to') });
    const { call } = await at.heardOf('call.answered');
    at.calls.hangUp(call as never, 'kicked');
    const bye = await browser.hear(({ method }) => method === 'BYE');
    assert.equal(bye.uri, 'sip:abc@df7jal23ls0d.invalid;transport=ws');
    assert.match(header(bye, 'via'), secure ? /^SIP\/2\.0\/WSS / : /^SIP\/2\.0\/WS /);
    browser.answer(bye);
    assert.ok(browser.frames.every((each) => typeof each === 'string' && parseSip(Buffer.from(each)) !== undefined));
    await at.calls.close();
    at.peer.close();
  }
});

test('keep-alives are answered, rubbish is not, and a message of more than 64 KiB ends the connection', async () => {
  const at = await house();
  const { browser, state } = connected(at);
  browser.raw('\r\n\r\n');
  assert.deepEqual(browser.frames, ['\r\n']);
  for (const each of ['', '\r\n', 'hello', Uint8Array.of(0xff, 0xfe), 'SIP/2.0 200 OK\r\n\r\n']) browser.raw(each);
  assert.equal(browser.frames.length, 1);
  assert.equal(state.closed, false);
  // A frame ends its message; Content-Length is not needed.
  const lines = ['OPTIONS sip:x SIP/2.0', 'Via: SIP/2.0/WS a.invalid;branch=z9hG4bKx', 'From: <sip:a@x>;tag=a', 'To: <sip:x>'];
  browser.raw([...lines, 'Call-ID: x', 'CSeq: 1 OPTIONS', '', ''].join('\r\n'));
  assert.equal((await browser.final('OPTIONS')).status, 200);
  browser.raw(Buffer.alloc(70_000, 120));
  assert.equal(state.closed, true);
  await at.calls.close();
  at.peer.close();
});

test('a registration lives as long as its connection, and no longer than its server', async () => {
  const at = await house();
  const first = connected(at, { port: 50_001 });
  const other = connected(at, { port: 50_002 });
  assert.equal((await first.browser.register({ 'Call-ID': 'one' })).status, 200);
  const both = await other.browser.register({ 'Call-ID': 'two', Contact: '<sip:other@elsewhere.invalid;transport=ws>' });
  assert.equal(both.headers.filter(([name]) => name === 'contact').length, 2);
  assert.deepEqual([...at.registrations.values()].map(({ source }) => source).toSorted(), [
    'ws:198.51.100.7:50001',
    'ws:198.51.100.7:50002',
  ]);
  first.close();
  assert.equal(at.calls.counts().registrations, 1);
  await at.calls.close();
  assert.equal(at.registrations.size, 1, 'a stop forgets nothing');
  const again = await at.open();
  assert.equal(again.counts().registrations, 0);
  await again.close();
  assert.equal(at.registrations.size, 0);
  at.peer.close();
});

test('a call whose websocket is gone ends without waiting for anybody', async () => {
  const clock = new FakeClock();
  const at = await house({ clock });
  const { browser, close } = connected(at);
  browser.say('INVITE', {}, { body: peerSdp() });
  const answer = await browser.final('INVITE');
  browser.say('ACK', { To: header(answer, 'to') });
  const { call } = await at.heardOf('call.answered');
  close();
  at.calls.hangUp(call as never, 'kicked');
  await at.heardOf('call.ended');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(at.calls.counts().calls, 0);
  await at.calls.close();
  at.peer.close();
  assert.equal(clock.armed, 0);
});

test('a websocket too many, one that reads nothing and one that says nothing are closed', async () => {
  const clock = new FakeClock();
  const at = await house({ clock, limits: { maxWebSockets: 2 } });
  const lazy = connected(at, { port: 1, bufferedAmount: 2_000_000 });
  const silent = connected(at, { port: 2 });
  assert.equal(connected(at, { port: 3 }).state.closed, true);
  lazy.browser.say('OPTIONS');
  assert.equal(lazy.state.closed, true);
  clock.advance(3_000_000);
  silent.browser.raw('\r\n\r\n');
  clock.advance(3_000_000);
  assert.equal(silent.state.closed, false);
  clock.advance(700_000);
  assert.equal(silent.state.closed, true);
  clock.advance(32_000);
  await at.calls.close();
  at.peer.close();
  assert.equal(clock.armed, 0);
});

test('a real websocket over HTTP, subprotocol sip: call, hang up', async () => {
  const at = await house();
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const sockets = new WebSocketServer({ server: http, path: '/sip', handleProtocols: (offered) => (offered.has('sip') ? 'sip' : false) });
  sockets.on('connection', (socket, request) => {
    const { remoteAddress = '', remotePort = 0 } = request.socket;
    at.calls.adopt(
      {
        send: (data) => socket.send(data),
        close: () => socket.close(),
        onMessage: (take) => void socket.on('message', (data: Buffer, binary) => take(binary ? data : data.toString())),
        onClose: (gone) => void socket.once('close', () => gone()),
        get bufferedAmount() {
          return socket.bufferedAmount;
        },
      },
      { address: remoteAddress, port: remotePort, secure: false },
    );
  });
  const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}/sip`, 'sip');
  await once(client, 'open');
  assert.equal(client.protocol, 'sip');
  const browser = new Browser((data) => client.send(data), { server: at.calls.address });
  client.on('message', (data: Buffer) => browser.take(data.toString()));
  browser.say('INVITE', {}, { body: peerSdp() });
  const answer = await browser.final('INVITE');
  browser.say('ACK', { To: header(answer, 'to') });
  await at.heardOf('call.answered');
  browser.say('BYE', { To: header(answer, 'to') });
  assert.equal((await browser.final('BYE')).status, 200);
  assert.equal((await at.heardOf('call.ended'))['reason'], 'hung-up');
  const closed = once(client, 'close');
  await at.calls.close();
  await closed;
  sockets.close();
  http.close();
  at.peer.close();
});
