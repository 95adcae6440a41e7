import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { house } from '../../test/kit/calls-house.ts';
import { peerSdp } from '../../test/kit/sip-peer.ts';
import { answerTo, header, parseSip, printSip, type SipText } from '../../test/kit/sip-text.ts';

/** The next message on a connection that fits. */
async function hear(socket: Socket, wants: (message: SipText) => boolean): Promise<SipText> {
  for (;;) {
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    for (const part of bytes.toString().split(/(?=SIP\/2\.0 \d{3} )/)) {
      const message = parseSip(Buffer.from(part));
      if (message !== undefined && wants(message)) return message;
    }
  }
}

test('a call over TCP: the BYE takes the same connection, and the Contact when that is gone', async (t) => {
  for (const gone of [false, true]) {
    const at = await house();
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const contact = `<sip:peer@127.0.0.1:${(listener.address() as AddressInfo).port};transport=tcp>`;
    const [host = '', port] = at.calls.address.split(':');
    const socket = connect({ host, port: Number(port) });
    await once(socket, 'connect');
    // Also after an assertion that failed, or the file would never end.
    const open = [socket];
    t.after(async () => {
      await at.calls.close();
      for (const each of open) each.destroy();
      listener.close();
      at.peer.close();
    });
    const say = (method: string, to: string, body = ''): void => {
      const lines: [string, string][] = [
        ['Via', `SIP/2.0/TCP 127.0.0.1:${socket.localPort};branch=z9hG4bK-${method}-${gone}`],
        ['Max-Forwards', '70'],
        ['From', '<sip:peer@example.org>;tag=peer'],
        ['To', to],
        ['Call-ID', `tcp-${gone}`],
        ['CSeq', `1 ${method}`],
        ['Contact', contact],
        ['Content-Type', 'application/sdp'],
      ];
      socket.write(printSip(`${method} sip:3000@${at.calls.address} SIP/2.0`, lines, body));
    };
    say('INVITE', '<sip:3000@x>', peerSdp());
    const answer = await hear(socket, ({ status }) => status === 200);
    assert.match(header(answer, 'contact'), /;transport=tcp>;isfocus$/);
    say('ACK', header(answer, 'to'));
    const { call } = await at.heardOf('call.answered');
    let way = socket;
    if (gone) {
      const called = once(listener, 'connection') as Promise<[Socket]>;
      socket.destroy();
      await once(socket, 'close');
      // The server has seen the end of the connection once a later one was served.
      at.peer.request('OPTIONS');
      await at.peer.answer('OPTIONS');
      at.calls.hangUp(call as never, 'kicked');
      [way] = await called;
      open.push(way);
    } else at.calls.hangUp(call as never, 'kicked');
    const bye = await hear(way, ({ method }) => method === 'BYE');
    assert.match(header(bye, 'via'), /^SIP\/2\.0\/TCP /);
    way.write(answerTo(bye, '200 OK', { toTag: 'peer' }));
  }
});
