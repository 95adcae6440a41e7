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

test("a room's interval is sent and offered; only the far end's maxptime is stronger", () => {
  const sent = (...media: string[]) => {
    const negotiated = answerOffer(read(sdp('m=audio 4000 RTP/AVP 0', ...media)), local, { ...wishes, interval: 40 });
    assert.ok(!('refused' in negotiated));
    assert.match(negotiated.print(1), new RegExp(`\r\na=ptime:${negotiated.agreed.codec.ptime}\r\n`));
    return negotiated.agreed.codec.ptime;
  };
  assert.deepEqual([sent(), sent('a=ptime:20'), sent('a=ptime:20', 'a=maxptime:30')], [40, 40, 30]);
  const offered = describe(undefined, makeOffer({ local, wishes: { ...wishes, interval: 40 } }));
  assert.match(offered.body, /\r\na=ptime:40\r\n/);
  const agreed = acceptAnswer(read(sdp('m=audio 4000 RTP/AVP 0', 'a=ptime:20')), offered, { ptime: 20, interval: 40 });
  assert.ok(!('refused' in agreed) && agreed.codec.ptime === 40);
});

test('an offer of ours and its answer', () => {
  const offered = describe(undefined, makeOffer({ local, wishes: { ...wishes, comfortNoise: false } }));
  assert.match(offered.body, /m=audio 20000 RTP\/AVP 0 8 101\r\n/);
  const agreed = acceptAnswer(read(sdp('m=audio 4000 RTP/AVP 8 101', 'a=rtpmap:101 telephone-event/8000')), offered, local);
  assert.ok(!('refused' in agreed));
  assert.deepEqual([agreed.codec.name, agreed.telephoneEvent], ['PCMA', { payloadType: 101, clockRate: 8000 }]);
  assert.ok('refused' in acceptAnswer(read(sdp('m=audio 0 RTP/AVP 8')), offered, local));
});

/** The reason why an offer is refused, if it is. */
function reason(media: readonly string[], wanted: Wishes = wishes): string | undefined {
  const negotiated = answerOffer(read(sdp(...media)), local, wanted);
  return 'refused' in negotiated ? negotiated.refused : undefined;
}

test('a refusal has a reason, that of the first line with audio, and words for a Warning header', () => {
  assert.equal(reason([]), 'no-audio');
  assert.equal(reason(['m=video 4000 RTP/AVP 34']), 'no-audio');
  assert.equal(reason(['m=audio 0 RTP/AVP 0', 'm=audio 4000 RTP/AVP 18']), 'no-usable-codec');
  assert.equal(reason(['m=audio 4000 RTP/AVP 0', 'c=IN IP4 host.example']), 'no-address');
  assert.equal(reason(['m=audio 4000 UDP/TLS/RTP/SAVP 0']), 'profile-unknown');
  assert.equal(reason(['m=audio 4000 RTP/SAVP 0']), 'encryption-off');
  assert.equal(reason(['m=audio 4000 RTP/AVP 18', 'm=audio 4002 RTP/SAVP 0']), 'no-usable-codec');
  const negotiated = answerOffer(read(sdp('m=audio 4000 RTP/AVP 18')), local, wishes);
  assert.ok('words' in negotiated && /^[\w ().,=-]+$/.test(negotiated.words));
});

test('who chooses the codec: we by our list, or they by theirs', () => {
  const chosen = (order: 'ours' | 'theirs') => {
    const negotiated = answerOffer(read(sdp('m=audio 4000 RTP/AVP 18 0 8')), local, { ...wishes, codecs: ['G722', 'PCMA', 'PCMU'], order });
    return 'refused' in negotiated ? undefined : negotiated.agreed.codec.name;
  };
  assert.equal(chosen('ours'), 'PCMA');
  assert.equal(chosen('theirs'), 'PCMU');
});

test('rtcp-mux is accepted when it is offered and wished (RFC 5761 §5.1.1)', () => {
  const mux = (wanted: Partial<Wishes>, ...media: string[]) => {
    const negotiated = answerOffer(read(sdp(...media)), local, { ...wishes, ...wanted });
    assert.ok(!('refused' in negotiated));
    const { rtcpMux, remote } = negotiated.agreed;
    assert.equal(/\r\na=rtcp-mux\r\n/.test(negotiated.print(1)), rtcpMux);
    return [rtcpMux, remote?.rtcpPort];
  };
  assert.deepEqual(mux({}, 'm=audio 4000 RTP/AVP 0', 'a=rtcp-mux', 'a=rtcp:9'), [true, 4000]);
  assert.deepEqual(mux({}, 'm=audio 4000 RTP/AVP 0'), [false, 4001]);
  assert.deepEqual(mux({ rtcpMux: false }, 'm=audio 4000 RTP/AVP 0', 'a=rtcp-mux'), [false, 4001]);
  // RFC 5761 §4: with its marker set, payload type 72 cannot be told from a sender report.
  assert.deepEqual(mux({}, 'm=audio 4000 RTP/AVP 72', 'a=rtpmap:72 PCMU/8000', 'a=rtcp-mux'), [false, 4001]);
  assert.deepEqual(mux({}, 'm=audio 4000 RTP/AVP 0', 'a=rtcp-mux-only'), [true, 4000]);
  assert.equal(reason(['m=audio 4000 RTP/AVP 0', 'a=rtcp-mux-only'], { ...wishes, rtcpMux: false }), 'mux-only');
});

test('the audio level is accepted under its id from those who send it (RFC 8285 §5)', () => {
  const level = (...values: string[]) => {
    const agreed = answer('m=audio 4000 RTP/AVP 0', ...values.map((value) => `a=extmap:${value}`));
    return [agreed.audioLevelId, /a=extmap:.*/.exec(agreed.text)?.[0]];
  };
  const urn = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';
  assert.deepEqual(level(`2 urn:other`, `5 ${urn} vad=on`), [5, `a=extmap:5/recvonly ${urn}`]);
  assert.deepEqual(level(`14/sendonly ${urn}`), [14, `a=extmap:14/recvonly ${urn}`]);
  for (const not of [`5/recvonly ${urn}`, `5/inactive ${urn}`, `15 ${urn}`, `0 ${urn}`, `x ${urn}`, `5 ${urn}s`]) {
    assert.deepEqual(level(not), [null, undefined], not);
  }
});

test('noise goes with the codec of its clock (RFC 3389 §4)', () => {
  assert.equal(answer('m=audio 4000 RTP/AVP 0 13').comfortNoise, 13);
  assert.match(answer('m=audio 4000 RTP/AVP 0 13').text, /m=audio 20000 RTP\/AVP 0 13\r\n/);
  assert.equal(answer('m=audio 4000 RTP/AVP 0 96', 'a=rtpmap:96 CN/16000').comfortNoise, null);
});

test('addresses: digits of one host', () => {
  const address = (connection: string) => {
    const line = read(sdp('m=audio 4000 RTP/AVP 0', `c=${connection}`)).media[0];
    return line?.blackhole ? 'hold' : line?.address;
  };
  for (const good of ['192.0.2.7', '2001:db8::7', '::1', '::ffff:192.0.2.7', '1:2:3:4:5:6:7:8', 'fe80::1']) {
    assert.equal(address(`IN IP${good.includes(':') ? 6 : 4} ${good}`), good);
  }
  for (const hold of ['IN IP4 0.0.0.0', 'IN IP6 ::', 'IN IP6 0:0:0:0:0:0:0:0']) assert.equal(address(hold), 'hold', hold);
  for (const bad of [
    'IN IP4 224.2.1.1/127',
    'IN IP4 255.255.255.255',
    'IN IP6 ff02::1',
    'IN IP4 256.1.1.1',
    'IN IP4 1.2.3',
    'IN IP6 1:2:3',
    'IN IP6 1::2::3',
    'IN IP6 :::',
    'IN IP6 12345::1',
    'IN IP6 fe80::1%eth0',
    'IN IP6 1:2:3:4:5:6:7:8:9',
    'IN IP4 example.org',
    'ATM NSAP 47.0091',
  ]) {
    assert.equal(address(bad), undefined, bad);
  }
});

test('a direction said once holds for all lines that say none', () => {
  const text = sdp('m=audio 4000 RTP/AVP 0').replace('t=0 0', 't=0 0\r\na=sendonly');
  assert.equal(read(text).media[0]?.direction, 'sendonly');
  assert.equal(read(`${text}a=recvonly\r\n`).media[0]?.direction, 'recvonly');
});

test('o= may hold a name with spaces; its numbers are kept as they stood', () => {
  const text = sdp('m=audio 4000 RTP/AVP 0').replace('o=alice 1 1', 'o=Alice from Sales 18446744073709551615 007');
  assert.deepEqual(read(text).origin, { sessionId: '18446744073709551615', version: '007' });
});

test('long lines are passed over, 200 payload types with their maps are not too many', () => {
  const many = Array.from({ length: 200 }, (_, index) => 40 + index);
  const offer = [
    `m=audio 4000 RTP/AVP ${many.join(' ')} 8`,
    ...many.flatMap((each) => [`a=rtpmap:${each} X-${each}/8000`, `a=fmtp:${each} mode=1;annex=${each}`]),
    `a=x:${'y'.repeat(5000)}`,
    `a=rtcp:4100 ${'y'.repeat(2000)}`,
  ];
  const { codec, remote } = answer(...offer);
  assert.deepEqual([codec.name, codec.payloadType, remote?.rtcpPort], ['PCMA', 8, 4001]);
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
    sdp() + 'a=x\r\n'.repeat(1000),
    sdp(...Array.from({ length: 17 }, () => 'm=audio 4000 RTP/AVP 0')),
    sdp(`m=audio 4000 RTP/AVP ${'0 '.repeat(1000)}`),
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
