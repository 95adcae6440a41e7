import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { contacts, cseq, from, header, headerAll, to, via, vias } from './headers.ts';
import type { SipMessage, SipRequest } from './message.ts';
import { maxHeaders, maxMessageBytes, parseMessage } from './parse.ts';
import { printMessage } from './print.ts';
import { respond } from './respond.ts';
import { StreamSplitter } from './stream-splitter.ts';
import { text } from './uri.ts';

const folder = new URL('../../test/fixtures/rfc4475/', import.meta.url);
const torture = (name: string): Uint8Array => readFileSync(new URL(`${name}.dat`, folder));
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.dat'))
  .map((file) => file.slice(0, -4));
interface Expected {
  readonly section: string;
  readonly outcome: 'valid' | 'malformed';
  readonly answer?: number | null;
}
const expected: Readonly<Record<string, Expected>> = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8'));

const parsed = (bytes: Uint8Array | string): SipMessage => {
  const message = parseMessage(Buffer.from(bytes));
  return message.type === 'malformed' ? assert.fail(message.reason) : message;
};
const requestText = (more: string, body = ''): string =>
  `OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n${more}\r\n${body}`;

test('every torture message of RFC 4475 has the outcome that the RFC allows', () => {
  assert.deepEqual(names.toSorted(), Object.keys(expected).toSorted());
  for (const name of names) {
    const message = parseMessage(torture(name));
    const due = expected[name]!;
    assert.equal(
      message.type === 'malformed' ? 'malformed' : 'valid',
      due.outcome,
      `${name}: ${message.type === 'malformed' ? message.reason : ''}`,
    );
    if (message.type !== 'malformed') continue;
    assert.equal(message.answerable === undefined ? null : message.status, due.answer, name);
    if (message.answerable === undefined) continue;
    const answer = printMessage(respond(message.answerable, message.status, { toTag: 't' }));
    assert.match(Buffer.from(answer).toString(), /^SIP\/2\.0 (400 Bad Request|505 Version Not Supported)\r\nVia: SIP/, name);
  }
});

test('what valid torture messages say survives printing', () => {
  for (const name of names.filter((each) => expected[each]!.outcome === 'valid')) {
    const message = parsed(torture(name));
    const again = parsed(printMessage(message));
    const strip = ({ headers, ...rest }: SipMessage) => ({ ...rest, headers: headers.filter(([each]) => each !== 'Content-Length') });
    assert.deepEqual(strip(again), strip(message), name);
  }
});

test('the short tortuous INVITE is read to its last blank (RFC 4475 §3.1.1.1)', () => {
  const message = parsed(torture('wsinv')) as SipRequest;
  assert.equal(message.uri, 'sip:vivekg@chair-dnrc.example.com;unknownparam');
  assert.equal(to(message)?.params.get('tag'), '1918181833n');
  assert.equal(from(message)?.name, 'J Rosenberg \\"');
  assert.equal(from(message)?.params.get('tag'), '98asjd8');
  assert.deepEqual(cseq(message), { number: 9, method: 'INVITE' });
  assert.deepEqual(
    vias(message)?.map((each) => [each.protocol, each.host, each.params.get('branch')]),
    [
      ['UDP', '192.0.2.2', '390skdjuw'],
      ['TCP', 'spindle.example.com', 'z9hG4bK9ikj8'],
      ['UDP', '192.168.255.111', 'z9hG4bK30239'],
    ],
  );
  const list = contacts(message);
  assert.equal(list === '*' ? undefined : list?.[0]?.name, 'Quoted string ""');
  assert.equal(list === '*' ? undefined : list?.[0]?.params.get('q'), '0.33');
  assert.equal(header(message, 'newfangledheader'), 'newfangled value continued newfangled value');
  assert.equal(header(message, 'Subject'), '');
});

test('escapes and odd characters mean what RFC 4475 says', () => {
  assert.equal(to(parsed(torture('esc01')))?.uri.user, 'user');
  assert.equal(from(parsed(torture('esc01')))?.uri.user, 'I have spaces');
  assert.equal(to(parsed(torture('escnull')))?.uri.user, 'null-\0-null');
  assert.equal(to(parsed(torture('intmeth')))?.name, 'BEL:\x07 NUL:\0 DEL:\x7f');
  assert.equal(headerAll(parsed(torture('esc02')), 'Contact').length, 2);
  const unreason = parsed(torture('unreason'));
  assert.equal(unreason.type === 'response' && text(unreason.reason), '= 2**3 * 5**2 но сто девяносто девять - простое');
  assert.equal(from(parsed(torture('lwsdisp')))?.name, 'caller');
  assert.equal(parsed(torture('dblreq')).body.length, 0);
});

test('compact names, lists, IPv6 and rport are understood', () => {
  const message = parsed(
    'BYE sip:[2001:db8::1]:5061 SIP/2.0\r\nv: SIP/2.0/UDP [2001:db8::2]:5070;rport;branch=z9hG4bKa, SIP/2.0/TCP p\r\nf: <sip:a@b>;tag=1\r\nt: <sip:a@b>\r\ni: x\r\nCSeq: 1 BYE\r\nm: "a, b" <sip:x@y>, <sip:z@y;a=1,2>\r\nk: timer , 100rel\r\nl: 0\r\n\r\n',
  );
  const top = via(message);
  assert.deepEqual([top?.host, top?.port, top?.params.has('rport'), top?.params.get('rport')], ['2001:db8::2', 5070, true, undefined]);
  assert.deepEqual(headerAll(message, 'Contact'), ['"a, b" <sip:x@y>', '<sip:z@y;a=1,2>']);
  assert.deepEqual(headerAll(message, 'Supported'), ['timer', '100rel']);
});

test('line breaks by themselves are refused, and none can be printed into a header', () => {
  for (const bad of ['X-Y: a\nRoute: <sip:evil>\r\n', 'X-Y: a\rb\r\n'])
    assert.equal(parseMessage(Buffer.from(requestText(bad))).type, 'malformed');
  const message = parsed(requestText(''));
  const printed = printMessage({ ...message, headers: [...message.headers, ['Subject', 'a\r\nRoute: <sip:evil>']] });
  assert.equal(header(parsed(printed), 'Route'), undefined);
});

test('too long and too many is malformed', () => {
  assert.equal(parseMessage(new Uint8Array(maxMessageBytes + 1)).type, 'malformed');
  assert.equal(parseMessage(Buffer.from(requestText('X-Y: z\r\n'.repeat(maxHeaders)))).type, 'malformed');
  assert.equal(parseMessage(Buffer.from(requestText('X-Y: z\r\n'.repeat(maxHeaders - 5)))).type, 'request');
});

const token = fc.string({ unit: fc.constantFrom(...'abcXYZ019-.!%*_+`~'), minLength: 1, maxLength: 12 });
const value = fc.string({ unit: fc.constantFrom(...'abc XYZ019<>";=,:\xe9\x01'), maxLength: 30 }).map((each) => each.trim());
const body = fc.uint8Array({ maxLength: 60 }).map((each) => new Uint8Array(each));
const message: fc.Arbitrary<SipMessage> = fc
  .record({
    method: token,
    status: fc.integer({ min: 100, max: 699 }),
    reason: value,
    id: token,
    number: fc.nat(),
    extra: fc.array(fc.tuple(token, value)),
    body,
    ask: fc.boolean(),
  })
  .map(({ method, status, reason, id, number, extra, body, ask }) => {
    const headers: [string, string][] = [
      ['Via', `SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK${id}`],
      ...extra.map(([name, each]): [string, string] => [`X-A${name.toLowerCase().replaceAll('-', '')}`, each]),
      ['From', `<sip:${number}@example.com>;tag=${id}`],
      ['To', '"B" <sip:b@[::1]:5060;transport=tcp>'],
      ['Call-ID', id],
      ['CSeq', `${number} ${method}`],
      ['Content-Length', String(body.length)],
    ];
    return ask
      ? { type: 'request', method, uri: `sip:${number}@example.com`, headers, body }
      : { type: 'response', status, reason, headers, body };
  });

test('parse(print(message)) is the message, and print(parse(bytes)) the bytes', () => {
  fc.assert(
    fc.property(message, (each) => {
      const bytes = printMessage(each);
      const again = parsed(bytes);
      assert.deepEqual(again, each);
      assert.deepEqual(Buffer.from(printMessage(again)), Buffer.from(bytes));
    }),
  );
});

test('a stream gives the same messages however it is torn, and its keep-alives', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 4 }), fc.integer({ min: 1, max: 40 }), (messages, step) => {
      const pings = messages.flatMap((each) => [Buffer.from('\r\n\r\n'), Buffer.from(printMessage(each))]);
      const bytes = Buffer.concat(pings);
      const splitter = new StreamSplitter();
      const found: (SipMessage | 'ping')[] = [];
      for (let at = 0; at < bytes.length; at += step) {
        for (const each of splitter.push(bytes.subarray(at, at + step))) found.push(each === 'ping' ? each : parsed(each));
      }
      assert.deepEqual(
        found,
        messages.flatMap((each) => ['ping', each]),
      );
      assert.equal(splitter.overflow, false);
    }),
  );
});

test('a stream that makes no sense is given up', () => {
  const endless = new StreamSplitter();
  assert.deepEqual(endless.push(new Uint8Array(maxMessageBytes * 3).fill(97)), []);
  assert.equal(endless.overflow, true);
  const negative = new StreamSplitter();
  const [head] = negative.push(Buffer.from(requestText('Content-Length: -5\r\n', 'hello')));
  assert.equal(negative.overflow, true);
  const answer = parseMessage(head as Uint8Array);
  assert.ok(answer.type === 'malformed' && answer.answerable !== undefined);
  const huge = new StreamSplitter();
  huge.push(Buffer.from(requestText('l: 999999\r\n')));
  assert.equal(huge.overflow, true);
});

const mutated = fc
  .record({ name: fc.constantFrom(...names), changes: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }), cut: fc.nat() })
  .map(({ name, changes, cut }) => {
    const bytes = new Uint8Array(torture(name));
    for (const [at, to] of changes) bytes[at % bytes.length] = to;
    return cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes;
  });

test('no bytes make the parsers throw', () => {
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 300 })), (bytes) => {
      for (const each of [bytes, ...new StreamSplitter().push(bytes)]) {
        const found = each === 'ping' ? undefined : parseMessage(each);
        const readable = found?.type === 'malformed' ? found.answerable : found;
        if (readable === undefined) continue;
        for (const read of [via, vias, from, to, contacts, cseq]) read(readable);
        if (readable.type === 'request') printMessage(respond(readable, 400));
      }
    }),
    { numRuns: 500 },
  );
});
