import type { ParticipantId } from './conference.ts';

/** How much somebody has talked while he was heard. */
export interface TalkShare {
  readonly talkMs: number;
  /** Of that, while somebody else talked too. */
  readonly overlapMs: number;
  /** How often he began. */
  readonly turns: number;
}

/** How much was talked in one run of a room. The three add up to how long somebody was in, but for the overlap, which is part of the talk. */
export interface RoomTalk {
  /** At least one talked. */
  readonly talkMs: number;
  /** At least two did. */
  readonly overlapMs: number;
  /** Nobody did. */
  readonly silenceMs: number;
}

interface Share {
  talkMs: number;
  overlapMs: number;
  turns: number;
}

/** Counts who talks how long in one run of a room, and with whom at the same time. Times are ms of a clock that only goes on. */
export class TalkTime {
  readonly #shares = new Map<ParticipantId, Share>();
  readonly #talking = new Set<ParticipantId>();
  #at: number;
  #talkMs = 0;
  #overlapMs = 0;
  #silenceMs = 0;

  constructor(now: number) {
    this.#at = now;
  }

  start(who: ParticipantId, now: number): void {
    this.#count(now);
    this.#talking.add(who);
    const share = this.#shares.get(who) ?? { talkMs: 0, overlapMs: 0, turns: 0 };
    share.turns += 1;
    this.#shares.set(who, share);
  }

  stop(who: ParticipantId, now: number): void {
    this.#count(now);
    this.#talking.delete(who);
  }

  of(who: ParticipantId, now: number): TalkShare {
    this.#count(now);
    const { talkMs = 0, overlapMs = 0, turns = 0 } = this.#shares.get(who) ?? {};
    return { talkMs: Math.round(talkMs), overlapMs: Math.round(overlapMs), turns };
  }

  room(now: number): RoomTalk {
    this.#count(now);
    return { talkMs: Math.round(this.#talkMs), overlapMs: Math.round(this.#overlapMs), silenceMs: Math.round(this.#silenceMs) };
  }

  /** What has passed since the last look belongs to those who talked then. */
  #count(now: number): void {
    const passed = Math.max(0, now - this.#at);
    this.#at = now;
    const count = this.#talking.size;
    if (count === 0) this.#silenceMs += passed;
    else this.#talkMs += passed;
    if (count > 1) this.#overlapMs += passed;
    for (const who of this.#talking) {
      const share = this.#shares.get(who);
      if (share === undefined) continue;
      share.talkMs += passed;
      if (count > 1) share.overlapMs += passed;
    }
  }
}
