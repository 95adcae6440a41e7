import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Guest } from '../kit/guest.ts';
import { hearingMatrix } from '../kit/hearing.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied } from '../kit/party.ts';
import { token } from '../kit/sip-line.ts';
import { TONES } from '../kit/sound.ts';
import { stunMessage } from '../kit/stun.ts';
import { requestText, Wire } from '../kit/wire.ts';

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

const CHROMIUM = readFileSync(new URL('../fixtures/sdp/chromium-audio.sdp', import.meta.url), 'utf8');
/** Chromium's offer with so many lines of a kind in its audio. */
const withLines = (count: number, line: (n: number) => string): string =>
  CHROMIUM.replace(/^a=mid:0$/m, () => ['a=mid:0', ...Array.from({ length: count }, (_, n) => line(n))].join('\r\n'));

const BOMBS: readonly (readonly [name: string, sdp: string])[] = [
  ['a thousand candidates', withLines(1000, (n) => `a=candidate:${n} 1 udp 1 10.0.0.1 ${1024 + n} typ host`)],
  ['candidates with words without end', withLines(90, (n) => `a=candidate:${n} 1 udp 1 10.0.0.1 9 typ host${' x y'.repeat(2000)}`)],
  ['five hundred media lines', CHROMIUM + 'm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:9\r\n'.repeat(500)],
  ['lines without end', withLines(9000, () => 'a=x')],
];

async function invite(room: string): Promise<string> {
  const { body } = await house.fetch('POST', `/api/conferences/${room}/invitations`, {
    headers: { authorization: `Bearer ${house.first.access_key}` },
    body: { name: 'Ann' },
  });
  return body.link.split('/').at(-1);
}

/** A figure of `/metrics`, all of its rows together. */
async function counted(name: string): Promise<number> {
  const { body } = await house.fetch('GET', '/metrics');
  return [...String(body).matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\d+)$`, 'gm'))].reduce((sum, [, value]) => sum + Number(value), 0);
}

test('descriptions that are bombs are refused within a moment, whoever sends them how: at the door, and from one who is in and goes on', async () => {
  const room = await aRoom(house);
  const code = await invite(room.id);
  const boss = await house.phone({ user: 'Boss', tone: TONES[0]! });
  await boss.call(room.moderators);
  await using ann = await Guest.open({ server: house.http, code, name: 'Ann', hz: TONES[1]! });
  await hearingMatrix([boss, ann], { Boss: ['Ann'], Ann: ['Boss'] });
  for (const [name, sdp] of BOMBS) {
    await using stranger = new Guest({ server: house.http, code, hz: TONES[2]! });
    await eventually(() => stranger.isOpen, 'no websocket');
    stranger.raw(JSON.stringify({ type: 'join', code, sdp }));
    await eventually(() => stranger.frames.length > 0 || stranger.closed !== undefined, `${name}: no word`, 3000);
    await eventually(() => stranger.closed !== undefined || stranger.last('problem')?.status === 400, `${name}: it is taken`, 3000);
    assert.equal(stranger.last('answer'), undefined, name);
    if (Buffer.byteLength(sdp) < 60_000) {
      ann.frames.length = 0;
      ann.say({ type: 'offer', sdp });
      assert.equal((await ann.hear('problem')).status, 400, name);
    }
  }
  const wire = await Wire.open({ server: house.sip });
  for (const [name, body] of BOMBS.filter(([, sdp]) => Buffer.byteLength(sdp) < 60_000)) {
    const callId = token();
    const uri = `sip:${room.number}@${house.sip}`;
    wire.send(
      requestText({
        from: wire.address,
        callId,
        fromTag: token(),
        method: 'INVITE',
        uri,
        lines: [['Content-Type', 'application/sdp']],
        body,
      }),
    );
    const answer = await eventually(() => wire.answersTo(callId).find(({ status }) => status >= 300), `${name}: no final answer`, 3000);
    assert.ok(answer.status === 400 || answer.status === 488, `${name}: ${answer.start}`);
  }
  wire.close();
  // A page that trickles is passed over; one that never ends is closed, and may come back.
  for (let n = 0; n < 1000; n += 1) ann.say({ type: 'candidate', candidate: `candidate:${n} 1 udp 1 10.0.0.1 ${n} typ host` });
  await eventually(() => ann.closed === 4004, 'a thousand candidates are read one by one');
  await hearingMatrix([boss, ann], { Boss: ['Ann'], Ann: ['Boss'] });
  assert.deepEqual([...(await participants(house, room.id)).keys()].sort(), ['Ann', 'Boss']);
  await house.act(`${room.id}/participants`, 'kick');
  await emptied(house, room.id);
});

test('a flood of DTLS and of checks from somewhere else is counted and answered by nothing; who is in hears on, and who comes gets in', async () => {
  const room = await aRoom(house);
  const code = await invite(room.id);
  const boss = await house.phone({ user: 'Boss', tone: TONES[0]! });
  await boss.call(room.moderators);
  await using ann = await Guest.open({ server: house.http, code, name: 'Ann', hz: TONES[1]! });
  await hearingMatrix([boss, ann], { Boss: ['Ann'], Ann: ['Boss'] });
  const { sdp } = ann.last('answer');
  const [, address = '', port] = /^a=candidate:\S+ 1 \S+ \d+ (\S+) (\d+)/im.exec(sdp) ?? [];
  const [, ufrag = ''] = /^a=ice-ufrag:(\S+)/m.exec(sdp) ?? [];
  const attacker = createSocket('udp4');
  attacker.bind(0, '127.0.0.1');
  await once(attacker, 'listening');
  let answers = 0;
  attacker.on('message', () => (answers += 1));
  const [ignored, refused] = await Promise.all([counted('parley_media_dtls_ignored_total'), counted('parley_media_checks_refused_total')]);
  const hello = Buffer.concat([Buffer.from([22, 254, 255, 0, 0, 0, 0, 0, 0, 0, 1, 0, 100, 1]), randomBytes(99)]);
  const check = stunMessage({ username: `${ufrag}:evil`, password: 'guessed-by-nobody-at-all' });
  const COUNT = 3000;
  for (let n = 0; n < COUNT; n += 1) {
    attacker.send(n % 2 === 0 ? hello : check, Number(port), address);
    // Not faster than the kernel keeps them.
    if (n % 100 === 99) await new Promise((wake) => setTimeout(wake, 10));
  }
  await eventually(
    async () => (await counted('parley_media_dtls_ignored_total')) - ignored > COUNT / 4,
    'DTLS from nowhere is not counted',
  );
  await eventually(
    async () => (await counted('parley_media_checks_refused_total')) - refused > COUNT / 4,
    'checks that are not signed are not counted',
  );
  await using cleo = await Guest.open({ server: house.http, code, name: 'Cleo', hz: TONES[2]! });
  await hearingMatrix([boss, ann, cleo], { Boss: ['Ann', 'Cleo'], Ann: ['Boss', 'Cleo'], Cleo: ['Ann', 'Boss'] });
  assert.equal(answers, 0, 'somebody who knows nothing is answered');
  attacker.close();
  await house.act(`${room.id}/participants`, 'kick');
  await emptied(house, room.id);
});
