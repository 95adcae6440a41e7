import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConference, aConferenceId as id } from '../../../test/kit/conference-fakes.ts';
import { loudness } from '../../../test/kit/conference-sounds.ts';
import type { JsonObject } from '../../base/index.ts';
import type { Conference, Role } from '../conference.ts';
import { deadline } from '../deadline.ts';
import { hearingPlan } from '../hearing-plan.ts';
import { follow } from './follow.ts';
import type { Change, Context, Rule, RuledCommand } from './rule.ts';
import { rules } from './table.ts';

let ids = 0;
const context = (epoch: number): Context => ({
  epoch,
  actor: { account: aConference().account, kind: 'api' },
  lacks: new Set(),
  newId: () => String(++ids).padStart(32, '0'),
  newUuid: () => String(++ids),
});

/** One command and what follows from it. */
function take<Name extends RuledCommand>(conference: Conference, name: Name, input: Parameters<Rule<Name>>[1], epoch = 0): Change {
  const rule: Rule<Name> = rules[name];
  return follow(conference, rule(conference, input, context(epoch)), context(epoch));
}

const types = ({ facts }: Change): readonly string[] => facts.map(({ type }) => type);
const empty = (document: JsonObject): Conference => aConference({ people: 0, document: { member: { join_muted: false }, ...document } });

const enter = (conference: Conference, n: number, role: Role, epoch = 0): Change =>
  take(conference, 'call.enter', { conference: id, call: aCall(n), role }, epoch);
const leave = (conference: Conference, n: number, epoch = 0): Change =>
  take(conference, 'call.ended', { conference: id, call: aCall(n).id, reason: 'hung-up' }, epoch);

const hears = (conference: Conference, a: number, b: number): boolean => loudness(hearingPlan(conference), aCall(a).leg, aCall(b).leg) > 0;
const hearsMusic = (conference: Conference, n: number): boolean => {
  const music = conference.room?.music;
  return music !== undefined && loudness(hearingPlan(conference), aCall(n).leg, music.id) > 0;
};

/** Calls 1 and 2 are moderators, 3 to 5 members. */
const MODERATORS = [1, 2];
const EVERYBODY = [1, 2, 3, 4, 5];

/** What must be so, told from nothing but who has come and gone. */
interface Told {
  readonly present: readonly number[];
  /** A moderator has come in this run of the room. */
  readonly led: boolean;
  /** The last moderator has left, and members are still there. */
  readonly unattended: boolean;
}

const isLed = (present: readonly number[]): boolean => present.some((each) => MODERATORS.includes(each));

function joined({ present, led }: Told, n: number): Told {
  const all = [...present, n];
  return { present: all, led: led || MODERATORS.includes(n), unattended: led && !isLed(all) && !MODERATORS.includes(n) };
}

function gone({ present, led, unattended }: Told, n: number): Told {
  const left = present.filter((each) => each !== n);
  if (left.length === 0) return { present: [], led: false, unattended: false };
  return { present: left, led, unattended: unattended || (isLed(present) && !isLed(left)) };
}

function checkHearing(conference: Conference, { present, led }: Told, waits: boolean): void {
  for (const a of present) {
    const waiting = (one: number): boolean => waits && !led && !MODERATORS.includes(one);
    assert.equal(hearsMusic(conference, a), present.length === 1 || waiting(a), `music for ${a} of ${present}`);
    for (const b of present) assert.equal(hears(conference, a, b), a !== b && !waiting(a) && !waiting(b), `${a} hears ${b} of ${present}`);
  }
}

for (const [waits, requires] of [
  [true, false],
  [false, true],
  [true, true],
  [false, false],
] as const) {
  test(`all orders of two moderators and three members: wait_for_moderator ${waits}, require_moderator ${requires}`, () => {
    let orders = 0;
    const walk = (conference: Conference, told: Told, came: readonly number[], left: readonly number[]): void => {
      checkHearing(conference, told, waits);
      assert.equal(conference.room?.unattendedUntil !== undefined, requires && told.unattended, `${came} came, ${left} left`);
      if (left.length === EVERYBODY.length) orders += 1;
      // Of several who are alike the first one comes or goes: their names change nothing.
      for (const kind of [MODERATORS, EVERYBODY.filter((each) => !MODERATORS.includes(each))]) {
        const next = kind.find((each) => !came.includes(each));
        if (next !== undefined) {
          const role = MODERATORS.includes(next) ? 'moderator' : 'member';
          walk(enter(conference, next, role).next, joined(told, next), [...came, next], left);
        }
        const out = kind.find((each) => told.present.includes(each));
        if (out !== undefined) walk(leave(conference, out).next, gone(told, out), came, [...left, out]);
      }
    };
    const document = { wait_for_moderator: waits, require_moderator: requires };
    walk(empty(document), { present: [], led: false, unattended: false }, [], []);
    assert.equal(orders, 2100, 'sequences of 2 and 3 pairs in which everybody comes before he goes: 10! / (2! 2! 3! 3!) / 3 / 4');
  });
}

test('without a moderator members are sent away when the grace is over, and only they', () => {
  const led = enter(enter(empty({ require_moderator: true }), 1, 'moderator').next, 3, 'member').next;
  const left = leave(led, 1, 5_000);
  assert.deepEqual(types(left), ['participant.left', 'room.unattended']);
  assert.equal(deadline(left.next), 65_000, 'sixty seconds where the document says nothing');
  const early = take(left.next, 'conference.time', { conference: id }, 64_999);
  assert.deepEqual([early.next === left.next, types(early)], [true, []], 'what is not due does not happen');
  const late = take(left.next, 'conference.time', { conference: id }, 65_000);
  assert.deepEqual(types(late), ['participant.left', 'room.closed']);
  assert.deepEqual(
    late.effects.filter((each) => each.do === 'hang-up'),
    [{ do: 'hang-up', call: aCall(3).id, reason: 'no-moderator' }],
  );
});

test('a moderator who comes within the grace, by call or by promotion, ends it; who is on his way in goes with the members', () => {
  const document = { require_moderator: true, moderator_grace: 10 };
  const led = enter(enter(empty(document), 1, 'moderator').next, 3, 'member').next;
  const left = leave(led, 1).next;
  assert.equal(deadline(left), 10_000);
  assert.deepEqual(types(enter(left, 2, 'moderator')), ['participant.joined', 'room.attended']);
  const promoted = take(left, 'participants.promote', { conference: id, which: 2, role: 'moderator' });
  assert.deepEqual(types(promoted), ['participant.promoted', 'room.attended']);
  assert.equal(deadline(promoted.next), undefined);
  const coming = take(left, 'call.arrived', { conference: id, call: aCall(4), role: 'member' }).next;
  assert.deepEqual(types(take(coming, 'conference.time', { conference: id }, 10_000)), ['participant.left', 'room.closed']);
});

test('the last moderator may leave by being demoted; ghosts neither begin nor keep a conference', () => {
  const led = enter(enter(empty({ require_moderator: true, wait_for_moderator: true }), 1, 'moderator').next, 3, 'member').next;
  const demoted = take(led, 'participants.promote', { conference: id, which: 1, role: 'member' });
  assert.deepEqual(types(demoted), ['participant.demoted', 'room.unattended']);
  const dialled = take(empty({ wait_for_moderator: true }), 'call.dial', {
    conference: id,
    call: aCall(1, { direction: 'outbound' }),
    role: 'moderator',
    flags: { ghost: true },
    target: { dialled: '1', ways: [] },
  }).next;
  const ghost = take(dialled, 'call.answered', { conference: id, call: aCall(1).id }).next;
  const with3 = enter(ghost, 3, 'member').next;
  assert.equal(with3.room?.started, undefined);
  assert.equal(hearsMusic(with3, 3), true);
});

test('require_moderator by itself makes nobody wait, and never ends what no moderator began', () => {
  const two = enter(enter(empty({ require_moderator: true }), 3, 'member').next, 4, 'member').next;
  assert.equal(hears(two, 3, 4), true);
  assert.equal(deadline(two), undefined);
});

test('a document that no longer makes members wait, or leave, is heard at once', () => {
  const waiting = enter(enter(empty({ wait_for_moderator: true }), 3, 'member').next, 4, 'member').next;
  assert.equal(hears(waiting, 3, 4), false);
  const free = take(waiting, 'conference.replace', { conference: id, document: { member: { join_muted: false } } });
  assert.equal(hears(free.next, 3, 4), true);
  assert.ok(
    free.effects.some((each) => each.do === 'rehear'),
    'the engine is told',
  );
  assert.ok(
    free.effects.some((each) => each.do === 'end-play'),
    'the music ends',
  );
});
