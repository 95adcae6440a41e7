import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConference, aConferenceId as id } from '../../../test/kit/conference-fakes.ts';
import { awaitedRecording } from '../awaited.ts';
import type { Conference } from '../conference.ts';
import { follow } from './follow.ts';
import type { Change, Context, Rule, RuledCommand } from './rule.ts';
import { rules } from './table.ts';

let ids = 0;
const context: Context = {
  epoch: 5_000,
  actor: { account: aConference().account, kind: 'api' },
  lacks: new Set(),
  newId: () => String(++ids).padStart(32, '0'),
  newUuid: () => String(++ids),
};

function take<Name extends RuledCommand>(conference: Conference, name: Name, input: Parameters<Rule<Name>>[1]): Change {
  const rule: Rule<Name> = rules[name];
  return follow(conference, rule(conference, input, context), context);
}

const empty = (): Conference => aConference({ people: 0, document: { member: { join_muted: false } } });
const FLOW = 'f'.repeat(32);
const asked = (): Change => take(empty(), 'recording.start', { conference: id, awaits: true, maxSeconds: 60, onEnd: FLOW });

test('asked for before anybody is there it waits, and begins under the same id with the first one', () => {
  assert.throws(() => take(empty(), 'recording.start', { conference: id }), { code: 'nobody_there' });
  const waiting = asked().next;
  const awaited = awaitedRecording(waiting.document);
  assert.deepEqual([awaited?.maxSeconds, awaited?.onEnd, waiting.revision], [60, FLOW, empty().revision + 1]);
  assert.equal(take(waiting, 'recording.start', { conference: id, awaits: true }).facts.length, 0, 'one at a time');
  const first = take(waiting, 'call.enter', { conference: id, call: aCall(1), role: 'member' });
  assert.deepEqual([first.next.room?.recording?.id, first.next.room?.recording?.onEnd], [awaited?.id, FLOW]);
  assert.equal(first.effects.filter((each) => each.do === 'record').length, 1);
  assert.equal(awaitedRecording(first.next.document), undefined);
  // Its time is up: nothing is recorded, and the next run of the room does not begin it anew.
  const over = take(first.next, 'recording.ended', { conference: id, recording: awaited!.id, reason: 'limit' }).next;
  assert.equal(over.room?.recording, undefined);
  const gone = take(over, 'call.ended', { conference: id, call: aCall(1).id, reason: 'hung-up' }).next;
  const again = take(gone, 'call.enter', { conference: id, call: aCall(2), role: 'member' });
  assert.equal(again.next.room?.recording, undefined);
});

test('a conference that is over waits for nobody: its recording is known to have come to nothing', () => {
  const waiting = asked().next;
  const awaited = awaitedRecording(waiting.document);
  const gone = take(waiting, 'conference.delete', { conference: id, keep: true });
  assert.deepEqual(gone.effects, [{ do: 'await-recording', instance: id, awaited, on: false }]);
  assert.equal(awaitedRecording(gone.next.document), undefined);
});

test('it is stopped before it began, kept through changes of the document, and waits while the first one rings', () => {
  const waiting = asked().next;
  const changed = take(waiting, 'conference.replace', { conference: id, document: { name: 'other' } }).next;
  assert.deepEqual(awaitedRecording(changed.document), awaitedRecording(waiting.document));
  const stopped = take(changed, 'recording.stop', { conference: id }).next;
  assert.equal(awaitedRecording(stopped.document), undefined);
  const joined = take(stopped, 'call.enter', { conference: id, call: aCall(1), role: 'member' });
  assert.equal(joined.next.room?.recording, undefined);
  const ringing = take(empty(), 'call.arrived', { conference: id, call: aCall(1), role: undefined }).next;
  const soon = take(ringing, 'recording.start', { conference: id, awaits: true }).next;
  const up = take(soon, 'call.answered', { conference: id, call: aCall(1).id });
  assert.equal(up.next.room?.recording?.id, awaitedRecording(soon.document)?.id);
});
