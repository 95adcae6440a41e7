import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hearingMatrix } from '../kit/hearing.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { emptied, quiet } from '../kit/party.ts';
import { parseSdp, printSdp } from '../kit/phone-sdp.ts';
import { RtpLine } from '../kit/rtp-line.ts';
import { token } from '../kit/sip-line.ts';
import { SipStream } from '../kit/sip-stream.ts';
import { answerTo, header, parameter, type SipText, uriOf } from '../kit/sip-text.ts';
import { requestText } from '../kit/wire.ts';

let house: House;
before(async () => {
  house = await startHouse();
  await quiet(house);
});
after(() => house.close());

const offer = (port: number): string => printSdp({ port, codec: 'PCMU', ptime: 20, direction: 'sendrecv', version: 1 });

/** The bytes of an INVITE of 3000 over this connection, and what is needed to say more. */
function anInvite(stream: SipStream, port = 40_000) {
  const [callId, fromTag] = [token(), token()];
  const base = { from: stream.address, callId, fromTag, transport: 'TCP' } as const;
  const lines = [['Content-Type', 'application/sdp']] as const;
  return { base, text: requestText({ ...base, method: 'INVITE', uri: `sip:3000@${house.sip}`, lines, body: offer(port) }) };
}

const inside = (answer: SipText) => ({ toTag: parameter(header(answer, 'to'), 'tag'), uri: uriOf(header(answer, 'contact')) });

/** A call whose connection broke while it was talking, and a new connection of the same phone. */
async function broken() {
  const first = await SipStream.open(house.sip);
  const { base, text } = anInvite(first);
  await first.write(text);
  const answer = await first.answer(base.callId, '1 INVITE');
  await first.write(requestText({ ...base, ...inside(answer), method: 'ACK' }));
  await eventually(async () => (await participants(house, house.first.conference_id)).size === 1, 'nobody joined');
  first.end();
  const stream = await SipStream.open(house.sip);
  const ask = async (method: string, sequence: number): Promise<SipText> => {
    await stream.write(requestText({ ...base, ...inside(answer), from: stream.address, method, sequence }));
    return stream.answer(base.callId, `${sequence} ${method}`);
  };
  return { base, stream, ask };
}

test('a call over TCP hears and is heard; its Contact says tcp', async () => {
  const stream = await SipStream.open(house.sip);
  const rtp = await RtpLine.open({ hz: 790, codec: 'PCMU', ptime: 20 });
  const ben = await house.phone({ user: 'Ben', tone: 530 });
  await ben.call('3000');
  const { base, text } = anInvite(stream, rtp.port);
  await stream.write(text);
  const answer = await stream.answer(base.callId, '1 INVITE');
  assert.equal(answer.status, 200);
  assert.match(header(answer, 'contact'), /transport=tcp/i);
  assert.equal(answer.headers.filter(([name]) => name === 'content-length').length, 1);
  await stream.write(requestText({ ...base, ...inside(answer), method: 'ACK' }));
  const far = parseSdp(answer.body)!;
  rtp.aim({ address: far.address, port: far.port });
  await eventually(() => ben.hears().includes(790) && rtp.ear.hears().includes(530), 'they do not hear each other');
  await stream.write(requestText({ ...base, ...inside(answer), method: 'BYE', sequence: 2 }));
  assert.equal((await stream.answer(base.callId, '2 BYE')).status, 200);
  await hearingMatrix([ben], {});
  await ben.hangUp();
  rtp.close();
  stream.end();
  await emptied(house, house.first.conference_id);
});

test('one byte at a time, and several messages in one piece, are the same messages', async () => {
  const stream = await SipStream.open(house.sip);
  const { base, text } = anInvite(stream);
  for (const byte of Buffer.from(text)) await stream.write(Uint8Array.of(byte));
  const answer = await stream.answer(base.callId, '1 INVITE');
  assert.equal(answer.status, 200);
  const all = [
    requestText({ ...base, ...inside(answer), method: 'ACK' }),
    '\r\n\r\n',
    requestText({ ...base, ...inside(answer), method: 'OPTIONS', sequence: 2 }),
    requestText({ ...base, ...inside(answer), method: 'BYE', sequence: 3 }),
    requestText({ ...base, ...inside(answer), method: 'INFO', sequence: 4 }),
  ];
  await stream.write(all.join(''));
  const statuses = await Promise.all(['2 OPTIONS', '3 BYE', '4 INFO'].map((each) => stream.answer(base.callId, each)));
  assert.deepEqual(
    statuses.map(({ status }) => status),
    [200, 200, 481],
  );
  assert.equal(stream.pongs, 1);
  stream.end();
  await emptied(house, house.first.conference_id);
});

test('each double CRLF is answered with one CRLF, also in two pieces', async () => {
  const stream = await SipStream.open(house.sip);
  await stream.write('\r\n\r\n');
  await eventually(() => stream.pongs === 1, 'no pong');
  await stream.write('\r\n');
  await stream.write('\r\n');
  await eventually(() => stream.pongs === 2, 'no second pong');
  assert.equal(stream.got.length, 0);
  stream.end();
});

test('the connection breaks in a call: the call stays, and a new connection ends it', async () => {
  const { stream, ask } = await broken();
  assert.equal((await ask('OPTIONS', 2)).status, 200, 'the call is still known');
  assert.equal((await participants(house, house.first.conference_id)).size, 1);
  assert.equal((await ask('BYE', 3)).status, 200);
  await emptied(house, house.first.conference_id);
  stream.end();
});

test('whoever came over TCP gets his BYE over the connection that he used last', async () => {
  const { base, stream, ask } = await broken();
  await ask('INFO', 2);
  await house.act(`${house.first.conference_id}/participants`, 'kick');
  const bye = await eventually(() => stream.got.find(({ method }) => method === 'BYE'), 'no BYE');
  assert.equal(header(bye, 'call-id'), base.callId);
  assert.match(header(bye, 'via'), /^SIP\/2\.0\/TCP /);
  await stream.write(answerTo(bye, '200 OK', { toTag: base.fromTag }));
  await emptied(house, house.first.conference_id);
  stream.end();
});

test('a body that is too long, or of no length, ends the connection and nobody else', async () => {
  const other = await SipStream.open(house.sip);
  const text = (length: string): string =>
    requestText({ method: 'OPTIONS', uri: `sip:${house.sip}`, from: '127.0.0.1:5060', transport: 'TCP' }).replace(
      'Content-Length: 0',
      `Content-Length: ${length}`,
    );
  for (const length of ['70000', '99999999999', '-5', 'many']) {
    const stream = await SipStream.open(house.sip);
    await stream.write(text(length));
    await eventually(() => stream.closed, `Content-Length ${length} left the connection open`);
    assert.ok(
      stream.got.every(({ status }) => status === 400 || status === 413),
      stream.got.map(({ start }) => start).join(),
    );
  }
  const endless = await SipStream.open(house.sip);
  await endless.write(`OPTIONS sip:x SIP/2.0\r\nX: ${'x'.repeat(200_000)}`);
  await eventually(() => endless.closed, 'an endless head left the connection open');
  const callId = token();
  await other.write(requestText({ method: 'OPTIONS', uri: `sip:${house.sip}`, from: other.address, transport: 'TCP', callId }));
  assert.equal((await other.answer(callId, '1 OPTIONS')).status, 200);
  other.end();
});
