import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as werift from 'werift';
import { SrtpReceiver } from './srtp-receiver.ts';
import { SrtpSender } from './srtp-sender.ts';
import {
  BAD_TAG,
  EXHAUSTED,
  REPLAYED,
  SHORT,
  SRTP_ROOM,
  type SrtpSuite,
  sizesOf,
  srtpKeyLength,
  srtpSuites,
  TOO_OLD,
  UNENCRYPTED,
} from './srtp-suite.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const hex = (of: Uint8Array): string => Buffer.from(of).toString('hex');
const keyOf = (suite: SrtpSuite): Uint8Array => Uint8Array.from({ length: srtpKeyLength(suite) }, (_, i) => (i * 37 + 11) & 255);
const pair = (suite: SrtpSuite, key = keyOf(suite)): { sender: SrtpSender; receiver: SrtpReceiver } => ({
  sender: new SrtpSender({ suite, key }),
  receiver: new SrtpReceiver({ suite, key }),
});

interface Plain {
  readonly sequence: number;
  readonly ssrc?: number;
  readonly payload?: Uint8Array;
  /** CSRCs and extension, with the bits that announce them. */
  readonly first?: number;
  readonly extra?: Uint8Array;
}

function packet({
  sequence,
  ssrc = 0xdead_beef,
  payload = bytes('0102030405'),
  first = 0x80,
  extra = new Uint8Array(0),
}: Plain): Uint8Array {
  const header = new DataView(new ArrayBuffer(12));
  header.setUint8(0, first);
  header.setUint16(2, sequence & 0xffff);
  header.setUint32(4, (sequence * 160) >>> 0);
  header.setUint32(8, ssrc);
  return Uint8Array.from([...new Uint8Array(header.buffer), ...extra, ...payload]);
}

const report = (ssrc = 0xcafe_babe): Uint8Array => {
  const control = bytes('80c90001 00000000 81ca0002 00000000 01026162 00000000');
  new DataView(control.buffer).setUint32(4, ssrc);
  return control;
};

/** Protects a copy and gives the protected bytes, or the refusal. */
function protect(sender: SrtpSender, plain: Uint8Array, isControl = false): Uint8Array {
  const room = new Uint8Array(plain.length + SRTP_ROOM);
  room.set(plain);
  const length = isControl ? sender.protectControl(room, 0, plain.length) : sender.protect(room, 0, plain.length);
  assert.ok(length > 0, `refused: ${length}`);
  return room.slice(0, length);
}

const unprotect = (receiver: SrtpReceiver, sealed: Uint8Array): number => receiver.unprotect(sealed.slice(), 0, sealed.length);

function opened(receiver: SrtpReceiver, sealed: Uint8Array, isControl = false): string {
  const copy = sealed.slice();
  const length = isControl ? receiver.unprotectControl(copy, 0, copy.length) : receiver.unprotect(copy, 0, copy.length);
  assert.ok(length > 0, `refused: ${length}`);
  return hex(copy.subarray(0, length));
}

/** The suites that werift knows, by its numbers (RFC 5764 §4.1.2, RFC 7714 §14.2). */
const known: readonly (readonly [SrtpSuite, 1 | 7])[] = [
  ['AES_CM_128_HMAC_SHA1_80', 1],
  ['AEAD_AES_128_GCM', 7],
];

for (const [suite, profile] of known) {
  test(`${suite}: werift opens what we seal, and we what it seals, over a round of the numbers`, () => {
    const key = keyOf(suite);
    const { key: keyLength } = sizesOf(suite);
    const keys = {
      localMasterKey: Buffer.from(key.subarray(0, keyLength)),
      localMasterSalt: Buffer.from(key.subarray(keyLength)),
      remoteMasterKey: Buffer.from(key.subarray(0, keyLength)),
      remoteMasterSalt: Buffer.from(key.subarray(keyLength)),
    };
    const theirs = new werift.SrtpSession({ keys, profile });
    const theirControl = new werift.SrtcpSession({ keys, profile });
    const { sender, receiver } = pair(suite);
    for (let sequence = 65530; sequence < 65545; sequence++) {
      const plain = packet({ sequence, payload: Uint8Array.from({ length: 160 }, (_, i) => (i * sequence) & 255) });
      assert.equal(theirs.decrypt(Buffer.from(protect(sender, plain))).toString('hex'), hex(plain));
      const read = werift.RtpPacket.deSerialize(Buffer.from(plain));
      assert.equal(opened(receiver, theirs.encrypt(read.payload, read.header)), hex(plain));
    }
    for (let round = 0; round < 3; round++) {
      assert.equal(theirControl.decrypt(Buffer.from(protect(sender, report(), true))).toString('hex'), hex(report()));
      assert.equal(opened(receiver, theirControl.encrypt(Buffer.from(report())), true), hex(report()));
    }
  });
}

const plains = fc.record({
  ssrc: fc.integer({ min: 0, max: 0xffff_ffff }),
  sequence: fc.integer({ min: 0, max: 0x7fff }),
  payload: fc.uint8Array({ maxLength: 300 }),
  shape: fc.constantFrom(
    { first: 0x80, extra: '' },
    { first: 0x82, extra: 'aaaaaaaabbbbbbbb' },
    { first: 0x91, extra: 'aaaaaaaabede000110850000' },
  ),
});

for (const suite of srtpSuites) {
  test(`${suite}: what is opened is what was protected, at any place of a buffer, and the header stays readable`, () => {
    const { sender, receiver } = pair(suite);
    const used = new Set<string>();
    fc.assert(
      fc.property(plains, fc.nat(9), ({ ssrc, sequence, payload, shape }, at) => {
        // An SSRC may have one packet only here, for its numbers come in any order.
        if (used.has(`${ssrc}`) || used.size > 200) return;
        used.add(`${ssrc}`);
        const plain = packet({ ssrc, sequence, payload, first: shape.first, extra: bytes(shape.extra) });
        const header = plain.length - payload.length;
        const room = new Uint8Array(at + plain.length + SRTP_ROOM + 3).fill(0x77);
        room.set(plain, at);
        const sealed = sender.protect(room, at, plain.length);
        assert.equal(sealed, plain.length + sizesOf(suite).tag);
        assert.deepEqual(room.subarray(0, at), new Uint8Array(at).fill(0x77));
        assert.deepEqual(room.subarray(at + sealed), new Uint8Array(room.length - at - sealed).fill(0x77));
        assert.deepEqual(room.subarray(at, at + header), plain.subarray(0, header));
        if (payload.length > 8) assert.notDeepEqual(room.subarray(at + header, at + plain.length), payload);
        assert.equal(receiver.unprotect(room, at, sealed), plain.length);
        assert.deepEqual(room.subarray(at, at + plain.length), plain);
      }),
    );
  });

  test(`${suite}: one bit that is wrong anywhere is refused, and changes nothing`, () => {
    const { sender, receiver } = pair(suite);
    unprotect(receiver, protect(sender, packet({ sequence: 1 })));
    const sealed = protect(sender, packet({ sequence: 2, payload: bytes('000102030405060708090a0b0c0d0e0f1011') }));
    const control = protect(sender, report(), true);
    // The first byte says where the payload begins: a flip there may be torn as well.
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const forged = sealed.slice();
      forged[bit >> 3]! ^= 1 << (bit & 7);
      const before = hex(forged);
      const result = receiver.unprotect(forged, 0, forged.length);
      assert.ok(bit < 8 ? result < 0 : result === BAD_TAG || result === REPLAYED || result === TOO_OLD, `bit ${bit}: ${result}`);
      assert.equal(hex(forged), before, `bit ${bit}`);
    }
    for (let bit = 0; bit < control.length * 8; bit++) {
      const forged = control.slice();
      forged[bit >> 3]! ^= 1 << (bit & 7);
      const result = receiver.unprotectControl(forged, 0, forged.length);
      assert.ok(result === BAD_TAG || result === UNENCRYPTED || (bit < 8 && result === SHORT), `control bit ${bit}: ${result}`);
    }
    assert.equal(unprotect(receiver, sealed), sealed.length - sizesOf(suite).tag);
    assert.equal(opened(receiver, control, true), hex(report()));
  });

  test(`${suite}: rounds of the numbers with loss and reordering, several senders at once`, () => {
    const { sender, receiver } = pair(suite);
    const ssrcs = [1, 0x8000_0000, 0xffff_ffff, 0];
    const chance = fc.sample(fc.nat(99), { numRuns: 4000, seed: 7 });
    let drawn = 0;
    const draw = (): number => chance[drawn++ % chance.length]!;
    let held: { sealed: Uint8Array; plain: string }[] = [];
    // Steps of some hundred lost packets make three rounds affordable.
    for (let number = 60000; number < 4 * 65536; number += draw() < 90 ? 1 + draw() * 5 : 15000) {
      for (const ssrc of ssrcs) {
        const plain = packet({ sequence: number, ssrc });
        const sealed = protect(sender, plain);
        if (draw() < 10) continue;
        held.push({ sealed, plain: hex(plain) });
      }
      if (held.length < 12) continue;
      // Each SSRC's last three at most are turned round: inside the window only where the steps are small, so both are right or refused as too old.
      for (const each of held.reverse()) {
        const copy = each.sealed.slice();
        const length = receiver.unprotect(copy, 0, copy.length);
        if (length === TOO_OLD) continue;
        assert.equal(hex(copy.subarray(0, Math.max(0, length))), each.plain);
        assert.equal(unprotect(receiver, each.sealed), REPLAYED);
      }
      held = [];
    }
    const rounds = receiver.state().streams.map(({ index }) => Math.floor(index / 65536));
    assert.deepEqual(rounds, [3, 3, 3, 3]);
  });

  test(`${suite}: noise never throws and is never taken`, () => {
    const { sender, receiver } = pair(suite);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(90), fc.nat(90), fc.boolean(), (noise, at, length, valid) => {
        if (valid && at < noise.length) noise[at] = 0x80 | (noise[at]! & 0x1f);
        assert.ok(receiver.unprotect(noise.slice(), at, length) < 0);
        assert.ok(receiver.unprotectControl(noise.slice(), at, length) < 0);
        for (const result of [sender.protect(noise.slice(), at, length), sender.protectControl(noise.slice(), at, length)]) {
          assert.ok(Number.isInteger(result) && (result < 0 || at + result <= noise.length));
        }
      }),
      { numRuns: 500 },
    );
    assert.deepEqual(receiver.state(), { streams: [] });
  });
}

test('packets that overtake one another by less than the window are all opened, over two rounds', () => {
  for (const suite of ['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'] as const) {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { minLength: 300, maxLength: 300 }), (moves) => {
        const { sender, receiver } = pair(suite);
        // Up to 65536 the numbers leap, so that a second round comes soon.
        for (const sequence of [40000, 65386]) assert.ok(unprotect(receiver, protect(sender, packet({ sequence }))) > 0);
        const sent = moves.map((move, i) => ({
          sealed: protect(sender, packet({ sequence: 65387 + i })),
          place: i + move,
          lost: move % 10 === 9,
        }));
        const arrived = sent.filter(({ lost }) => !lost).sort((a, b) => a.place - b.place);
        for (const { sealed } of arrived) assert.ok(unprotect(receiver, sealed) > 0);
        const highest = moves.findLastIndex((move) => move % 10 !== 9);
        assert.equal(receiver.state().streams[0]!.index, 65387 + highest);
      }),
      { numRuns: 10 },
    );
  }
});

test('a packet is taken once, one from before the window never', () => {
  const { sender, receiver } = pair('AES_CM_128_HMAC_SHA1_32');
  const sealed = Array.from({ length: 300 }, (_, sequence) => protect(sender, packet({ sequence })));
  for (const number of [0, 2, 1, 130, 200]) assert.ok(unprotect(receiver, sealed[number]!) > 0, `${number}`);
  assert.deepEqual(
    [0, 2, 72].map((number) => unprotect(receiver, sealed[number]!)),
    [TOO_OLD, TOO_OLD, TOO_OLD],
  );
  assert.deepEqual(
    [73, 130, 199, 200].map((number) => unprotect(receiver, sealed[number]!) > 0),
    [true, false, true, false],
  );
  for (const number of [73, 130, 199, 200]) assert.equal(unprotect(receiver, sealed[number]!), REPLAYED, `${number}`);
});

test('SRTCP: taken once, its index counts by itself, and an unencrypted one is refused', () => {
  const { sender, receiver } = pair('AES_CM_128_HMAC_SHA1_80');
  const sealed = Array.from({ length: 3 }, () => protect(sender, report(), true));
  assert.equal(opened(receiver, sealed[2]!, true), hex(report()));
  assert.equal(opened(receiver, sealed[0]!, true), hex(report()));
  assert.equal(receiver.unprotectControl(sealed[2]!.slice(), 0, sealed[2]!.length), REPLAYED);
  const plain = sealed[1]!.slice();
  plain[plain.length - 14]! &= 0x7f;
  assert.equal(receiver.unprotectControl(plain, 0, plain.length), UNENCRYPTED);
  assert.equal(new DataView(sealed[2]!.buffer).getUint32(sealed[2]!.length - 14), 0x8000_0002);
});

test('the first packets around 65536 may be lost', () => {
  for (const suite of srtpSuites) {
    const { sender, receiver } = pair(suite);
    for (const sequence of [65534, 65535]) protect(sender, packet({ sequence }));
    const plain = packet({ sequence: 65537 });
    assert.equal(opened(receiver, protect(sender, plain)), hex(plain));
    assert.equal(receiver.state().streams[0]!.index, 65537);
  }
});

test('a sender does not use an index twice', () => {
  const { sender } = pair('AEAD_AES_128_GCM');
  for (const sequence of [500, 501]) protect(sender, packet({ sequence }));
  const room = new Uint8Array(100);
  const again = (sequence: number): number => {
    room.set(packet({ sequence }));
    return sender.protect(room, 0, 17);
  };
  assert.deepEqual([again(501), again(500), again(300)], [REPLAYED, REPLAYED, TOO_OLD]);
});

test('both sides go on after a restart where they were', () => {
  for (const suite of srtpSuites) {
    const key = keyOf(suite);
    const { sender, receiver } = pair(suite);
    for (const sequence of [65000, 65530, 65538]) unprotect(receiver, protect(sender, packet({ sequence })));
    const old = protect(sender, packet({ sequence: 65539 }));
    unprotect(receiver, old);
    const control = protect(sender, report(), true);
    assert.equal(opened(receiver, control, true), hex(report()));
    // Plain values: they survive JSON.
    const [sent, received] = [sender.state(), receiver.state()].map((state) => JSON.parse(JSON.stringify(state)));
    const sender2 = new SrtpSender({ suite, key, state: sent });
    const receiver2 = new SrtpReceiver({ suite, key, state: received });
    assert.equal(unprotect(receiver2, old), REPLAYED);
    assert.equal(receiver2.unprotectControl(control.slice(), 0, control.length), REPLAYED);
    const plain = packet({ sequence: 65545 });
    assert.equal(opened(receiver2, protect(sender2, plain)), hex(plain));
    assert.equal(receiver2.state().streams[0]!.index, 65545);
    const next = protect(sender2, report(), true);
    assert.equal(opened(receiver2, next, true), hex(report()));
    assert.ok(
      sender2.state().streams.some(({ controlIndex }) => controlIndex > 60_000),
      'no SRTCP index is used twice',
    );
  }
});

test('no room for the tag, a key of the wrong length, too many SSRCs', () => {
  const { sender, receiver } = pair('AES_CM_128_HMAC_SHA1_80');
  assert.equal(sender.protect(packet({ sequence: 1 }), 0, 17), SHORT);
  assert.equal(sender.protectControl(report(), 0, 24), SHORT);
  assert.equal(sender.protect(new Uint8Array(70_000).fill(0x80), 0, 66_000), SHORT, 'longer than UDP');
  assert.throws(() => new SrtpSender({ suite: 'AEAD_AES_128_GCM', key: new Uint8Array(30) }), RangeError);
  for (let ssrc = 0; ssrc < 256; ssrc++) assert.ok(unprotect(receiver, protect(sender, packet({ ssrc, sequence: 9 }))) > 0);
  const room = new Uint8Array(40);
  room.set(packet({ ssrc: 256, sequence: 9 }));
  assert.equal(sender.protect(room, 0, 17), EXHAUSTED);
  const another = protect(pair('AES_CM_128_HMAC_SHA1_80').sender, packet({ ssrc: 256, sequence: 9 }));
  const before = hex(another);
  assert.equal(receiver.unprotect(another, 0, another.length), EXHAUSTED);
  assert.equal(hex(another), before);
  assert.ok(protect(sender, packet({ ssrc: 255, sequence: 10 })).length > 0);
});
