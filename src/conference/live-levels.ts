import type { AccountId } from '../accounts/index.ts';
import { type Clock, Runner } from '../base/index.ts';
import type { Level } from './commands.ts';
import type { Conference, ConferenceId, LegId, Participant } from './conference.ts';
import type { Happening } from './facts.ts';
import { floor, free, holderOf, type Input, type State } from './floor.machine.ts';
import { LiveSpeech } from './live-speech.ts';
import { isHeard } from './rules/presence.ts';
import { people } from './rules/which.ts';
import type { InterimSignal, Signal } from './signals.ts';
import { newcomer, type Effect as TalkEffect, type Input as TalkInput, type State as TalkState, talk } from './talk.machine.ts';
import { TalkTime } from './talk-time.ts';

/** How loud people are right now, and who has the floor. */
export interface LiveSound {
  /** Undefined: nobody, or nobody has talked yet. */
  readonly floor: LegId | undefined;
  /** Silence for legs of nobody. */
  readonly levelOf: (leg: LegId) => Level;
}

/** What somebody seems to be saying, before it is certain. */
export type Interim = Pick<InterimSignal, 'transcription' | 'text' | 'language' | 'from' | 'way'>;

/** What levels are followed with. */
export interface LiveLevelsOptions {
  readonly clock: Clock;
  /** Told when somebody who is heard starts to talk, and when he stops. Must not throw. */
  readonly signal: (signal: Signal) => void;
}

/** A room with people in it. */
interface Place {
  readonly account: AccountId;
  readonly conference: ConferenceId;
  readonly instance: string;
  readonly floor: Runner<State, Input, never>;
  readonly talk: TalkTime;
  /** Who has taken the floor, whoever talks. */
  taken: LegId | undefined;
}

/** Somebody whose loudness is followed. */
interface Voice {
  level: Level;
  /** As he was stored last. Who is not heard is listened to, but neither has the floor nor is told to talk. */
  participant: Participant;
  /** Nothing mutes him, and he waits for nobody. */
  isHeard: boolean;
  readonly place: Place;
  readonly talk: Runner<TalkState, TalkInput, TalkEffect>;
}

const quiet: Level = { talking: false, energy: 0 };
/** How loud everybody is and who has the floor, in rooms that were changed under this object. Kept in memory only. */
export class LiveLevels {
  readonly #options: LiveLevelsOptions;
  readonly #voices = new Map<LegId, Voice>();
  /** By account and conference. */
  readonly #places = new Map<string, Place>();
  /** What they say that is written down. */
  readonly speech: LiveSpeech;

  constructor(options: LiveLevelsOptions) {
    this.#options = options;
    this.speech = new LiveSpeech({ ...options, heard: (leg) => this.#heardBy(leg) });
  }

  /** Somebody told how loud he is. Legs of nobody are ignored. */
  hear(leg: LegId, level: Level): void {
    const voice = this.#voices.get(leg);
    if (voice === undefined) return;
    voice.level = level;
    if (voice.isHeard) voice.place.floor.feed({ type: 'level', leg, ...level });
    voice.talk.feed({ type: 'level', talking: level.talking });
  }

  /** Somebody seems to be saying this. */
  interim(leg: LegId, words: Interim): void {
    const voice = this.#voices.get(leg);
    if (voice === undefined || !voice.isHeard) return;
    const { account, conference, instance } = voice.place;
    const at = this.#options.clock.epoch();
    this.#options.signal({ type: 'transcript.interim', at, account, conference, instance, about: voice.participant, ...words });
  }

  /** Who speaks through this leg. */
  whoIs(leg: LegId): Participant | undefined {
    return this.#voices.get(leg)?.participant;
  }

  /** Somebody is in its room, and came in by this object. */
  isOpen(account: AccountId, conference: ConferenceId): boolean {
    return this.#places.has(keyOf(account, conference));
  }

  /** Before it is stored: whoever will not be heard any more stops talking. What it gives takes that back when it could not be stored. */
  hush(before: Conference | undefined, next: Conference): () => void {
    const heard = new Set(
      people(next)
        .filter((each) => isHeard(next, each))
        .map((each) => each.call.leg),
    );
    const hushed: Voice[] = [];
    for (const { call } of before === undefined ? [] : people(before)) {
      const voice = heard.has(call.leg) ? undefined : this.#voices.get(call.leg);
      if (voice === undefined || voice.talk.state.at === 'hushed') continue;
      this.speech.hush(call.leg);
      voice.talk.feed({ type: 'hush' });
      hushed.push(voice);
    }
    return () => {
      for (const each of hushed) each.talk.feed({ type: 'spared' });
    };
  }

  /** Before it is stored, behind `hush`: what is told of those who leave also says how much they talked. */
  tally(before: Conference | undefined, happenings: readonly Happening[]): readonly Happening[] {
    if (before === undefined) return happenings;
    const now = this.#options.clock.now();
    const talk = this.#places.get(keyOf(before.account, before.id))?.talk;
    if (talk === undefined) return happenings;
    return happenings.map((each) => {
      if (each.type === 'participant.left') return { ...each, talk: talk.of(each.participant, now) };
      return each.type === 'room.closed' ? { ...each, talk: talk.room(now) } : each;
    });
  }

  /** It is stored: people have come, gone, or been muted. */
  follow(before: Conference | undefined, after: Conference): void {
    const now = people(after);
    const legs = new Set(now.map((each) => each.call.leg));
    for (const { call } of before === undefined ? [] : people(before)) {
      if (!legs.has(call.leg)) this.#forget(call.leg);
    }
    if (now.length === 0) this.#close(keyOf(after.account, after.id));
    for (const each of now) this.#listen(each, after);
    const place = this.#places.get(keyOf(after.account, after.id));
    if (place !== undefined) place.taken = now.find(({ id }) => id === after.room?.floor)?.call.leg;
  }

  /** It is published: whoever can be heard may be told to talk. */
  heard(after: Conference): void {
    for (const each of people(after)) {
      const voice = isHeard(after, each) ? this.#voices.get(each.call.leg) : undefined;
      voice?.talk.feed({ type: 'heard', talking: voice.level.talking });
    }
  }

  /** The levels of those who are in, and who has the floor. */
  look(conference: Conference): { readonly levels: ReadonlyMap<LegId, Level>; readonly floor: LegId | undefined } {
    const levels = new Map<LegId, Level>();
    for (const { call } of people(conference)) {
      const voice = this.#voices.get(call.leg);
      if (voice !== undefined) levels.set(call.leg, voice.level);
    }
    return { levels, floor: this.#holder(conference.account, conference.id) };
  }

  /** The same without the conference at hand. */
  sound(account: AccountId, conference: ConferenceId): LiveSound {
    return { floor: this.#holder(account, conference), levelOf: (leg) => this.#voices.get(leg)?.level ?? quiet };
  }

  /** Whoever talks stops. */
  close(): void {
    this.speech.close();
    for (const voice of this.#voices.values()) voice.talk.feed({ type: 'hush' });
    for (const key of [...this.#places.keys()]) this.#close(key);
    this.#voices.clear();
  }

  /** Who is about to be muted or to leave is not heard any more. */
  #heardBy(leg: LegId): Participant | undefined {
    const voice = this.#voices.get(leg);
    return voice === undefined || !voice.isHeard || voice.talk.state.at === 'hushed' ? undefined : voice.participant;
  }

  #listen(participant: Participant, conference: Conference): void {
    const { leg } = participant.call;
    const known = this.#voices.get(leg);
    if (known === undefined) {
      const voice = this.#voiceOf(participant, this.#placeOf(conference));
      voice.isHeard = isHeard(conference, participant);
      this.#voices.set(leg, voice);
      return;
    }
    const was = known.isHeard;
    known.participant = participant;
    known.isHeard = isHeard(conference, participant);
    if (was === known.isHeard) return;
    known.place.floor.feed(was ? { type: 'gone', leg } : { type: 'level', leg, ...known.level });
  }

  #voiceOf(participant: Participant, place: Place): Voice {
    const { clock } = this.#options;
    const voice: Voice = {
      level: quiet,
      participant,
      isHeard: false,
      place,
      talk: new Runner(talk, newcomer, clock, (effect) => this.#tell(voice, effect)),
    };
    return voice;
  }

  #tell({ participant, level, place: { account, conference, instance, talk: time } }: Voice, effect: TalkEffect): void {
    const type = effect.do === 'start' ? 'participant.started-talking' : 'participant.stopped-talking';
    time[effect.do](participant.id, this.#options.clock.now());
    const at = this.#options.clock.epoch();
    this.#options.signal({ type, at, account, conference, instance, about: participant, energy: level.energy });
  }

  #forget(leg: LegId): void {
    this.#voices.get(leg)?.place.floor.feed({ type: 'gone', leg });
    this.#voices.delete(leg);
  }

  #holder(account: AccountId, conference: ConferenceId): LegId | undefined {
    const place = this.#places.get(keyOf(account, conference));
    return place === undefined ? undefined : (place.taken ?? holderOf(place.floor.state));
  }

  #placeOf({ account, id, room }: Conference): Place {
    const key = keyOf(account, id);
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const fresh: Place = {
      account,
      conference: id,
      instance: room?.instance ?? '',
      floor: new Runner(floor, free, this.#options.clock, () => {}),
      talk: new TalkTime(this.#options.clock.now()),
      taken: undefined,
    };
    this.#places.set(key, fresh);
    return fresh;
  }

  #close(key: string): void {
    this.#places.get(key)?.floor.close();
    this.#places.delete(key);
  }
}

const keyOf = (account: AccountId, id: ConferenceId): string => `${account}/${id}`;
