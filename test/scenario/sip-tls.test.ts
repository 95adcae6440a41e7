import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { emptied, quiet } from '../kit/party.ts';
import { parseSdp, printSdp } from '../kit/phone-sdp.ts';
import { RtpLine } from '../kit/rtp-line.ts';
import { token } from '../kit/sip-line.ts';
import { SipStream } from '../kit/sip-stream.ts';
import { answerTo, header, parameter, uriOf } from '../kit/sip-text.ts';
import { SrtpRelay } from '../kit/srtp-relay.ts';
import { requestText } from '../kit/wire.ts';

let house: House;
before(async () => {
  house = await startHouse();
  await quiet(house);
});
after(() => house.close());

const keyBytes = { AES_CM_128_HMAC_SHA1_80: 30, AES_CM_128_HMAC_SHA1_32: 30, AEAD_AES_128_GCM: 28, AEAD_AES_256_GCM: 44 } as const;

for (const suite of Object.keys(keyBytes) as (keyof typeof keyBytes)[]) {
  test(`a call over TLS with ${suite} hears and is heard, and everything that comes is genuine; its BYE comes over TLS`, async () => {
    const stream = await SipStream.openTls(house.sips ?? '', readFileSync(join(house.dataDir, 'tls/own-cert.pem'), 'utf8'));
    const rtp = await RtpLine.open({ hz: 790, codec: 'PCMU', ptime: 20 });
    const relay = await SrtpRelay.open(rtp.port);
    const ben = await house.phone({ user: 'Ben', tone: 530 });
    await ben.call('3000');
    const key = randomBytes(keyBytes[suite]);
    const offer = printSdp({ port: relay.port, codec: 'PCMU', ptime: 20, direction: 'sendrecv', version: 1 })
      .replace('RTP/AVP', 'RTP/SAVP')
      .concat(`a=crypto:1 ${suite} inline:${key.toString('base64')}\r\na=rtcp-mux\r\n`);
    const base = { from: stream.address, callId: token(), fromTag: token(), transport: 'TLS' } as const;
    const uri = `sips:3000@${house.sips}`;
    await stream.write(requestText({ ...base, method: 'INVITE', uri, lines: [['Content-Type', 'application/sdp']], body: offer }));
    const answer = await stream.answer(base.callId, '1 INVITE');
    assert.equal(answer.status, 200, answer.start);
    assert.match(header(answer, 'contact'), /^<sips:/);
    assert.match(answer.body, /^m=audio \d+ RTP\/SAVP 0/m);
    const ours = new RegExp(`^a=crypto:1 ${suite} inline:(\\S+)\r$`, 'm').exec(answer.body)?.[1] ?? '';
    const far = parseSdp(answer.body)!;
    relay.join({ address: far.address, port: far.port }, { suite, phone: key, server: Buffer.from(ours, 'base64') });
    rtp.aim({ address: '127.0.0.1', port: relay.port });
    const inside = { ...base, toTag: parameter(header(answer, 'to'), 'tag'), uri: uriOf(header(answer, 'contact')) };
    await stream.write(requestText({ ...inside, method: 'ACK' }));
    await eventually(() => ben.hears().includes(790) && rtp.ear.hears().includes(530), 'they do not hear each other');
    await eventually(() => relay.seen.good > 10, 'too little came');
    assert.equal(relay.seen.bad, 0);
    const caller = [...(await participants(house, house.first.conference_id)).values()].find((each) => each.caller_id_name !== 'Ben');
    await house.act(`${house.first.conference_id}/participants/${caller.participant_id}`, 'kick');
    const bye = await eventually(() => stream.got.find(({ method }) => method === 'BYE'), 'no BYE over TLS');
    assert.match(header(bye, 'via'), /^SIP\/2\.0\/TLS /);
    await stream.write(answerTo(bye, '200 OK', { toTag: base.fromTag }));
    await ben.hangUp();
    rtp.close();
    relay.close();
    stream.end();
    await emptied(house, house.first.conference_id);
  });
}
