import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import { house } from '../../test/kit/calls-house.ts';
import { selfSigned } from '../../test/kit/certificate.ts';
import { peerSdp } from '../../test/kit/sip-peer.ts';
import { answerTo, header, parseSip, printSip, type SipText, uriOf } from '../../test/kit/sip-text.ts';
import { identityError, sipIdentities } from './secure.ts';

type House = Awaited<ReturnType<typeof house>>;

const ours = await selfSigned('pbx.test', ['127.0.0.1']);

/** One TLS connection to a house, and what it says and hears. */
class Line {
  readonly socket: TLSSocket;
  readonly #id: string;
  readonly #scheme: string;
  readonly #server: string;
  #number = 0;
  readonly #heard: SipText[] = [];

  constructor(socket: TLSSocket, { id, server, scheme }: { id: string; server: string; scheme: string }) {
    this.socket = socket;
    this.#id = id;
    this.#server = server;
    this.#scheme = scheme;
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => {
      for (const part of bytes.toString().split(/(?=SIP\/2\.0 \d{3} |(?:BYE|INVITE) sip)/)) {
        const message = parseSip(Buffer.from(part));
        if (message !== undefined) this.#heard.push(message);
      }
    });
  }

  static async to(at: House, { id, ca = ours.cert, scheme = 'sip' }: { id: string; ca?: string; scheme?: string }): Promise<Line> {
    const [host = '', port] = (at.calls.tlsAddress ?? '').split(':');
    const socket = connect({ host, port: Number(port), ca });
    await once(socket, 'secureConnect');
    return new Line(socket, { id, server: `${host}:${port}`, scheme });
  }

  say(method: string, { to = '<sip:3000@x>', body = '', contact = 'sip:peer@192.0.2.1;transport=tls' } = {}): void {
    const lines: [string, string][] = [
      ['Via', `SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK-${this.#id}-${++this.#number};rport`],
      ['Max-Forwards', '70'],
      ['From', '<sip:peer@example.org>;tag=peer'],
      ['To', to],
      ['Call-ID', this.#id],
      ['CSeq', `${method === 'ACK' ? this.#number - 1 : this.#number} ${method}`],
      ['Contact', `<${contact}>`],
      ['Content-Type', 'application/sdp'],
    ];
    this.socket.write(printSip(`${method} ${this.#scheme}:3000@${this.#server} SIP/2.0`, lines, body));
  }

  async hear(wants: (message: SipText) => boolean): Promise<SipText> {
    for (;;) {
      const at = this.#heard.findIndex(wants);
      if (at >= 0) return this.#heard.splice(at, 1)[0]!;
      await once(this.socket, 'data');
    }
  }
}

/** Also after an assertion that failed, or the file would never end. */
async function closed(at: House): Promise<void> {
  await at.calls.close();
  at.peer.close();
}

test('a call over TLS: Contact and Via say so, and the BYE takes the same connection', async (t) => {
  for (const [scheme, contact] of [
    ['sip', /^<sip:c{32}@127\.0\.0\.1:\d+;transport=tls>;isfocus$/],
    ['sips', /^<sips:c{32}@127\.0\.0\.1:\d+>;isfocus$/],
  ] as const) {
    const at = await house({ tls: { port: 0, context: () => ours } });
    t.after(() => closed(at));
    const line = await Line.to(at, { id: `tls-${scheme}`, scheme });
    t.after(() => line.socket.destroy());
    line.say('INVITE', { body: peerSdp() });
    const answer = await line.hear(({ status }) => status === 200);
    assert.match(header(answer, 'contact'), contact);
    assert.equal(uriOf(header(answer, 'contact')).includes(at.calls.tlsAddress ?? '-'), true, 'with the port of TLS');
    assert.match(header(answer, 'via'), /received=127\.0\.0\.1;rport=\d+/);
    line.say('ACK', { to: header(answer, 'to') });
    const { call } = await at.heardOf('call.answered');
    at.calls.hangUp(call as never, 'kicked');
    const bye = await line.hear(({ method }) => method === 'BYE');
    assert.match(header(bye, 'via'), new RegExp(`^SIP/2\\.0/TLS ${at.calls.tlsAddress};`));
    line.socket.write(answerTo(bye, '200 OK', { toTag: 'peer' }));
  }
});

test('a renewed certificate is shown to the next who comes; a broken one leaves the former; old connections live on', async (t) => {
  const next = await selfSigned('pbx.test', ['127.0.0.1']);
  let shown = ours;
  const at = await house({ tls: { port: 0, context: () => shown } });
  t.after(() => closed(at));
  const before = await Line.to(at, { id: 'before' });
  shown = next;
  const after = await Line.to(at, { id: 'after', ca: next.cert });
  shown = { cert: 'torn', key: 'torn' };
  const last = await Line.to(at, { id: 'last', ca: next.cert });
  for (const line of [before, after, last]) {
    line.say('OPTIONS');
    assert.equal((await line.hear(({ status }) => status > 0)).status, 200);
    line.socket.destroy();
  }
});

test('no TLS, no handshake, no harm: plain SIP and silence at the TLS port end with their connection', async (t) => {
  const at = await house({ tls: { port: 0, context: () => ours } });
  t.after(() => closed(at));
  const { connect: plain } = await import('node:net');
  const [host = '', port] = (at.calls.tlsAddress ?? '').split(':');
  const socket = plain({ host, port: Number(port) });
  await once(socket, 'connect');
  socket.on('error', () => {});
  const gone = once(socket, 'close');
  socket.write('OPTIONS sip:x SIP/2.0\r\n\r\n');
  await gone;
  const line = await Line.to(at, { id: 'fine' });
  line.say('OPTIONS');
  assert.equal((await line.hear(({ status }) => status > 0)).status, 200);
  line.socket.destroy();
  const without = await house();
  t.after(() => closed(without));
  assert.equal(without.calls.tlsAddress, undefined);
});

/** A telephone that listens with a certificate. */
async function listener(identity: { cert: string; key: string }): Promise<{ server: Server; port: number }> {
  const server = createServer(identity).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { server, port: typeof address === 'object' ? (address?.port ?? 0) : 0 };
}

test('a connection of ours proves whom it reaches: BYE goes to a trusted name only, unless checking is off', async () => {
  const stranger = await selfSigned('other.test', ['192.0.2.9']);
  const rows = [
    { far: ours, trust: [ours.cert], verify: true, arrives: true },
    { far: ours, trust: [], verify: true, arrives: false },
    { far: stranger, trust: [stranger.cert], verify: true, arrives: false },
    { far: stranger, trust: [], verify: false, arrives: true },
  ];
  for (const [n, { far, trust, verify, arrives }] of rows.entries()) {
    const { server, port } = await listener(far);
    let byes = 0;
    server.on('secureConnection', (socket) => {
      socket.on('error', () => {});
      socket.on('data', (bytes: Buffer) => {
        const bye = parseSip(bytes);
        if (bye?.method !== 'BYE') return;
        byes += 1;
        socket.write(answerTo(bye, '200 OK', { toTag: 'peer' }));
      });
    });
    const at = await house({ tls: { port: 0, context: () => ours, trust, verify } });
    const line = await Line.to(at, { id: `out-${n}` });
    line.say('INVITE', { body: peerSdp(), contact: `sip:peer@127.0.0.1:${port};transport=tls` });
    const answer = await line.hear(({ status }) => status === 200);
    line.say('ACK', { to: header(answer, 'to'), contact: `sip:peer@127.0.0.1:${port};transport=tls` });
    const { call } = await at.heardOf('call.answered');
    line.socket.destroy();
    await once(line.socket, 'close');
    // The server has seen the end of the connection once a later one was served.
    const later = await Line.to(at, { id: `later-${n}` });
    later.say('OPTIONS');
    await later.hear(({ status }) => status === 200);
    at.calls.hangUp(call as never, 'kicked');
    await at.calls.close();
    assert.equal(byes, arrives ? 1 : 0, `row ${n}`);
    later.socket.destroy();
    server.close();
    at.peer.close();
  }
});

test('which SIP domains a certificate stands for (RFC 5922 §7.1, §7.2)', () => {
  assert.deepEqual(sipIdentities('DNS:pbx.test, DNS:*.pbx.test, IP Address:192.0.2.1'), ['pbx.test', '192.0.2.1']);
  assert.deepEqual(sipIdentities('DNS:pbx.test, URI:sip:voice.test, URI:sip:ann@voice.test, URI:https://x.test'), ['voice.test']);
  assert.deepEqual(sipIdentities('IP Address:2001:DB8:0:0:0:0:0:1'), ['2001:db8::1']);
  assert.deepEqual(sipIdentities(''), []);
  assert.equal(identityError('PBX.test', { subjectaltname: 'DNS:pbx.test' }), undefined);
  assert.match(String(identityError('a.pbx.test', { subjectaltname: 'DNS:*.pbx.test' })), /not for a\.pbx\.test/);
});
