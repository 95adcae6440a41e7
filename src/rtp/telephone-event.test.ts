import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DigitReceiver } from './telephone-event.ts';

interface Event {
  readonly event: number;
  readonly timestamp: number;
  readonly end: boolean;
  readonly duration: number;
}

/** A key as RFC 4733 sends it: the same timestamp throughout, a growing duration, the end three times. */
function key(event: number, timestamp: number): Event[] {
  const at = (duration: number, end: boolean): Event => ({ event, timestamp, duration, end });
  return [at(160, false), at(320, false), at(480, false), at(640, true), at(640, true), at(640, true)];
}

function hear(receiver: DigitReceiver, events: readonly Event[]): string {
  return events
    .map(({ event, timestamp, end, duration }) => {
      const bytes = Uint8Array.of(0xaa, event, (end ? 0x80 : 0) | 10, duration >> 8, duration & 255);
      return receiver.push(timestamp, bytes, 1, 4) ?? '';
    })
    .join('');
}

test('every key is told once', () => {
  const all = Array.from({ length: 16 }, (_, event) => key(event, (0xffff_f000 + event * 2000) >>> 0)).flat();
  assert.equal(hear(new DigitReceiver(), all), '0123456789*#ABCD');
});

test('the same key twice is two keys', () => {
  assert.equal(hear(new DigitReceiver(), [...key(5, 0), ...key(5, 2000)]), '55');
});

test('a key is told with its first end packet, or the only one that came', () => {
  assert.equal(hear(new DigitReceiver(), key(1, 0).slice(0, 4)), '1');
  assert.equal(hear(new DigitReceiver(), key(1, 0).slice(5)), '1');
});

test('without an end it is told when the next begins, or when its time is over', () => {
  const receiver = new DigitReceiver();
  assert.equal(hear(receiver, key(1, 0).slice(0, 3)), '');
  assert.equal(hear(receiver, key(2, 2000).slice(0, 2)), '1');
  assert.deepEqual(
    [receiver.due(1000), receiver.due(1199), receiver.due(1200), receiver.due(1400)],
    [undefined, undefined, '2', undefined],
  );
  assert.equal(hear(receiver, key(2, 2000).slice(3)), '', 'its end comes after all');
});

test('a key whose end was lost and one of which only the end came are both told, in order', () => {
  const receiver = new DigitReceiver();
  assert.equal(hear(receiver, [...key(1, 0).slice(0, 2), ...key(2, 2000).slice(3)]), '12');
  const other = new DigitReceiver();
  assert.equal(hear(other, [...key(1, 0).slice(0, 2), ...key(2, 2000).slice(5)]), '1');
  assert.equal(other.due(0), '2');
});

test('packets of an older key that come late are nothing new', () => {
  assert.equal(hear(new DigitReceiver(), [...key(1, 0).slice(0, 4), ...key(2, 2000), ...key(1, 0).slice(4)]), '12');
});

test('a key held for longer than a segment is one key, RFC 4733 §2.5.1.3', () => {
  const events = [
    { event: 3, timestamp: 100, duration: 160, end: false },
    { event: 3, timestamp: 100, duration: 0xffff, end: false },
    { event: 3, timestamp: 100 + 0xffff, duration: 160, end: false },
    { event: 3, timestamp: 100 + 0xffff, duration: 320, end: true },
  ];
  assert.equal(hear(new DigitReceiver(), events), '3');
});

test('other events and torn payloads are no keys', () => {
  const receiver = new DigitReceiver();
  assert.equal(hear(receiver, key(16, 0)), '');
  assert.equal(receiver.push(0, Uint8Array.of(1, 0x80, 0), 0, 3), undefined);
  assert.equal(receiver.push(0, Uint8Array.of(1, 0x80, 0, 0), 2, 4), undefined);
});

test('a sender that begins anew with smaller times is heard', () => {
  const receiver = new DigitReceiver();
  assert.equal(hear(receiver, key(1, 1_000_000)), '1');
  receiver.reset();
  assert.equal(hear(receiver, key(2, 990_000)), '2');
  assert.equal(hear(receiver, key(3, 5000)), '3', 'far back, without being told');
});

test('never throws, and never tells more keys than there were times', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5), fc.uint8Array({ maxLength: 6 })), { maxLength: 60 }), (packets) => {
      const receiver = new DigitReceiver();
      const told: string[] = [];
      for (const [time, bytes] of packets) told.push(receiver.push(time * 1000, bytes, 0, bytes.length) ?? '');
      told.push(receiver.due(0) ?? '', receiver.due(1000) ?? '');
      assert.match(told.join(''), /^[0-9*#A-D]*$/);
      assert.ok(told.join('').length <= packets.length);
    }),
  );
});
