import type { AccountFact, Fact, InterimSignal, TalkSignal } from '../../../conference/index.ts';
import { Problem } from '../problem.ts';

/** Signals that are told: of who begins and ends to say something `/api` tells by what is written down, and by who talks. */
export type ToldSignal = TalkSignal | InterimSignal;

type EventType = Fact['type'] | AccountFact['type'] | ToldSignal['type'];

/** Every type of event, with what it says. A new type without a row does not compile. */
const meanings: Readonly<Record<EventType, string>> = {
  'conference.created': 'A conference was made.',
  'conference.changed': 'Its settings were replaced; `revision` is the new one, `ends_at` when the open room ends by itself now.',
  'conference.deleted': 'It was deleted.',
  'conference.locked': 'Nobody gets in by himself any more.',
  'conference.unlocked': 'The lock is gone.',
  'room.opened': 'The first call was let in; `ends_at` is when the room ends by itself.',
  'room.closed': 'The last one is gone.',
  'room.started': 'The moderator for whom everybody waited has come.',
  'room.muted': 'All members are muted, and so is who comes from now on.',
  'room.unmuted': 'The room mutes nobody any more.',
  'room.moh_off': 'Nobody hears music any more, be he alone or waiting.',
  'room.moh_on': 'Those who are alone or wait hear music again.',
  'room.set':
    'All that is set for this run of the room alone: `max_participants`, `caller_name`, `caller_number`; null: as its document has it.',
  'room.unattended': 'The last moderator has left; at `until` members are sent away unless one comes.',
  'room.attended':
    'A moderator has come in time; with `led: false` nobody is waited for any more, because the time is over or the rule is off.',
  'room.ending': 'It ends in so many `minutes`.',
  'room.extended': 'It ends later: at `ends_at`.',
  'waiting.joined': 'Somebody asks to be admitted.',
  'waiting.admitted': 'Who waited is let in.',
  'waiting.left': 'Who waited waits no longer; `reason` says why, `denied` that he was turned away.',
  'participant.joined': 'Somebody is in.',
  'participant.left': 'Somebody is gone; `reason` says why.',
  'participant.muted': 'Somebody is not heard, for the `mute_reasons` that hold now.',
  'participant.unmuted': 'Somebody is heard again.',
  'participant.silent': 'Nothing has been heard of somebody since he joined; `reason` says to people why.',
  'participant.deafened': 'Somebody does not hear the others.',
  'participant.undeafened': 'Somebody hears the others again.',
  'participant.hand_raised': 'Somebody has raised his hand.',
  'participant.hand_lowered': 'A hand is down again.',
  'participant.floor_taken': 'Somebody has taken the floor: he has it, whoever talks.',
  'participant.floor_released': 'The floor is his who talks again.',
  'participant.coaching': 'Only the `other` hears somebody from now on.',
  'participant.coaching_ended': 'All hear him again.',
  'participant.keyed': 'Somebody pressed keys to which the room gives the meaning `data`.',
  'participant.promoted': 'Somebody is a moderator now.',
  'participant.demoted': 'Somebody is a moderator no longer.',
  'participant.adjusted': 'Somebody is heard, or hears, louder or quieter, or must be so loud to be heard.',
  'participants.related': 'Two people hear each other, or not, apart from the others.',
  'participant.started-talking': 'A signal: somebody talks.',
  'participant.stopped-talking': 'A signal: somebody talks no longer, or is about to be muted or to leave.',
  'call.refused': 'A call was not taken; `refusal` says why.',
  'joining.started': 'A call is on its way into the conference `into`: what is asked and done before it is in begins.',
  'joining.ended': 'A call was on its way into the conference `into` since `since`, and never came in.',
  'caller.locked_out': 'After `failed_calls` with wrong PINs this caller may try no more until `until`; an empty number was withheld.',
  'caller.released': 'A caller who was locked out may try again.',
  'invitation.created': 'A guest was invited.',
  'invitation.used': 'A guest came in with his own PIN.',
  'invitation.revoked': 'An invitation is good no longer.',
  'pins.rotated': 'These `roles` have new PINs; those of the `invited` who had the old ones must be told.',
  'recording.started': 'The room is being recorded.',
  'recording.paused': 'The recording goes on later: what is said now is not in it.',
  'recording.resumed': 'The recording goes on.',
  'recording.gapped': 'Sound is missing in the recording, for it could not be written in time; `words` says why.',
  'recording.stopped': 'Nothing more is recorded; `reason` says why.',
  'recording.finished': 'A recording that was stopped is written and can be fetched, or `state` says that it never will be.',
  'notice.heard': 'Somebody was told that this is recorded, and heard all of it.',
  'consent.asked': 'Somebody is asked whether he agrees to be recorded, and is in no file until he does; at `until` he has not agreed.',
  'consent.given': 'He agrees; `by` says whether his keys or a program said so.',
  'consent.refused': 'He does not agree, or no longer; `by: time`: he said nothing in time.',
  'play.queued': 'Something is to be played when what plays has ended.',
  'play.started': 'Something is played to all, or to one.',
  'play.ended': 'It is played no longer, or never will be; `reason` says why.',
  'transcription.started': 'What is said is being written down.',
  'transcription.stopped': 'What is said is not written down any more; what was said before may still come.',
  'transcript.created': 'Somebody has said something.',
  'transcript.interim': 'A signal: what somebody seems to be saying; the next one takes its place.',
  'call.recorded': 'A call has ended and its detail record was kept.',
};

/** In the order of the documentation. */
export const eventTypes = Object.keys(meanings) as readonly EventType[];

/** What each type says. */
export const meaningOf = (type: EventType): string => meanings[type];

const fits = (pattern: string, type: string): boolean =>
  pattern === '*' || pattern === type || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1)));

/** Reads `participant.*,conference.locked`. A name that no type has is refused: who misspelt one would wait for ever. */
export function readTypes(text: string): ReadonlySet<string> {
  const wanted = new Set<string>();
  for (const pattern of text.split(',').map((each) => each.trim())) {
    const found = eventTypes.filter((type) => fits(pattern, type));
    if (found.length === 0) throw new Problem(400, 'unknown_type', `there is no event "${pattern}"`, { known: eventTypes });
    for (const type of found) wanted.add(type);
  }
  return wanted;
}
