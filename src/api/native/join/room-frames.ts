import { dashed, isoTime } from '../../../base/index.ts';
import { type ConferenceView, languageOf, type Participant, roomEnd, settingsOf } from '../../../conference/index.ts';
import type { JoinConference, ToBrowser } from '../join-shapes.ts';

/** One frame for one or many guests: written once. */
export const frameOf = (frame: ToBrowser): Uint8Array => Buffer.from(JSON.stringify(frame));

/** What is true of the conference as a whole. */
export function joinConference({ conference }: ConferenceView): JoinConference {
  const { room, locked } = conference;
  const { name, waitForModerator } = settingsOf(conference);
  const endsAt = roomEnd(conference);
  return {
    name,
    language: languageOf(conference),
    locked,
    recording: room?.recording?.state === 'running',
    transcribing: room?.transcription !== undefined,
    members_muted: room?.muted === true,
    waits_for_moderator: waitForModerator && room?.started !== true,
    ends_at: endsAt === undefined ? null : isoTime(endsAt),
  };
}

/** How a guest stands himself; `selfUnmute`: he may lift what others have muted him for. */
export function selfFrame({ role, muted, deaf, handRaisedAt, consent }: Participant, selfUnmute: boolean): ToBrowser {
  const liftable = selfUnmute ? ['self', 'moderator', 'room'] : ['self'];
  return {
    type: 'self',
    role,
    muted: muted.length > 0,
    mute_reasons: [...muted],
    can_unmute: muted.every((reason) => liftable.includes(reason)),
    deaf,
    hand: handRaisedAt !== undefined,
    ...(consent === undefined ? {} : { consent: consent.state }),
  };
}

/** He takes part. */
export const joinedFrame = ({ id, role }: Participant, conference: JoinConference): ToBrowser => ({
  type: 'joined',
  participant: dashed(id),
  role,
  conference,
});
