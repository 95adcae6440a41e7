import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stillThread } from '../../../test/kit/still-thread.ts';
import { stunAttributes, stunMessage } from '../../../test/kit/stun.ts';
import type { DtlsOrder, DtlsReport } from '../dtls/messages.ts';
import type { DtlsLine } from './browsers.ts';
import type { Signal } from './messages.ts';

const OURS = { ufrag: 'AAAAbbbb', pwd: 'our password of 24 bytes' };
const THEIRS = { ufrag: 'theirs', pwd: 'their password, 24 bytes' };
const PRINTS = [{ hash: 'sha-256', value: '00' }];
const HELLO = Buffer.from(`16fefd0000000000000000001001${'00'.repeat(15)}`, 'hex');
const USE_CANDIDATE: readonly [number, Uint8Array] = [0x25, new Uint8Array(0)];
const [SUCCESS, REFUSAL] = [0x101, 0x111];

/** The worker of DTLS, which does nothing but as the test says. */
class FakeLine implements DtlsLine {
  readonly orders: DtlsOrder[] = [];
  #hear: (report: DtlsReport) => void = () => {};

  postMessage(order: DtlsOrder): void {
    this.orders.push(order);
  }

  on(_: 'message', listener: (report: DtlsReport) => void): void {
    this.#hear = listener;
  }

  close(): void {}

  /** The id of the last association that was begun. */
  get id(): string {
    return this.orders.findLast((order) => order.do === 'begin')!.id;
  }

  say(report: DtlsReport): void {
    this.#hear(report);
  }

  keys(): void {
    this.say({
      say: 'keys',
      id: this.id,
      suite: 'AES_CM_128_HMAC_SHA1_80',
      ourKey: new Uint8Array(30),
      theirKey: new Uint8Array(30).fill(1),
    });
  }
}

/** A thread with one browser's leg. */
async function house() {
  const still = stillThread();
  const line = new FakeLine();
  still.thread.obey({ do: 'dtls', port: line as never });
  const ann = await still.open('ann', { webrtc: OURS, change: { webrtc: { remote: THEIRS, fingerprints: PRINTS } } });
  const far = (n: number) => still.network.far(`198.51.100.${100 + n}`, 5000 + n);
  const check = (from = ann.far, more: Partial<Parameters<typeof stunMessage>[0]> = {}): void =>
    from.send(stunMessage({ username: `${OURS.ufrag}:${THEIRS.ufrag}`, password: OURS.pwd, attributes: [USE_CANDIDATE], ...more }), ann.to);
  const run = (ms: number, each: () => void = () => {}): void => {
    for (let passed = 0; passed < ms; passed += 20) {
      each();
      still.clock.fake.advance(20);
    }
  };
  const answers = (from = ann.far) => from.got.map(({ bytes }) => Buffer.from(bytes)).filter((bytes) => bytes[0]! < 4);
  const kinds = (from = ann.far) => answers(from).map((bytes) => bytes.readUInt16BE(0));
  const signal = <T extends Signal['type']>(type: T) =>
    still.signals.filter((each) => each.type === type) as Extract<Signal, { type: T }>[];
  const metrics = () =>
    still.ask<{ checksRefused: number; dtlsIgnored: number; malformed: number; notAuthentic: number }>({ do: 'metrics' });
  const secure = (): void => {
    check();
    run(20);
    ann.far.send(HELLO, ann.to);
    run(20);
    line.keys();
    run(200);
  };
  return { ...still, line, ann, far, check, run, answers, kinds, signal, metrics, secure };
}

test('a signed check is answered with where it came from, signed with the same password', async () => {
  const { ann, check, run, answers } = await house();
  check(ann.far, { transaction: Buffer.from('0123456789ab') });
  run(20);
  const [answer] = answers();
  const mapped = stunAttributes(answer!).get(0x20)!;
  assert.equal(answer!.readUInt16BE(0), SUCCESS);
  assert.equal(answer!.subarray(8, 20).toString(), '0123456789ab');
  assert.equal(mapped.readUInt16BE(2) ^ 0x2112, 4000);
  const address = mapped.subarray(4).map((byte, n) => byte ^ answer![4 + n]!);
  assert.equal([...address].join('.'), ann.far.place.address);
  const again = stunMessage({
    type: SUCCESS,
    password: OURS.pwd,
    attributes: [[0x20, mapped]],
    transaction: Buffer.from('0123456789ab'),
  });
  assert.deepEqual(answer, again, 'MESSAGE-INTEGRITY and FINGERPRINT as the letters of the RFC have them');
});

test('no word to who does not know the password, or names nobody; both are counted', async () => {
  const { check, run, kinds, ann, metrics } = await house();
  check(ann.far, { password: 'another password' });
  check(ann.far, { username: 'nobody:x' });
  check(ann.far, { username: `${OURS.ufrag}x:y` });
  const unsigned = Buffer.from('000100142112a442000000000000000000000000', 'hex');
  const name = Buffer.from(`0006000c${Buffer.from(`${OURS.ufrag}:abc`).toString('hex')}00000000`, 'hex');
  ann.far.send(Buffer.concat([unsigned, name]), ann.to);
  run(20);
  assert.deepEqual(kinds(), []);
  assert.equal((await metrics()).checksRefused, 4);
  check();
  run(20);
  assert.deepEqual(kinds(), [SUCCESS]);
});

test('who believes that we control is told otherwise (487); what must be understood and is not is named (420)', async () => {
  const { check, run, answers, ann } = await house();
  check(ann.far, { attributes: [[0x8029, new Uint8Array(8)]] });
  check(ann.far, { attributes: [[0x7777, new Uint8Array(3)]] });
  run(20);
  const errors = answers().map((bytes) => [bytes.readUInt16BE(0), stunAttributes(bytes).get(9)!.toString('hex')]);
  assert.deepEqual(errors, [
    [REFUSAL, '00000457'],
    [REFUSAL, '00000414'],
  ]);
  assert.equal(stunAttributes(answers()[1]!).get(0x0a)!.toString('hex'), '7777');
});

test('DTLS is handed over only from where a check came from; what the worker says goes where the browser is', async () => {
  const { ann, check, run, line, far, metrics } = await house();
  const stranger = far(1);
  stranger.send(HELLO, ann.to);
  ann.far.send(HELLO, ann.to);
  run(20);
  assert.equal(line.orders.length, 0);
  assert.equal((await metrics()).dtlsIgnored, 2);
  check();
  run(20);
  ann.far.send(HELLO, ann.to);
  stranger.send(HELLO, ann.to);
  run(20);
  assert.deepEqual(
    line.orders.map((order) => order.do),
    ['begin', 'datagram'],
  );
  const begin = line.orders[0] as Extract<DtlsOrder, { do: 'begin' }>;
  assert.deepEqual([begin.address, begin.fingerprints], [ann.far.place.address, PRINTS]);
  line.say({ say: 'datagram', id: line.id, bytes: Uint8Array.of(22, 1, 2, 3) });
  assert.deepEqual(ann.far.got.at(-1)!.bytes, Uint8Array.of(22, 1, 2, 3));
  assert.equal(stranger.got.length, 0);
});

test('nothing in the clear: not a packet goes out before the keys, none that comes in is heard', async () => {
  const { ann, check, run, open, mix, secure, metrics } = await house();
  const ben = await open('ben');
  mix('room', ['ann', 'ben']);
  ben.says = (at) => 8000 * Math.sin(at / 3);
  ann.says = ben.says;
  check();
  run(300, () => {
    ann.say();
    ben.say();
  });
  assert.equal(ann.far.got.filter(({ bytes }) => bytes[0]! >> 6 === 2).length, 0);
  assert.ok((await metrics()).notAuthentic > 5);
  assert.ok(Math.max(...ben.sound().map(Math.abs)) < 100, 'silence');
  secure();
  ann.far.got.splice(0);
  run(200, () => ben.say());
  assert.ok(ann.far.got.filter(({ bytes }) => bytes[0]! >> 6 === 2 && bytes.length === 12 + 160 + 10).length > 5, 'sealed');
});

test('thirty seconds without a check: nothing more is sent, and it is told once; a check brings it back', async () => {
  const { ann, check, run, secure, signal, mix } = await house();
  mix('room', ['ann']);
  secure();
  run(29_000);
  assert.deepEqual(signal('media-lost'), []);
  run(2_000);
  const lost = signal('media-lost');
  assert.deepEqual(
    lost.map(({ leg, why }) => [leg, why]),
    [['ann', 'no-consent']],
  );
  assert.ok(lost[0]!.silentMs >= 30_000 && lost[0]!.silentMs < 30_200);
  ann.far.got.splice(0);
  run(1_000);
  assert.equal(ann.far.got.length, 0);
  check();
  run(200);
  assert.ok(ann.far.got.length > 5);
  run(35_000);
  assert.equal(signal('media-lost').length, 2);
});

test('who checks stays, however silent he is; who never checked is told as that', async () => {
  const { check, run, secure, signal, open } = await house();
  await open('cid', { webrtc: { ufrag: 'cidcidci', pwd: 'x'.repeat(24) }, change: { webrtc: { remote: THEIRS, fingerprints: PRINTS } } });
  secure();
  let passed = 0;
  run(70_000, () => {
    passed += 20;
    if (passed % 5000 === 0) check();
  });
  assert.deepEqual(
    signal('media-lost').map(({ leg, why }) => [leg, why]),
    [['cid', 'no-check']],
  );
  assert.deepEqual(
    signal('media-silent').map(({ leg }) => leg),
    ['ann'],
    'that he says nothing is told, and no more',
  );
});

test('no keys within 20 s after the first check: told once, and other fingerprints begin anew', async () => {
  const { ann, check, run, signal, line, thread } = await house();
  check();
  run(20);
  ann.far.send(HELLO, ann.to);
  let passed = 0;
  const keep = (): void => {
    passed += 20;
    if (passed % 1000 === 0) check();
  };
  run(25_000, keep);
  assert.deepEqual(
    signal('dtls-failed').map(({ leg, why }) => [leg, why]),
    [['ann', 'timeout']],
  );
  assert.equal(line.orders.at(-1)!.do, 'end');
  const orders = line.orders.length;
  ann.far.send(HELLO, ann.to);
  run(40);
  assert.equal(line.orders.length, orders);
  thread.obey({ do: 'change', leg: 'ann', change: { webrtc: { remote: THEIRS, fingerprints: [{ hash: 'sha-256', value: '01' }] } } });
  check();
  run(20);
  ann.far.send(HELLO, ann.to);
  run(40);
  assert.deepEqual(
    line.orders.slice(orders).map((order) => order.do),
    ['begin', 'datagram'],
  );
  line.keys();
  run(200);
  assert.equal(signal('connected').length, 1);
});

test('a hello behind the keys is anybody’s; after a restart of ICE it is the browser’s', async () => {
  const { ann, run, secure, line, thread, check, metrics } = await house();
  secure();
  const orders = line.orders.length;
  ann.far.send(HELLO, ann.to);
  run(20);
  assert.equal(line.orders.length, orders);
  assert.equal((await metrics()).dtlsIgnored, 1);
  const local = { ufrag: 'CCCCdddd', pwd: 'another one of 24 bytes.' };
  thread.obey({ do: 'change', leg: 'ann', change: { webrtc: { local, remote: THEIRS, fingerprints: PRINTS } } });
  check(ann.far, { username: `${local.ufrag}:x`, password: local.pwd });
  run(20);
  ann.far.send(HELLO, ann.to);
  run(20);
  assert.deepEqual(
    line.orders.slice(orders).map((order) => order.do),
    ['end', 'begin', 'datagram'],
  );
});

test('"later" begins nothing: the next hello does', async () => {
  const { ann, check, run, line, signal } = await house();
  check();
  run(20);
  ann.far.send(HELLO, ann.to);
  run(20);
  line.say({ say: 'later', id: line.id });
  ann.far.send(HELLO, ann.to);
  run(20);
  assert.deepEqual(
    line.orders.map((order) => order.do),
    ['begin', 'datagram', 'begin', 'datagram'],
  );
  line.keys();
  run(200);
  assert.equal(signal('connected').length, 1);
});

test('another worker of DTLS: who was in the middle of it is told, who has keys is not', async () => {
  const { ann, run, secure, thread, signal, open, check } = await house();
  const cid = await open('cid', {
    webrtc: { ufrag: 'cidcidci', pwd: 'x'.repeat(24) },
    change: { webrtc: { remote: THEIRS, fingerprints: PRINTS } },
  });
  secure();
  check(cid.far, { username: 'cidcidci:x', password: 'x'.repeat(24) });
  run(20);
  cid.far.send(HELLO, cid.to);
  run(20);
  thread.obey({ do: 'dtls', port: new FakeLine() as never });
  run(200);
  assert.deepEqual(
    signal('dtls-failed').map(({ leg, why }) => [leg, why]),
    [['cid', 'worker-died']],
  );
  assert.equal(ann.to.port, cid.to.port, 'they share a port');
});

test('where a telephone is, no browser can be: its sound stays its own', async () => {
  const { ann, check, run, kinds, open, metrics } = await house();
  const tel = await open('tel');
  run(100, () => tel.say());
  assert.equal(ann.to.port, tel.to.port);
  // Somebody who knows the password forges the telephone's address.
  tel.far.send(stunMessage({ username: `${OURS.ufrag}:x`, password: OURS.pwd, attributes: [USE_CANDIDATE] }), ann.to);
  run(20);
  assert.equal(kinds(tel.far).length, 0);
  assert.equal((await metrics()).checksRefused, 1);
  check();
  run(20);
  assert.deepEqual(kinds(), [SUCCESS]);
});

test('a ninth place is taken for the oldest that is not home', async () => {
  const { check, run, far, kinds, ann, signal, secure } = await house();
  secure();
  const places = Array.from({ length: 12 }, (_, n) => far(n));
  for (const place of places) {
    check(place, { attributes: [] });
    run(20);
  }
  assert.deepEqual(
    places.map((place) => kinds(place).length),
    new Array(12).fill(1),
  );
  assert.equal(signal('pair-moved').length, 0);
  check(places[11]!);
  run(200);
  assert.deepEqual(
    signal('pair-moved').map(({ from }) => from.port),
    [places[11]!.place.port],
  );
  run(1000);
  check(ann.far);
  run(200);
  assert.equal(signal('pair-moved').length, 2);
});

test('who jumps to and fro is followed at once, and told of once a second', async () => {
  const { ann, check, run, far, secure, signal, mix } = await house();
  mix('room', ['ann']);
  secure();
  const place = far(1);
  for (let n = 0; n < 100; n++) {
    check(n % 2 === 0 ? place : ann.far);
    run(20);
  }
  assert.ok(signal('pair-moved').length <= 3 && signal('pair-moved').length > 0);
  const sound = (end: typeof place): number => end.got.filter(({ bytes }) => bytes[0]! >> 6 === 2).length;
  assert.ok(Math.abs(sound(place) - sound(ann.far)) < 25 && sound(place) > 30, `${sound(place)} and ${sound(ann.far)}`);
});

test('whatever comes, the thread goes on', async () => {
  const { ann, check, run, kinds } = await house();
  const good = stunMessage({ username: `${OURS.ufrag}:x`, password: OURS.pwd, attributes: [USE_CANDIDATE] });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.uint8Array({ maxLength: 200 }).map((rest) => Uint8Array.from([...good.subarray(0, 20), ...rest])),
        fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, byte]) => Uint8Array.from(good, (each, n) => (n === at ? byte : each))),
        fc.nat(good.length).map((length) => good.subarray(0, length)),
        fc
          .tuple(fc.integer({ min: 20, max: 63 }), fc.uint8Array({ maxLength: 100 }))
          .map(([first, rest]) => Uint8Array.from([first, ...rest])),
      ),
      (bytes) => {
        ann.far.send(bytes, ann.to);
        run(20);
      },
    ),
    { numRuns: 500 },
  );
  ann.far.got.splice(0);
  check();
  run(20);
  assert.deepEqual(kinds(), [SUCCESS]);
});
