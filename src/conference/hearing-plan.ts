import type { Call, Conference, LegId, Participant, ParticipantId, Room } from './conference.ts';
import type { Playing } from './playing.ts';
import { settings } from './settings.ts';

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
  readonly sources: readonly { readonly source: Source; readonly gain: number; readonly aside?: true }[];
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
 * Turns mutes, deafness, relationships and prompts into one plan. The only place that combines them. What is played to all is part of the room: the deaf do not
 * hear it; what is played to one is for him and nobody else, be he deaf or not (so does FreeSWITCH).
 */
export function hearingPlan({ room, sequence, document }: Conference): HearingPlan {
  const participants = room?.participants ?? [];
  const sounds = [...(room?.playing ?? []), ...(room?.announcing ?? [])].filter((each) => each.startedAt !== undefined);
  const speaking = participants.filter((each) => each.muted.length === 0 && each.call.stream !== 'out');
  const duck = duckFor(sounds, 'all');
  const apart = new Apart(room, sounds, speaking);
  return {
    version: sequence,
    ...settings(document).sound,
    sources: [
      ...speaking.map((each) => ({ source: sourceOf(each.call), gain: each.gainIn * duck })),
      ...sounds.map(({ id }): HearingSource => ({ source: { kind: 'prompt', id }, gain: PROMPT })),
    ],
    listeners: participants
      .filter((each) => each.call.stream !== 'in' && (!each.deaf || sounds.some(({ to }) => to === each.id)))
      .map((each) => ({ leg: each.call.leg, gain: each.gainOut, gains: apart.gainsOf(each) })),
  };
}

type HearingSource = HearingPlan['sources'][number];

/** What voices are multiplied by for those to whom something is played. */
const duckFor = (sounds: readonly Playing[], to: Playing['to']): number =>
  sounds.reduce((least, each) => (each.to === to ? Math.min(least, each.duck) : least), 1);

/** In what the room sounds otherwise to one listener than to all. */
class Apart {
  readonly #silent: readonly { readonly listener: ParticipantId; readonly speaker: ParticipantId }[];
  readonly #participants: readonly Participant[];
  readonly #speaking: readonly Participant[];
  readonly #sounds: readonly Playing[];

  constructor(room: Room | undefined, sounds: readonly Playing[], speaking: readonly Participant[]) {
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
    const prompts = this.#sounds
      .filter(({ to }) => (to === 'all' ? one.deaf : to !== one.id))
      .map(({ id }): HearingSource => ({ source: { kind: 'prompt', id }, gain: 0 }));
    return [...this.#voices(one), ...prompts];
  }

  #voices(one: Participant): readonly HearingSource[] {
    if (one.deaf) return this.#speaking.filter((each) => each !== one).map(({ call }) => ({ source: sourceOf(call), gain: 0 }));
    const silent = new Set(this.#silent.filter((pair) => pair.listener === one.id).map((pair) => pair.speaker));
    const duck = duckFor(this.#sounds, one.id);
    const lowered = duck < 1 ? this.#speaking.filter((each) => each !== one && !silent.has(each.id)) : [];
    return [
      ...this.#participants.filter((each) => silent.has(each.id)).map(({ call }) => ({ source: sourceOf(call), gain: 0 })),
      ...lowered.map(({ call }) => ({ source: sourceOf(call), gain: duck })),
    ];
  }
}
