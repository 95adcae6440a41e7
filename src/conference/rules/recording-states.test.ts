import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConferenceId, anActor, FakeHouse } from '../../../test/kit/conference-fakes.ts';
import { QUIET } from '../../../test/kit/quiet.ts';
import { Failure } from '../../base/index.ts';

const conference = aConferenceId;
const [ann, ben] = [aCall(1), aCall(2)];

/** The life of two calls: one is dialled, one comes through the waiting room; each step by its name, which is the state before it. */
const LIFE = {
  'nobody is there': (house) =>
    house.conferences.execute(
      'call.dial',
      { conference, call: aCall(1, { direction: 'outbound' }), target: { dialled: '1', ways: [] } },
      anActor,
    ),
  'the first one rings': (house) => house.conferences.execute('call.answered', { conference, call: ann.id }, anActor),
  'one is in': (house) => house.conferences.execute('call.held', { conference, call: ann.id, held: true }, anActor),
  'he holds the line': (house) => house.conferences.execute('call.held', { conference, call: ann.id, held: false }, anActor),
  'he is back': (house) => house.conferences.execute('call.enter', { conference, call: ben, role: 'member' }, anActor),
  'another one waits to be admitted': (house) => house.conferences.execute('waiting.admit', { conference, which: 'next' }, anActor),
  'two are in': (house) =>
    house.conferences.execute('participants.mute', { conference, which: 'all', muted: true, by: 'moderator' }, anActor),
  'all are muted': (house) => house.conferences.execute('participants.kick', { conference, which: 1 }, anActor),
  'one is removed': (house) => house.conferences.execute('call.ended', { conference, call: ann.id, reason: 'hung-up' }, anActor),
  'one is left': (house) => house.conferences.execute('call.ended', { conference, call: ben.id, reason: 'hung-up' }, anActor),
  'all are gone': async () => {},
} satisfies Readonly<Record<string, (house: FakeHouse) => Promise<unknown>>>;

const STATES = Object.keys(LIFE) as (keyof typeof LIFE)[];
const EMPTY: readonly string[] = ['nobody is there', 'the first one rings', 'all are gone'];

/** Asks for a recording; says whether it was begun, and nothing else may refuse it than that nobody is there. */
async function begun(house: FakeHouse): Promise<boolean> {
  try {
    await house.conferences.execute('recording.start', { conference }, anActor);
    return true;
  } catch (error) {
    assert.ok(error instanceof Failure && error.code === 'nobody_there', String(error));
    return false;
  }
}

/** Starts in one state and stops in a later one, or never. */
async function recorded(from: number, to: number): Promise<void> {
  const where = `started while ${STATES[from]}, stopped while ${STATES[to] ?? 'never'}`;
  const house = new FakeHouse();
  await house.create({ member: { join_muted: false }, profile: QUIET, recording_notice: false, waiting_room: true });
  for (const [at, state] of STATES.entries()) {
    if (at === from) assert.equal(await begun(house), !EMPTY.includes(state), where);
    if (at === to) await house.conferences.execute('recording.stop', { conference }, anActor);
    house.sounds.checkRoom(await house.read());
    await LIFE[state](house);
    house.sounds.checkRoom(await house.read());
  }
  const isBegun = !EMPTY.includes(STATES[from] ?? '');
  const told = house.events.facts.flatMap((each) =>
    each.type === 'recording.started' ? ['started'] : each.type === 'recording.stopped' ? [`stopped ${each.reason}`] : [],
  );
  const lasts = STATES.indexOf('all are gone');
  assert.deepEqual(told, isBegun ? ['started', `stopped ${to < lasts ? 'asked' : 'room-closed'}`] : [], where);
  assert.deepEqual(house.sounds.asked.filter((each) => each.includes('record')).length, isBegun ? 2 : 0, where);
}

test('started and stopped in every state of a call: each beginning is told with its end, and the recorder does what the room says', async () => {
  for (const from of STATES.keys()) for (let to = from + 1; to <= STATES.length; to += 1) await recorded(from, to);
});
