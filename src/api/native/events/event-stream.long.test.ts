import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aConference, anAccount, anActor, aParticipant } from '../../../../test/kit/conference-fakes.ts';
import { FakeClock } from '../../../../test/kit/fake-clock.ts';
import type { FollowOptions } from '../../../bus/index.ts';
import type { Entry, Fact, ParticipantId } from '../../../conference/index.ts';
import { EventStream } from './event-stream.ts';
import type { ToldSignal } from './event-types.ts';
import { Lines } from './line.ts';
import type { Outlet } from './outlet.ts';

const { id: conference } = aConference();
const about = aParticipant(1);
const stamp = { at: 1_700_000_000_000, account: anAccount, conference, instance: 'i' };

const signal = (talking: boolean): ToldSignal => ({
  type: talking ? 'participant.started-talking' : 'participant.stopped-talking',
  ...stamp,
  about,
  energy: 1,
});

const entry = (position: number, fact: Partial<Fact>): Entry => ({ position, fact: { ...stamp, sequence: position, ...fact } as Fact });
const locked = (position: number): Entry => entry(position, { type: 'conference.locked' });

/** A stream between a bus and a reader that do what the test says. */
async function open() {
  const clock = new FakeClock();
  const lines = new Lines();
  const talking = new Map<ParticipantId, ToldSignal>();
  const told: string[] = [];
  const follows: FollowOptions[] = [];
  const reader = { buffered: 0 };
  const outlet: Outlet = {
    send: (line) => void told.push(JSON.parse(line.json).type),
    get buffered() {
      return reader.buffered;
    },
    end: async (line) => void told.push(JSON.parse(line.json).reason),
    onGone: () => {},
  };
  const stream = new EventStream(
    {
      follow: async (options) => {
        follows.push(options);
        return { close: () => {} };
      },
      execute: () => assert.fail('nothing is asked'),
      clock,
      lines,
      talking,
      gone: () => {},
    },
    {
      outlet,
      pass: {
        actor: anActor,
        own: { account: anActor.account, user: undefined },
        bySession: false,
        expiresAt: undefined,
        isAdmin: async () => true,
        isGood: async () => true,
      },
      wish: { after: 10, conference: undefined, types: undefined, signals: true, snapshot: false },
      conference: undefined,
    },
  );
  await stream.start();
  const settle = async (): Promise<void> => {
    for (let n = 0; n < 20; n += 1) await undefined;
  };
  follows[0]?.caughtUp?.(10);
  await settle();
  const talk = (isTalking: boolean): void => {
    if (isTalking) talking.set(about.id, signal(true));
    else talking.delete(about.id);
    stream.signal(signal(isTalking));
  };
  const take = (each: Entry): void => follows.at(-1)?.take({ kind: 'fact', entry: each });
  told.splice(0);
  return { clock, told, follows, reader, take, talk, settle, stream };
}

test('a reader who is behind is told of no start, and of no stop of it; of a stop whose start he got he is told', async () => {
  const { told, reader, talk } = await open();
  talk(true);
  reader.buffered = 300_000;
  talk(false);
  assert.deepEqual(told.splice(0), ['participant.started-talking', 'participant.stopped-talking']);
  talk(true);
  reader.buffered = 0;
  talk(false);
  assert.deepEqual(told, [], 'the pair is dropped whole');
  talk(true);
  assert.deepEqual(told, ['participant.started-talking']);
});

test('whoever fell back gets the rest from the journal, and a stop that he missed before the mute', async () => {
  const { told, reader, take, talk, follows, settle, clock } = await open();
  talk(true);
  reader.buffered = 2_000_000;
  take(locked(11));
  take(locked(12));
  assert.deepEqual(told.splice(0), ['participant.started-talking', 'conference.locked'], 'nothing more is held for him');
  talk(false);
  reader.buffered = 70_000;
  clock.advance(20);
  await settle();
  assert.equal(follows.length, 1, 'not before he has taken nearly all');
  reader.buffered = 1000;
  clock.advance(20);
  await settle();
  assert.equal(follows[1]?.after, 11);
  take(locked(12));
  take(entry(13, { type: 'participant.muted', participant: about.id, reasons: ['self'], about }));
  follows[1]?.caughtUp?.(13);
  await settle();
  assert.deepEqual(told, ['conference.locked', 'participant.stopped-talking', 'participant.muted'], 'and `live` is not said again');
});

test('who began or ceased to talk while he was behind is told once he is live', async () => {
  const { told, reader, take, talk, follows, settle, clock } = await open();
  talk(true);
  reader.buffered = 2_000_000;
  take(locked(11));
  talk(false);
  reader.buffered = 0;
  clock.advance(20);
  await settle();
  follows[1]?.caughtUp?.(11);
  await settle();
  assert.deepEqual(told.splice(0), ['participant.started-talking', 'conference.locked', 'participant.stopped-talking']);
  reader.buffered = 2_000_000;
  take(locked(12));
  talk(true);
  reader.buffered = 0;
  clock.advance(20);
  await settle();
  follows[2]?.caughtUp?.(12);
  await settle();
  assert.deepEqual(told, ['conference.locked', 'participant.started-talking']);
});

test('nothing is taken twice, nothing of another account, nothing after the end', async () => {
  const { told, take, stream } = await open();
  take(locked(11));
  take(locked(11));
  take(locked(9));
  take(entry(12, { type: 'conference.locked', account: 'f'.repeat(32) as typeof anAccount }));
  await stream.end({ body: { reason: 'x', detail: 'y' }, code: 1000 });
  take(locked(13));
  stream.signal(signal(true));
  assert.deepEqual(told, ['conference.locked', 'x']);
});

test('what goes to many is written once', () => {
  const lines = new Lines();
  const one = locked(7);
  assert.equal(lines.ofEntry(one), lines.ofEntry(one));
  assert.equal(lines.ofEntry(one).text, lines.ofEntry(one).text);
  assert.equal(lines.ofEntry(one).event, lines.ofEntry(one).event);
  assert.equal(String(lines.ofEntry(one).event), `id: 7\ndata: ${lines.ofEntry(one).json}\n\n`);
  assert.equal('position' in JSON.parse(lines.ofSignal(signal(true)).json), false);
});

test('what somebody seems to say is told while the reader keeps up, whether or not he was told to talk', async () => {
  const { told, reader, stream } = await open();
  const interim: ToldSignal = {
    type: 'transcript.interim',
    ...stamp,
    about,
    transcription: 'f'.repeat(32) as never,
    text: 'one',
    language: 'en',
    from: 1,
  };
  stream.signal(interim);
  reader.buffered = 300_000;
  stream.signal({ ...interim, text: 'one two' });
  reader.buffered = 0;
  stream.signal({ ...interim, text: 'one two three' });
  assert.deepEqual(told, ['transcript.interim', 'transcript.interim']);
});
