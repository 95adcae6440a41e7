import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HmacSha1 } from './hmac-sha1.ts';
import { BINDING_REQUEST, isStun, STUN_ANSWER, StunView } from './stun.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

test('tells a STUN message by its first byte and its cookie, RFC 7983 §7 and RFC 8489 §5', () => {
  // The header of the sample request of RFC 5769 §2.1, wherever it lies.
  const header = '0001 0058 2112a442 b7e7a701 bc34d686 fa87dfae';
  assert.equal(isStun(bytes(header), 0, 20), true);
  assert.equal(isStun(bytes(`ffffff ${header}`), 3, 20), true);
  assert.equal(isStun(bytes(header), 0, 19), false, 'cut off');
  assert.equal(isStun(bytes(header.replace('2112a442', '2112a443')), 0, 20), false, 'another cookie');
  assert.equal(isStun(bytes(header.replace('0001', '8001')), 0, 20), false, 'RTP that carries the same bytes');
});

/** RFC 5769 §2.1: the request, and the password it is signed with. */
const REQUEST = `0001 0058 2112a442 b7e7a701 bc34d686 fa87dfae
  8022 0010 5354554e 20746573 7420636c 69656e74  0024 0004 6e0001ff  8029 0008 932ff9b1 51263b36
  0006 0009 6576746a 3a683676 59202020  0008 0014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2  8028 0004 e57a3bcf`;
const PASSWORD = new HmacSha1(Buffer.from('VOkJxbRl1RmTxUk/WvJxBt'));
const compact = (hex: string): Uint8Array => bytes(hex.replaceAll(/\s/g, ''));

test('the request of RFC 5769 §2.1, wherever it lies', () => {
  const request = compact(`ffffff ${REQUEST} eeee`);
  const view = new StunView();
  assert.equal(view.read(request, 3, 108), true);
  assert.deepEqual(
    [view.type, view.usernameLength, view.isControlled, view.usesCandidate, view.unknown],
    [BINDING_REQUEST, 9, true, false, 0],
  );
  assert.equal(view.isFor(Buffer.from('evtj')), true);
  assert.equal(view.isFor(Buffer.from('evt')), false);
  assert.equal(view.isFor(Buffer.from('evtj:h6vY')), false);
  assert.equal(view.isSigned(PASSWORD), true);
  assert.equal(view.isSigned(new HmacSha1(Buffer.from('another'))), false);
  assert.deepEqual(request, compact(`ffffff ${REQUEST} eeee`), 'it is as it was');
});

test('one bit anywhere before its end, and it is not what was signed, or no STUN at all', () => {
  const request = compact(REQUEST);
  const view = new StunView();
  // What stands behind the signature, the FINGERPRINT, is not covered by it.
  for (let bit = 0; bit < (request.length - 8) * 8; bit++) {
    const torn = request.slice();
    torn[bit >> 3]! ^= 1 << (bit & 7);
    assert.equal(view.read(torn, 0, torn.length) && view.isSigned(PASSWORD), false, `bit ${bit}`);
  }
});

test('the addresses of the answers in RFC 5769 §2.2 and §2.3, mixed as there', () => {
  const view = new StunView();
  const request = compact(REQUEST);
  view.read(request, 0, request.length);
  assert.ok(view.isSigned(PASSWORD));
  const out = new Uint8Array(3 + STUN_ANSWER);
  const mapped = (address: Uint8Array): string => {
    const length = view.succeed(out, 3, { bytes: address, port: 32_853 });
    assert.ok(length <= STUN_ANSWER);
    assert.equal(new StunView().read(out, 3, length), true);
    return Buffer.from(out.subarray(3 + 20, 3 + 28 + address.length)).toString('hex');
  };
  assert.equal(mapped(Uint8Array.of(192, 0, 2, 1)), '002000080001a147e112a643');
  assert.equal(
    mapped(bytes('20010db8 1234 5678 0011 2233 4455 6677'.replaceAll(' ', ''))),
    '002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9',
  );
});

test('who has not signed gets no answer', () => {
  const view = new StunView();
  const request = compact(REQUEST);
  view.read(request, 0, request.length);
  assert.throws(() => view.succeed(new Uint8Array(200), 0, { bytes: new Uint8Array(4), port: 1 }), TypeError);
});

test('noise is never STUN that anybody signed, and never throws', () => {
  const view = new StunView();
  const head = compact(REQUEST).slice(0, 20);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), fc.boolean(), fc.nat(8), (rest, hasHead, at) => {
      const message = Uint8Array.from([...new Uint8Array(at), ...(hasHead ? head : []), ...rest]);
      if (hasHead) new DataView(message.buffer).setUint16(at + 2, rest.length);
      const isRead = view.read(message, at, message.length - at);
      assert.equal(isRead && view.isSigned(PASSWORD), false);
    }),
    { numRuns: 2000 },
  );
});
