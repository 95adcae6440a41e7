import { type Clock, Runner } from '../base/index.ts';
import type { Level } from './commands.ts';
import type { Conference, LegId, Participant } from './conference.ts';
import { floor, free, holderOf, type Input, type State } from './floor.machine.ts';
import { people } from './rules/which.ts';

type Floor = Runner<State, Input, never>;

/** Somebody whose loudness is followed. */
interface Voice {
  level: Level;
  /** Muted people are listened to, but never have the floor. */
  isHeard: boolean;
  readonly floor: Floor;
}

const quiet: Level = { talking: false, energy: 0 };
const isHeard = (each: Participant): boolean => each.muted.length === 0;

/** How loud everybody is and who has the floor, in rooms that were changed under this object. Kept in memory only. */
export class LiveLevels {
  readonly #clock: Clock;
  readonly #voices = new Map<LegId, Voice>();
  /** One per room with people, by account and conference. */
  readonly #floors = new Map<string, Floor>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Somebody told how loud he is. Legs of nobody are ignored. */
  hear(leg: LegId, level: Level): void {
    const voice = this.#voices.get(leg);
    if (voice === undefined) return;
    voice.level = level;
    if (voice.isHeard) voice.floor.feed({ type: 'level', leg, ...level });
  }

  /** People have come, gone, or been muted. */
  follow(before: Conference | undefined, after: Conference): void {
    const now = people(after);
    const legs = new Set(now.map((each) => each.call.leg));
    for (const { call } of before === undefined ? [] : people(before)) {
      if (!legs.has(call.leg)) this.#forget(call.leg);
    }
    if (now.length === 0) this.#close(keyOf(after));
    for (const each of now) this.#listen(each, keyOf(after));
  }

  /** The levels of those who are in, and who has the floor. */
  look(conference: Conference): { readonly levels: ReadonlyMap<LegId, Level>; readonly floor: LegId | undefined } {
    const levels = new Map<LegId, Level>();
    for (const { call } of people(conference)) {
      const voice = this.#voices.get(call.leg);
      if (voice !== undefined) levels.set(call.leg, voice.level);
    }
    const state = this.#floors.get(keyOf(conference))?.state;
    return { levels, floor: state === undefined ? undefined : holderOf(state) };
  }

  close(): void {
    for (const key of [...this.#floors.keys()]) this.#close(key);
    this.#voices.clear();
  }

  #listen(participant: Participant, key: string): void {
    const { leg } = participant.call;
    const voice = this.#voices.get(leg);
    if (voice === undefined) this.#voices.set(leg, { level: quiet, isHeard: isHeard(participant), floor: this.#floorOf(key) });
    else if (voice.isHeard !== isHeard(participant)) {
      voice.isHeard = !voice.isHeard;
      voice.floor.feed(voice.isHeard ? { type: 'level', leg, ...voice.level } : { type: 'gone', leg });
    }
  }

  #forget(leg: LegId): void {
    this.#voices.get(leg)?.floor.feed({ type: 'gone', leg });
    this.#voices.delete(leg);
  }

  #floorOf(key: string): Floor {
    const known = this.#floors.get(key);
    if (known !== undefined) return known;
    const fresh: Floor = new Runner(floor, free, this.#clock, () => {});
    this.#floors.set(key, fresh);
    return fresh;
  }

  #close(key: string): void {
    this.#floors.get(key)?.close();
    this.#floors.delete(key);
  }
}

const keyOf = ({ account, id }: Conference): string => `${account}/${id}`;
