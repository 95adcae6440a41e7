import type { Announcement } from './announcing/announcement.ts';
import type { Call, Conference, LegId, Participant, ParticipantId } from './conference.ts';
import type { Playing } from './playing.ts';
import { isHeard, isRecorded, musicEars, waitsForModerator } from './rules/presence.ts';
import { settingsOf } from './settings.ts';

/** Something that can be heard: a telephone, what is played (`Playing.id`), a program, another node. */
export type Source =
  | { readonly kind: 'leg'; readonly id: LegId }
  | { readonly kind: 'prompt'; readonly id: string }
  | { readonly kind: 'stream'; readonly id: string }
  | { readonly kind: 'node'; readonly id: string };

/** Who hears whom, in the domain's words. The mixer obeys; it knows no rule that made it. */
export interface HearingPlan {
  /** Grows with every plan of this conference; the engine confirms it. */
  readonly version: number;
  /**
   * What is in the room's sum, with its gain into it (1 = as it came). `aside`: it is not in the sum, and so in no recording of it; only those hear it whose
   * `gains` name it.
   */
  readonly sources: readonly {
    readonly source: Source;
    readonly gain: number;
    readonly aside?: true;
    /** Heard as everybody else, but in no recording of the room. */
    readonly unrecorded?: true;
    /** Of a telephone: how loud it must be to be heard, in place of the plan's `energyLevel`. */
    readonly energyLevel?: number;
  }[];
  /**
   * Who hears the sum. Nobody hears himself, but for those with `echo`, who must be among the sources. `gains` says what differs for him: 0 = does
   * not hear it, 1 = as in the sum, and how loud it is of a source that is aside; `gain` is how loud all of it is for him, 1 where it is missing.
   */
  readonly listeners: readonly {
    /** Of a program: the id of its stream. */
    readonly leg: LegId;
    readonly gains: readonly { readonly source: Source; readonly gain: number }[];
    readonly gain?: number;
    /** Hears himself too, as the others do. */
    readonly echo?: boolean;
  }[];
  /** Samples in a second that the room has at most: what is heard ends at half of it. Default 48 000. */
  readonly rate?: number;
  /** Voices are brought to one loudness. Default true. */
  readonly levels?: boolean;
  /** Mean absolute sample value above which somebody is heard, 0 … 1800; 0: always. Default: the engine's own. */
  readonly energyLevel?: number;
  /** dBov (0 … -127) of the noise that is heard while nobody talks (RFC 3389's scale). Default: silence. */
  readonly comfortNoise?: number;
}

/** What a participant is to the engine: a leg, or the stream of a program. */
const sourceOf = ({ leg, stream }: Call): Source => ({ kind: stream === undefined ? 'leg' : 'stream', id: leg });

/** How loud the prompts are: as they came. */
const PROMPT = 1;

/**
 * Turns mutes, deafness, relationships, prompts, waiting and music into one plan. The only place that combines them. What is played to all is part of the room: the
 * deaf do not hear it; what is played to one is for him and nobody else, be he deaf or not (so does FreeSWITCH). Who waits for a moderator hears nobody and is
 * heard by nobody; music is for those who wait or are alone, and pauses while something is played to them.
 */
export function hearingPlan(conference: Conference): HearingPlan {
  const { room, sequence } = conference;
  // A chat has no sound.
  const participants = (room?.participants ?? []).filter((each) => each.call.chat === undefined);
  const sounds = [...(room?.playing ?? []), ...(room?.announcing ?? [])].filter((each) => each.startedAt !== undefined);
  const speaking = participants.filter((each) => isHeard(conference, each) && each.call.stream !== 'out');
  const duck = duckFor(sounds, 'all');
  const music = room?.music?.failed === true ? undefined : room?.music;
  const apart = new Apart(conference, sounds, speaking);
  return {
    version: sequence,
    ...settingsOf(conference).sound,
    sources: [
      ...speaking.map((each) => ({
        source: sourceOf(each.call),
        gain: each.gainIn * duck,
        ...(each.coaches === undefined ? {} : { aside: true as const }),
        ...(isRecorded(conference, each) ? {} : { unrecorded: true as const }),
        ...(each.energyLevel === undefined ? {} : { energyLevel: each.energyLevel }),
      })),
      ...sounds.map(({ id, to }): HearingSource => ({ ...prompt(id, PROMPT), ...(to === 'all' ? {} : { aside: true }) })),
      ...(music === undefined ? [] : [{ ...prompt(music.id, PROMPT), aside: true as const }]),
    ],
    listeners: participants
      .filter((each) => each.call.stream !== 'in' && (!each.deaf || sounds.some(({ to }) => to === each.id)))
      .map((each) => ({ leg: each.call.leg, gain: each.gainOut, gains: apart.gainsOf(each) })),
  };
}

type HearingSource = HearingPlan['sources'][number];

const prompt = (id: string, gain: number): HearingSource => ({ source: { kind: 'prompt', id }, gain });

/** Whether somebody hears something that is played. Who waits is not told who comes and goes. */
const isFor = (sound: Playing | Announcement, { id, deaf }: Participant, waits: boolean): boolean =>
  sound.to === id || (sound.to === 'all' && !deaf && !(waits && 'kind' in sound && sound.kind !== 'notice'));

/** What voices are multiplied by for those to whom something is played. */
const duckFor = (sounds: readonly Playing[], to: Playing['to']): number =>
  sounds.reduce((least, each) => (each.to === to ? Math.min(least, each.duck) : least), 1);

/** In what the room sounds otherwise to one listener than to all. */
class Apart {
  readonly #silent: readonly { readonly listener: ParticipantId; readonly speaker: ParticipantId }[];
  readonly #conference: Conference;
  readonly #participants: readonly Participant[];
  readonly #speaking: readonly Participant[];
  readonly #sounds: readonly (Playing | Announcement)[];
  readonly #music: ReadonlySet<ParticipantId>;

  constructor(conference: Conference, sounds: readonly (Playing | Announcement)[], speaking: readonly Participant[]) {
    const { room } = conference;
    const hasMusic = room?.music !== undefined && room.music.failed !== true;
    this.#conference = conference;
    this.#music = new Set(hasMusic ? musicEars(conference).map((each) => each.id) : []);
    this.#participants = room?.participants ?? [];
    this.#speaking = speaking;
    this.#sounds = sounds;
    const related = (room?.relationships ?? []).map(({ participant, other, kind }) =>
      kind === 'mute' ? { listener: other, speaker: participant } : { listener: participant, speaker: other },
    );
    this.#silent = [...related, ...this.#participants.flatMap((each) => this.#aside(each))];
  }

  /** A program that is there for one alone. */
  #aside({ id, call: { only } }: Participant): readonly { readonly listener: ParticipantId; readonly speaker: ParticipantId }[] {
    if (only === undefined) return [];
    const others = this.#participants.filter((each) => each.id !== id && each.call.id !== only);
    return others.flatMap((each) => [
      { listener: each.id, speaker: id },
      { listener: id, speaker: each.id },
    ]);
  }

  gainsOf(one: Participant): readonly HearingSource[] {
    const waits = waitsForModerator(this.#conference, one);
    const own = this.#sounds.filter((each) => isFor(each, one, waits));
    const music = own.length === 0 && this.#music.has(one.id) ? this.#conference.room?.music : undefined;
    return [
      ...this.#voices(one, waits),
      ...this.#sounds.filter((each) => each.to === 'all' && !own.includes(each)).map(({ id }) => prompt(id, 0)),
      ...own.filter(({ to }) => to !== 'all').map(({ id }) => prompt(id, PROMPT)),
      ...(music === undefined ? [] : [prompt(music.id, PROMPT)]),
    ];
  }

  #voices(one: Participant, waits: boolean): readonly HearingSource[] {
    if (one.deaf || waits) return this.#speaking.filter((each) => each !== one).map(({ call }) => ({ source: sourceOf(call), gain: 0 }));
    const silent = new Set(this.#silent.filter((pair) => pair.listener === one.id).map((pair) => pair.speaker));
    const duck = duckFor(this.#sounds, one.id);
    const isOff = (each: Participant): boolean => each === one || silent.has(each.id);
    const whispers = this.#speaking.filter((each) => each.coaches === one.id && !isOff(each));
    const lowered = duck < 1 ? this.#speaking.filter((each) => !isOff(each) && each.coaches === undefined) : [];
    return [
      ...this.#participants.filter((each) => silent.has(each.id)).map(({ call }) => ({ source: sourceOf(call), gain: 0 })),
      ...lowered.map(({ call }) => ({ source: sourceOf(call), gain: duck })),
      ...whispers.map(({ call, gainIn }) => ({
        source: sourceOf(call),
        gain: gainIn * duckFor(this.#sounds, 'all') * duck,
      })),
    ];
  }
}
