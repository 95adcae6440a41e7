import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { Ear } from '../kit/ear.ts';
import { eventually, startHouse } from '../kit/house.ts';
import { token } from '../kit/sip-line.ts';
import { header, parameter, uriOf } from '../kit/sip-text.ts';
import { fromMuLaw, toMuLaw, tone } from '../kit/sound.ts';
import { requestText, Wire } from '../kit/wire.ts';

const has6 = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === '::1'));

/** A phone on ::1: says one tone, hears what comes. */
async function aPhone6(server: string, number: string, hz: number) {
  const wire = await Wire.open({ server, address: '::1' });
  const rtp = createSocket('udp6').bind(0, '::1');
  await once(rtp, 'listening');
  const ear = new Ear();
  rtp.on('message', (packet) => {
    if (packet.length > 12 && (packet[1]! & 0x7f) === 0) ear.take(Int16Array.from(packet.subarray(12), fromMuLaw));
  });
  const offer = `v=0\r\no=kit 1 1 IN IP6 ::1\r\ns=-\r\nc=IN IP6 ::1\r\nt=0 0\r\nm=audio ${rtp.address().port} RTP/AVP 0\r\na=sendrecv\r\n`;
  const [callId, fromTag] = [token(), token()];
  const base = { from: wire.address, callId, fromTag };
  const lines = [['Content-Type', 'application/sdp']] as const;
  wire.send(requestText({ ...base, method: 'INVITE', uri: `sip:${number}@${server}`, lines, body: offer }));
  const answer = await eventually(() => wire.answersTo(callId).find(({ status }) => status >= 200), 'no answer to INVITE');
  assert.equal(answer.status, 200, answer.start);
  const inside = { ...base, toTag: parameter(header(answer, 'to'), 'tag'), uri: uriOf(header(answer, 'contact')) };
  wire.send(requestText({ ...inside, method: 'ACK' }));
  const port = Number(/^m=audio (\d+)/m.exec(answer.body)?.[1]);
  let count = 0;
  const timer = setInterval(() => {
    const head = Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 6, 6, hz & 255, 6]);
    head.writeUInt16BE(count & 0xffff, 2);
    head.writeUInt32BE(count * 160, 4);
    rtp.send(Buffer.concat([head, Uint8Array.from(tone(hz, { from: count * 160, length: 160 }), toMuLaw)]), port, '::1');
    count += 1;
  }, 20);
  const hangUp = async (): Promise<void> => {
    clearInterval(timer);
    wire.send(requestText({ ...inside, method: 'BYE', sequence: 2 }));
    const answered = (): boolean => wire.answersTo(callId).some((each) => each.status === 200 && header(each, 'cseq') === '2 BYE');
    await eventually(answered, 'no answer to BYE');
    wire.close();
    rtp.close();
  };
  return { answer, ear, hangUp };
}

for (const sockets of ['auto', 'dgram']) {
  test(`over IPv6 (${sockets}) two phones hear each other`, { skip: has6 ? false : 'this machine has no ::1' }, async () => {
    await using house = await startHouse({ env: { PARLEY_HOST: '::1', PARLEY_MEDIA_SOCKETS: sockets } });
    assert.match(house.sip, /^\[::1\]:\d+$/);
    assert.equal((await fetch(`${house.http}/healthz`)).status, 200);
    const ann = await aPhone6(house.sip, '3000', 400);
    const ben = await aPhone6(house.sip, '3000', 660);
    assert.match(header(ann.answer, 'contact'), /^<sip:[0-9a-f]{32}@\[::1\]:\d+>;isfocus$/);
    assert.match(ann.answer.body, /^c=IN IP6 ::1\r$/m);
    const heard = () => [ann.ear.hears(), ben.ear.hears()];
    await eventually(() => heard().join('|') === '660|400', 'they do not hear each other');
    await ann.hangUp();
    await ben.hangUp();
  });
}
