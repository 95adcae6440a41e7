import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { acceptAnswer, answerOffer, describe, makeOffer, parseSdp, type SessionDescription, type Wishes } from './index.ts';

const local = { address: '192.0.2.1', port: 20_000, sessionId: '42', ptime: 20 };
const wishes: Wishes = { codecs: ['PCMU', 'PCMA'], order: 'theirs', encryption: 'off' };

const sdp = (...media: string[]): string =>
  ['v=0', 'o=alice 1 1 IN IP4 198.51.100.7', 's=-', 'c=IN IP4 198.51.100.7', 't=0 0', ...media, ''].join('\r\n');

function read(text: string): SessionDescription {
  const parsed = parseSdp(text);
  if ('malformed' in parsed) throw new TypeError(parsed.malformed);
  return parsed;
}

function answer(...media: string[]) {
  const negotiated = answerOffer(read(sdp(...media)), local, wishes);
  assert.ok(!('refused' in negotiated));
  return { ...negotiated.agreed, text: negotiated.print(1) };
}

test('static payload types need no rtpmap (RFC 3551 §6)', () => {
  const { codec, remote, text } = answer('m=audio 4000 RTP/AVP 8 0');
  assert.deepEqual(codec, { name: 'PCMA', payloadType: 8, clockRate: 8000, rate: 8000, ptime: 20 });
  assert.deepEqual(remote, { address: '198.51.100.7', port: 4000, rtcpPort: 4001 });
  assert.match(text, /\r\nm=audio 20000 RTP\/AVP 8\r\na=rtpmap:8 PCMA\/8000\r\n/);
  assert.match(text, /^v=0\r\no=- 42 1 IN IP4 192\.0\.2\.1\r\n/);
});

test('mapped codecs and telephone-event keep the payload types of the offer', () => {
  const { codec, telephoneEvent, text } = answer(
    'm=audio 4000 RTP/AVP 111 96 97',
    'a=rtpmap:111 opus/48000/2',
    'a=rtpmap:96 pcmu/8000',
    'a=rtpmap:97 telephone-event/8000',
    'a=fmtp:97 0-15',
  );
  assert.deepEqual([codec.name, codec.payloadType, telephoneEvent?.payloadType], ['PCMU', 96, 97]);
  assert.match(text, /m=audio 20000 RTP\/AVP 96 97\r\n/);
});

test('a telephone-event of another rate is not ours', () => {
  assert.equal(answer('m=audio 4000 RTP/AVP 0 97', 'a=rtpmap:97 telephone-event/48000').telephoneEvent, null);
});

test('a static number that is mapped to something else is not believed to be G.711', () => {
  assert.ok('refused' in answerOffer(read(sdp('m=audio 4000 RTP/AVP 0', 'a=rtpmap:0 opus/48000/2')), local, wishes));
});

test('other lines are refused with port 0, in order (RFC 3264 §6)', () => {
  const { text } = answer('m=video 5000 RTP/AVP 34', 'm=audio 4000 RTP/AVP 0', 'm=audio 4002 RTP/AVP 0', 'm=application 9 UDP/BFCP *');
  assert.deepEqual(
    text.split('\r\n').filter((line) => line.startsWith('m=')),
    ['m=video 0 RTP/AVP 34', 'm=audio 20000 RTP/AVP 0', 'm=audio 0 RTP/AVP 0', 'm=application 0 UDP/BFCP *'],
  );
});

test('nothing in common has no answer', () => {
  for (const media of [
    'm=audio 4000 RTP/AVP 18',
    'm=audio 4000 RTP/SAVP 0',
    'm=audio 0 RTP/AVP 0',
    'm=video 4000 RTP/AVP 34',
    'm=audio 4000 RTP/AVP 0\r\nc=IN IP4 host.example',
  ]) {
    assert.ok('refused' in answerOffer(read(sdp(media)), local, wishes), media);
  }
});

test('directions are mirrored, and who does not listen holds (RFC 3264 §6.1, §8.4)', () => {
  const rows = [
    ['sendrecv', 'sendrecv', false],
    ['sendonly', 'recvonly', true],
    ['recvonly', 'sendonly', false],
    ['inactive', 'inactive', true],
  ] as const;
  for (const [theirs, ours, held] of rows) {
    const agreed = answer('m=audio 4000 RTP/AVP 0', `a=${theirs}`);
    assert.deepEqual([agreed.direction, agreed.held], [ours, held], theirs);
    assert.match(agreed.text, new RegExp(`\r\na=${ours}\r\n`));
  }
});

test('c=0.0.0.0 is the old hold: nowhere to send, direction recvonly', () => {
  const { remote, direction, held } = answer('m=audio 4000 RTP/AVP 0', 'c=IN IP4 0.0.0.0');
  assert.deepEqual([remote, direction, held], [undefined, 'recvonly', true]);
});

test("the media's own c=, a=rtcp and IPv6 are believed", () => {
  const { remote } = answer('m=audio 4000 RTP/AVP 0', 'c=IN IP6 2001:db8::7', 'a=rtcp:4100');
  assert.deepEqual(remote, { address: '2001:db8::7', port: 4000, rtcpPort: 4100 });
  const six = answerOffer(read(sdp('m=audio 4000 RTP/AVP 0')), { ...local, address: '2001:db8::1' }, wishes);
  assert.match('print' in six ? six.print(3) : '', /o=- 42 3 IN IP6 2001:db8::1\r\ns=-\r\nc=IN IP6 2001:db8::1\r\n/);
});

test("packets have the far end's ptime in steps of 10, never above its maxptime", () => {
  const time = (...lines: string[]) => answer('m=audio 4000 RTP/AVP 0', ...lines).codec.ptime;
  assert.equal(time(), 20);
  assert.equal(time('a=ptime:30'), 30);
  assert.equal(time('a=ptime:34'), 30);
  assert.equal(time('a=ptime:5000'), 20);
  assert.equal(time('a=ptime:60', 'a=maxptime:45'), 40);
  assert.equal(time('a=ptime:banana'), 20);
});

test('an offer of ours and its answer', () => {
  const offered = describe(undefined, makeOffer({ local, wishes: { ...wishes, comfortNoise: false } }));
  assert.match(offered.body, /m=audio 20000 RTP\/AVP 0 8 101\r\n/);
  const agreed = acceptAnswer(read(sdp('m=audio 4000 RTP/AVP 8 101', 'a=rtpmap:101 telephone-event/8000')), offered, local);
  assert.ok(!('refused' in agreed));
  assert.deepEqual([agreed.codec.name, agreed.telephoneEvent], ['PCMA', { payloadType: 101, clockRate: 8000 }]);
  assert.ok('refused' in acceptAnswer(read(sdp('m=audio 0 RTP/AVP 8')), offered, local));
});

test('what is no description is malformed, never an exception', () => {
  for (const text of [
    '',
    'v=1',
    'v=0\r\n',
    sdp('m=audio 99999 RTP/AVP 0'),
    sdp('m=audio'),
    sdp('m=audio -1 RTP/AVP 0'),
    'v=0\r\n'.repeat(20_000),
  ]) {
    assert.ok('malformed' in parseSdp(text), text.slice(0, 60));
  }
});

test('random lines never throw, and every answer reads back', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(
      'm=audio 4000 RTP/AVP 0 8',
      'a=rtpmap:0 PCMU/8000',
      'c=IN IP4 0.0.0.0',
      'a=sendonly',
      'a=ptime:-1',
      'a=rtcp:x',
      '__proto__=1',
    ),
    fc.tuple(fc.constantFrom('m', 'a', 'c', 'o', 'b', 't'), fc.string()).map(([letter, rest]) => `${letter}=${rest}`),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      parseSdp(lines.join('\r\n'));
      const parsed = parseSdp(sdp(...lines));
      if ('malformed' in parsed) return;
      const negotiated = answerOffer(parsed, local, wishes);
      if ('print' in negotiated) assert.ok(!('malformed' in parseSdp(negotiated.print(1))), negotiated.print(1));
    }),
  );
});
