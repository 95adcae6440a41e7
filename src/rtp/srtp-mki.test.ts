import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SrtpReceiver } from './srtp-receiver.ts';
import { SrtpSender } from './srtp-sender.ts';
import { BAD_TAG, REPLAYED, SHORT, SRTP_ROOM, type SrtpSuite, sizesOf, srtpKeyLength, srtpSuites } from './srtp-suite.ts';

const keyOf = (suite: SrtpSuite): Uint8Array => Uint8Array.from({ length: srtpKeyLength(suite) }, (_, i) => (i * 37 + 11) & 255);

const rtp = (sequence: number): Uint8Array =>
  Uint8Array.from([0x80, 0, sequence >> 8, sequence & 255, 0, 0, 0, 1, 0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4, 5]);
const rtcp = (): Uint8Array => Uint8Array.from(Buffer.from('80c90001cafebabe81ca0002cafebabe0102616200000000', 'hex'));

/** What a far end sends whose packets have an MKI: RFC 3711 §3.1 and §3.4, RFC 7714 §8 and §9. */
function sealed(
  sender: SrtpSender,
  plain: Uint8Array,
  { suite, mki, isControl }: { suite: SrtpSuite; mki: Uint8Array; isControl: boolean },
): Uint8Array {
  const room = new Uint8Array(plain.length + SRTP_ROOM);
  room.set(plain);
  const length = isControl ? sender.protectControl(room, 0, plain.length) : sender.protect(room, 0, plain.length);
  const { isAead, tag, controlTag } = sizesOf(suite);
  const place = length - (isAead ? 0 : isControl ? controlTag : tag);
  return Uint8Array.from([...room.slice(0, place), ...mki, ...room.slice(place, length)]);
}

const open = (receiver: SrtpReceiver, bytes: Uint8Array, isControl: boolean): number =>
  isControl ? receiver.unprotectControl(bytes, 0, bytes.length) : receiver.unprotect(bytes, 0, bytes.length);

for (const suite of srtpSuites) {
  for (const isControl of [false, true]) {
    for (const mki of [Uint8Array.of(1), Uint8Array.of(0, 0, 0, 1), new Uint8Array(128).fill(9)]) {
      test(`${suite}, ${isControl ? 'RTCP' : 'RTP'}: an MKI of ${mki.length} bytes is taken out, another one is refused`, () => {
        const key = keyOf(suite);
        const sender = new SrtpSender({ suite, key });
        const receiver = new SrtpReceiver({ suite, key, mki });
        const plain = isControl ? rtcp() : rtp(7);
        const packet = sealed(sender, plain, { suite, mki, isControl });
        const taken = packet.slice();
        assert.equal(open(receiver, taken, isControl), plain.length);
        assert.deepEqual(taken.slice(0, plain.length), plain);
        const again = packet.slice();
        assert.equal(open(receiver, again, isControl), REPLAYED);
        assert.deepEqual(again, packet, 'what is refused stays as it was');
        const other = sealed(sender, isControl ? rtcp() : rtp(8), { suite, mki: mki.map((byte) => byte ^ 1), isControl });
        const refused = other.slice();
        assert.equal(open(receiver, refused, isControl), BAD_TAG);
        assert.deepEqual(refused, other);
        const broken = sealed(sender, isControl ? rtcp() : rtp(9), { suite, mki, isControl });
        broken[12] = broken[12]! ^ 1;
        const kept = broken.slice();
        assert.equal(open(receiver, broken, isControl), BAD_TAG);
        assert.deepEqual(broken, kept);
        const bare = sealed(sender, isControl ? rtcp() : rtp(10), { suite, mki: new Uint8Array(0), isControl });
        assert.ok(open(receiver, bare, isControl) < 0, 'without the MKI that was agreed on it is nothing');
        assert.equal(open(receiver, new Uint8Array(isControl ? 8 : 12).fill(0x80), isControl) < 0, true);
      });
    }
  }
}

test('a packet that is shorter than its MKI is short', () => {
  const suite = 'AES_CM_128_HMAC_SHA1_80';
  const receiver = new SrtpReceiver({ suite, key: keyOf(suite), mki: new Uint8Array(20) });
  assert.equal(receiver.unprotect(new Uint8Array(29), 0, 29), SHORT);
  assert.equal(receiver.unprotect(new Uint8Array(100), 90, 40), SHORT);
});
