import assert from 'node:assert/strict';
import type { Conference } from '../../src/conference/index.ts';
import type { FakeAmqp } from './fake-amqp.ts';

// biome-ignore lint/suspicious/noExplicitAny: messages of every shape.
type Message = any;

/** What a program has that drops doubles by `Msg-ID`, in the order in which it first saw them. */
export function received({ published }: FakeAmqp): readonly Message[] {
  const seen = new Set<string>();
  const messages = published.map((each) => JSON.parse(String(each.body)));
  return messages.filter((each) => !seen.has(each['Msg-ID']) && seen.add(each['Msg-ID']));
}

/** The room out of events alone: who is in, heard, hearing; locked or not. */
export function foldedEvents(messages: readonly Message[]) {
  const people = new Map<number, unknown>();
  let locked = false;
  for (const each of messages) {
    if (each.Event === 'lock' || each.Event === 'unlock') locked = each.Event === 'lock';
    else if (each.Event === 'del-member') people.delete(each['Participant-ID']);
    else if (each['Participant-ID'] !== undefined) people.set(each['Participant-ID'], { speak: each.Speak, hear: each.Hear });
  }
  return { locked, people: Object.fromEntries(people) };
}

/** The same out of the state. */
export const foldedState = ({ locked, room }: Conference) => ({
  locked,
  people: Object.fromEntries((room?.participants ?? []).map((each) => [each.number, { speak: each.muted.length === 0, hear: !each.deaf }])),
});

/** Nobody starts twice, and nobody is muted or gone while he talks. Gives how many starts there were. */
export function checkTalk(messages: readonly Message[]): number {
  const talking = new Set<number>();
  let starts = 0;
  for (const each of messages) {
    const who = each['Participant-ID'];
    if (each.Event === 'start-talking') {
      assert.ok(!talking.has(who), `${who} starts twice`);
      talking.add(who);
      starts += 1;
    } else if (each.Event === 'stop-talking') talking.delete(who);
    else if (each.Event === 'mute-member' || each.Event === 'del-member')
      assert.ok(!talking.has(who), `${who} is ${each.Event} while talking`);
    else if (each.Event === 'conference-destroy') assert.equal(talking.size, 0, 'somebody talks in a room that is gone');
  }
  return starts;
}
