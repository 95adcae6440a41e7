import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type NameAddr, parseHostPort, parseNameAddr, parseParams, parseUri, printNameAddr, printUri, text, type Uri } from './uri.ts';

test('reads the parts of a SIP URI (RFC 3261 §19.1.3)', () => {
  const uri = parseUri('SIPS:al%69ce;day=tue:pa%20ss@[2001:db8::9]:5061;transport=TCP;LR?subject=x&to=a%40b');
  assert.deepEqual(uri, {
    scheme: 'sips',
    user: 'alice;day=tue',
    password: 'pa ss',
    host: '2001:db8::9',
    port: 5061,
    params: new Map([
      ['transport', 'TCP'],
      ['lr', undefined],
    ]),
    headers: 'subject=x&to=a%40b',
  });
  assert.deepEqual(parseUri('tel:+358-555;phone-context=x')?.opaque, '+358-555;phone-context=x');
});

test('what is no URI is refused', () => {
  const bad = [
    '',
    'sip:',
    'a@b',
    'sip:a b@c',
    'sip:<a@b>',
    'sip:a@b@c',
    'sip:@b',
    'sip:a@',
    'sip:a@b:',
    'sip:a@b:70000',
    'sip:a%4@b',
    'sip:a@b;;x',
    'sip:a@b;x=1;x=2',
    'sip:a@[::1',
    ' sip:a@b',
    '1x:y',
    'tel:',
  ];
  for (const each of bad) assert.equal(parseUri(each), undefined, each);
});

test('name-addr and addr-spec: to whom a parameter belongs (RFC 3261 §20)', () => {
  assert.equal(parseNameAddr('sip:a@b;tag=1')?.params.get('tag'), '1');
  assert.equal(parseNameAddr('<sip:a@b;tag=1>')?.params.has('tag'), false);
  assert.equal(parseNameAddr('"J\xc3\xbcrgen \\"x\\"" <sip:a@b>')?.name, 'Jürgen "x"');
  assert.equal(parseNameAddr('Dr. Who <sip:a@b>;expires=60;+sip.instance="<urn:uuid:1>"')?.params.get('+sip.instance'), '"<urn:uuid:1>"');
  for (const bad of [
    '',
    '<sip:a@b',
    '"x <sip:a@b>',
    '"x" y <sip:a@b>',
    '< sip:a@b>',
    'sip:a@b?x=y',
    '<sip:a@b> x',
    '<sip:a@b>;tag=1;tag=2',
  ]) {
    assert.equal(parseNameAddr(bad), undefined, bad);
  }
});

const word = fc.string({ unit: fc.constantFrom(...'abcxyz019-_.'), minLength: 1, maxLength: 8 }).map((each) => each.toLowerCase());
const params = fc.array(fc.tuple(word, fc.option(word, { nil: undefined })), { maxLength: 3 }).map((each) => new Map(each));
const readable = fc.string({ unit: fc.constantFrom(...'aZ0 @:;?<>"%\\é漢\0'), minLength: 1, maxLength: 10 });
const uri: fc.Arbitrary<Uri> = fc
  .record(
    { scheme: fc.constantFrom('sip', 'sips'), host: fc.oneof(word, fc.constantFrom('::1', '2001:db8::1', '192.0.2.1')), params },
    { noNullPrototype: true },
  )
  .chain((base) =>
    fc
      .record({ user: readable, port: fc.nat(65_535), bare: fc.boolean() })
      .map(({ user, port, bare }) => (bare ? base : { ...base, user, port })),
  );
const nameAddr: fc.Arbitrary<NameAddr> = fc
  .record({ name: readable.map((each) => each.trim()), uri, params })
  .map(({ name, ...rest }) => (name === '' ? rest : { name, ...rest }));

test('what is printed is read back', () => {
  fc.assert(fc.property(uri, (each) => assert.deepEqual(parseUri(printUri(each)), each)));
  fc.assert(fc.property(nameAddr, (each) => assert.deepEqual(parseNameAddr(printNameAddr(each)), each)));
});

test('no text makes the readers throw', () => {
  const any = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...'sip:<>@;"\\%?,=[]a0 \xff') }).map((each) => `sip:${each}`),
  );
  fc.assert(
    fc.property(any, (each) => {
      for (const read of [parseUri, parseNameAddr, parseHostPort, parseParams, text]) read(each);
    }),
    { numRuns: 1_000 },
  );
});
