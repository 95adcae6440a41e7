import { isObject } from '../../base/index.ts';
import type { Conference, Participant, ParticipantId } from '../conference.ts';
import { isAwaited } from '../rules/presence.ts';
import type { Asked } from './announcement.ts';
import { countsFrom, crowd, profileSound, spoken, toneOf } from './caller-sounds.ts';
import { howMany } from './count.ts';
import { counted, isAnnounced, personIn, type Scene, toAll, toOne } from './scene.ts';

/** What is heard when people come and go (kazoo-facts §7.5, §7.6). */
export function goings(scene: Scene): readonly Asked[] {
  const came = scene.facts.flatMap((fact) => (fact.type === 'participant.joined' ? [fact.participant.id] : []));
  const went = scene.facts.flatMap((fact) => (fact.type === 'participant.left' ? [fact.participant] : []));
  return [
    ...went.flatMap((id) => gone(scene, id)),
    ...came.flatMap((id) => entered(scene.after, id)),
    ...came.flatMap((id) => welcomed(scene.after, id)),
    ...(went.length > 0 ? leftAlone(scene) : []),
  ];
}

/** The tone and name of somebody who comes; nobody is told of ghosts and programs, and where many are, of nobody. */
function entered(after: Conference, id: ParticipantId): readonly Asked[] {
  const one = personIn(after, id);
  const others = counted(after).filter((each) => each.id !== id).length;
  if (one === undefined || !isAnnounced(one) || others === 0 || others + 1 > crowd(after) || isAwaited(after)) return [];
  const name = one.announcedAs;
  return [toAll('entered', toneOf(after, one, 'entry'), name, name && spoken(after, 'conf-has_joined'))];
}

/** The tone and name of somebody who goes; nobody is told of one whom nobody heard: who only waited for a moderator, or was a ghost. */
function gone({ before, after }: Scene, id: ParticipantId): readonly Asked[] {
  const one = personIn(before, id);
  if (one === undefined || !isAnnounced(one) || isAwaited(before)) return [];
  const left = counted(after).length;
  if (left === 0 || counted(before).length > crowd(after)) return [];
  const name = one.announcedAs;
  return [toAll('left', toneOf(after, one, 'exit'), name, name && spoken(after, 'conf-has_left'))];
}

/** What the newcomer himself is told: that he is in, who else is, and whether he can be heard. */
function welcomed(after: Conference, id: ParticipantId): readonly Asked[] {
  const one = personIn(after, id);
  if (one === undefined || one.call.stream !== undefined) return [];
  const waits = isAwaited(after) && one.role !== 'moderator';
  return [
    toOne(
      id,
      'told',
      hearsEntry(after, one) ? profileSound(after, 'member-enter-sound') : undefined,
      ...(waits ? [] : company(after, one)),
      one.muted.some((each) => each !== 'hold') ? profileSound(after, 'muted-sound') : undefined,
      one.deaf ? profileSound(after, 'deaf-sound') : undefined,
    ),
  ];
}

/** Where the document says of members whether they hear it, those who do have heard it before they came in (`play_entry_prompt`). */
const hearsEntry = ({ document: { member } }: Conference, { role }: Participant): boolean =>
  role === 'moderator' || !isObject(member) || typeof member['play_entry_prompt'] !== 'boolean';

function company(after: Conference, one: Participant) {
  const others = counted(after).filter((each) => each.id !== one.id).length;
  if (others === 0) return [profileSound(after, 'alone-sound')];
  const from = countsFrom(after);
  return from !== undefined && others + 1 >= from ? howMany(after, others) : [];
}

/** Who is the last one in is told so. */
function leftAlone({ before, after }: Scene): readonly Asked[] {
  const [last, ...more] = counted(after);
  if (last === undefined || more.length > 0 || counted(before).length < 2 || last.call.stream !== undefined) return [];
  if (isAwaited(after)) return [];
  return [toOne(last.id, 'told', profileSound(after, 'alone-sound'))];
}
