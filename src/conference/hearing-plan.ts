import type { Conference, LegId } from './conference.ts';
import { settings } from './settings.ts';

/** Something that can be heard. Only legs exist yet; the engine takes the others when their rooms are built. */
export type Source =
  | { readonly kind: 'leg'; readonly id: LegId }
  | { readonly kind: 'prompt'; readonly id: string }
  | { readonly kind: 'stream'; readonly id: string }
  | { readonly kind: 'node'; readonly id: string };

/** Who hears whom, in the domain's words. The mixer obeys; it knows no rule that made it. */
export interface HearingPlan {
  /** Grows with every plan of this conference; the engine confirms it. */
  readonly version: number;
  /** What is in the room's sum, with its gain into it (1 = as it came). */
  readonly sources: readonly { readonly source: Source; readonly gain: number }[];
  /**
   * Who hears the sum. Nobody hears himself. `gains` says what differs for him: 0 = does not hear it, 1 = as in the sum; `gain` is how loud
   * all of it is for him, 1 where it is missing.
   */
  readonly listeners: readonly {
    readonly leg: LegId;
    readonly gains: readonly { readonly source: Source; readonly gain: number }[];
    readonly gain?: number;
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

const legSource = (id: LegId): Source => ({ kind: 'leg', id });

/** Turns mutes, deafness and relationships into one plan. The only place that combines them. */
export function hearingPlan({ room, sequence, document }: Conference): HearingPlan {
  const participants = room?.participants ?? [];
  const leg = new Map(participants.map((each) => [each.id, each.call.leg]));
  const silent = (room?.relationships ?? []).map(({ participant, other, kind }) =>
    kind === 'mute' ? { listener: other, speaker: participant } : { listener: participant, speaker: other },
  );
  return {
    version: sequence,
    ...settings(document).sound,
    sources: participants
      .filter((each) => each.muted.length === 0)
      .map((each) => ({ source: legSource(each.call.leg), gain: each.gainIn })),
    listeners: participants
      .filter((each) => !each.deaf)
      .map((each) => ({
        leg: each.call.leg,
        gain: each.gainOut,
        gains: silent
          .filter((pair) => pair.listener === each.id)
          .flatMap((pair) => leg.get(pair.speaker) ?? [])
          .map((id) => ({ source: legSource(id), gain: 0 })),
      })),
  };
}
