import { fill } from '../../kit/languages.ts';
import { type Event, nameOf, type Person } from '../model.ts';
import { refusalWords } from '../refusals.ts';
import { t } from '../words.ts';

/** Finds the name of somebody by his id. */
export type Names = (id: string) => string | undefined;

/** Names of everybody whom facts tell of. */
export function namesIn(facts: readonly Event[]): Names {
  const names = new Map<string, string>();
  for (const { participant } of facts) {
    if (participant?.caller_name !== undefined || participant?.number !== undefined)
      names.set(participant.id, nameOf(participant as Person));
  }
  return (id) => names.get(id);
}

/** A fact in words; one that is not known is told by its type. */
export function factWords(event: Event, names: Names): string {
  const { type, participant, other, waiting, refusal, caller_number: number } = event;
  const words = t.value.timeline.facts[event.led === false ? `${type}.over` : type];
  if (words === undefined) return type;
  const who =
    participant === undefined ? (waiting === undefined ? '' : nameOf(waiting)) : (names(participant.id) ?? nameOf(participant as Person));
  const reasons = event.mute_reasons?.map((each) => t.value.person.reasons[each] ?? each).join(', ');
  return fill(words, {
    name: who || number || '?',
    other: other === undefined ? '' : (names(other) ?? '?'),
    reason: reasons ?? (refusal && refusalWords(refusal)) ?? t.value.timeline.reasons[event.reason ?? ''] ?? event.reason ?? '',
    text: event.text ?? event.data ?? '',
    minutes: event.minutes ?? '',
  });
}
