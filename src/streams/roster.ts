import type { JsonObject } from '../base/index.ts';
import type { Conference, Fact, LegId, Participant, ParticipantId, Signal } from '../conference/index.ts';

/** One participant, as programs are told. `number` is what binary frames carry where everybody comes apart. */
export const personBody = ({ id, number, call, role, muted, deaf }: Participant): JsonObject => ({
  participant: id,
  number,
  name: call.callerName,
  caller_number: call.callerNumber,
  role,
  muted: muted.length > 0,
  deaf,
  is_program: call.stream !== undefined,
});

/** Who is in a room, as far as facts tell. */
export class Roster {
  readonly #people = new Map<ParticipantId, Participant>();
  readonly #numbers = new Map<LegId, number>();
  #sequence: number;

  constructor({ room, sequence }: Conference) {
    this.#sequence = sequence;
    for (const each of room?.participants ?? []) this.#note(each);
  }

  get people(): readonly Participant[] {
    return [...this.#people.values()];
  }

  /** Somebody is here who is no program. */
  get hasPeople(): boolean {
    return this.people.some(({ call }) => call.stream === undefined);
  }

  numberOf(leg: LegId): number | undefined {
    return this.#numbers.get(leg);
  }

  /** What a program is told of a fact; undefined: nothing, or it is known already. */
  hear(fact: Fact): JsonObject | undefined {
    if (fact.sequence <= this.#sequence) return undefined;
    this.#sequence = fact.sequence;
    const { about } = fact;
    if (about === undefined) return undefined;
    const who = { participant: about.id, number: about.number };
    switch (fact.type) {
      case 'participant.joined':
        this.#note(about);
        return { type: 'joined', ...personBody(about) };
      case 'participant.left':
        this.#people.delete(about.id);
        this.#numbers.delete(about.call.leg);
        return { type: 'left', ...who, reason: fact.reason };
      case 'participant.muted':
      case 'participant.unmuted':
        this.#note(about);
        return { type: 'muted', ...who, muted: about.muted.length > 0 };
      case 'participant.deafened':
      case 'participant.undeafened':
        this.#note(about);
        return { type: 'deaf', ...who, deaf: about.deaf };
      default:
        return undefined;
    }
  }

  #note(each: Participant): void {
    this.#people.set(each.id, each);
    this.#numbers.set(each.call.leg, each.number);
  }
}

/** What a program is told of a signal. */
export function signalBody({ type, about }: Signal): JsonObject | undefined {
  if (type !== 'participant.started-talking' && type !== 'participant.stopped-talking') return undefined;
  return { type: 'talking', participant: about.id, number: about.number, talking: type === 'participant.started-talking' };
}
