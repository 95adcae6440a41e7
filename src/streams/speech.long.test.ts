import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Feed } from '../media/index.ts';
import type { StreamRate } from './options.ts';
import { Speech } from './speech.ts';

/** A feed that is played a frame every 20 ms, and a clock that runs by itself. */
function house({ rate = 8000, mostMs = 10_000 }: { rate?: StreamRate; mostMs?: number } = {}) {
  const waiting: Int16Array[] = [];
  const played: (Int16Array | undefined)[] = [];
  const marks: [string, number][] = [];
  let now = 0;
  const feed = {
    get waiting() {
      return 20 * waiting.length;
    },
    space: () => 1_000_000,
    write: (samples: Int16Array) => waiting.push(samples.slice()),
  } as unknown as Feed;
  const speech = new Speech({ feed: () => feed, rate, mostMs, onMark: (name) => marks.push([name, now]) });
  return {
    speech,
    played,
    marks,
    now: () => now,
    /** So many ms go by; `each` is asked every 10 ms what comes. */
    run(ms: number, each: (now: number) => Uint8Array | undefined = () => undefined): void {
      for (const end = now + ms; now < end; now += 10) {
        const came = each(now);
        if (came !== undefined) speech.hear(came, now);
        speech.pump(now);
        if (now % 20 === 0) played.push(waiting.shift());
      }
    },
    /** The first samples of what was played, 0 for nothing. */
    heard: () => played.map((each) => each?.[0] ?? 0),
  };
}

/** 20 ms whose samples all have this value. */
const frame = (value: number, rate = 8000): Uint8Array => new Uint8Array(new Int16Array(rate / 50).fill(value).buffer);

test('sound that comes in real time is heard within 60 ms, in order and without a hole', () => {
  const { run, heard } = house();
  run(1000, (now) => (now % 20 === 0 ? frame(1000 + now) : undefined));
  const all = heard();
  const first = all.findIndex((each) => each !== 0);
  assert.ok(first >= 0 && first <= 3, `the first frame was heard after ${first * 20} ms`);
  assert.deepEqual(
    all.slice(first),
    Array.from({ length: all.length - first }, (_, n) => 1000 + 20 * n),
  );
});

test('packets that come up to 40 ms late leave holes only until that was learnt', () => {
  const { run, heard } = house();
  // Every fourth packet is 40 ms late, and those behind it come at once with it.
  const due = (n: number): number => 20 * n + (n % 4 === 0 ? 40 : n % 4 === 1 ? 20 : 0);
  let next = 0;
  run(6000, (now) => {
    const parts: Uint8Array[] = [];
    while (due(next) <= now) parts.push(frame(1 + next++));
    return parts.length === 0 ? undefined : new Uint8Array(Buffer.concat(parts));
  });
  const late = heard().slice(100);
  assert.deepEqual(
    late,
    Array.from({ length: late.length }, (_, n) => late[0]! + n),
  );
});

test('speech that comes at once is played at its own pace; what finds no place is lost and counted', () => {
  const { run, heard, speech } = house({ mostMs: 1000 });
  run(10, () => new Uint8Array(Buffer.concat(Array.from({ length: 60 }, (_, n) => frame(n + 1)))));
  run(2000);
  assert.deepEqual(
    heard().filter((each) => each !== 0),
    Array.from({ length: 50 }, (_, n) => n + 1),
  );
  assert.equal(speech.overflowedMs, 200);
});

test('bytes may come in any pieces, and the last ones that fill no frame are played all the same', () => {
  const { run, played } = house();
  const whole = Buffer.concat([frame(7), frame(8), Buffer.from(frame(9)).subarray(0, 101)]);
  let at = 0;
  run(600, () => {
    const piece = whole.subarray(at, at + 37);
    at += 37;
    return piece.length > 0 ? new Uint8Array(piece) : undefined;
  });
  const samples = played.flatMap((each) => [...(each ?? [])]).filter((each) => each !== 0);
  assert.deepEqual(samples, [...new Array(160).fill(7), ...new Array(160).fill(8), ...new Array(50).fill(9)]);
});

test('a mark is told when what came before it was played; clear reaches what is marked and forgets the sound', () => {
  const { run, marks, heard, speech } = house();
  const second = (value: number): Uint8Array => new Uint8Array(Buffer.concat(Array.from({ length: 50 }, () => Buffer.from(frame(value)))));
  speech.mark('nothing');
  run(20);
  assert.deepEqual(
    marks.map(([name]) => name),
    ['nothing'],
  );
  speech.hear(second(1), 20);
  speech.mark('one');
  run(2000);
  assert.ok(marks[1]![1] >= 1000 && marks[1]![1] <= 1200, `told after ${marks[1]![1]} ms`);
  speech.hear(second(2), 2020);
  speech.mark('two');
  run(200);
  const before = heard().filter((each) => each === 2).length;
  speech.clear();
  run(400);
  assert.deepEqual(
    marks.map(([name]) => name),
    ['nothing', 'one', 'two'],
  );
  assert.ok(heard().filter((each) => each === 2).length - before <= 4, 'more than 80 ms of what was cleared was heard');
});

test('what piled up is caught up with in silence, and no word of speech is lost', () => {
  const { run, speech, heard } = house();
  let said = 0;
  const voice = (now: number): Uint8Array | undefined =>
    now % 20 !== 0 ? undefined : frame(Math.floor(now / 400) % 2 === 0 ? 1000 + said++ : 0);
  run(400, voice);
  // The program was held up and gives 300 ms at once.
  speech.hear(new Uint8Array(Buffer.concat(Array.from({ length: 15 }, () => Buffer.from(frame(0))))), 400);
  run(4000, voice);
  assert.ok(speech.waitingMs <= 80, `${speech.waitingMs} ms still wait`);
  const words = heard().filter((each) => each !== 0);
  assert.deepEqual(
    words,
    Array.from({ length: words.length }, (_, n) => 1000 + n),
  );
});
