import { Failure } from '../../base/index.ts';
import type { Conference, Consent, ConsentBy, Participant, ParticipantId } from '../conference.ts';
import type { Happening } from '../facts.ts';
import type { Recording } from '../recording.ts';
import { participantNotFound } from '../refusals.ts';
import { settingsOf } from '../settings.ts';
import { hangUp, leave } from './leaving.ts';
import { consentTo, isPerson } from './presence.ts';
import { type Change, type Context, type Rule, unchanged } from './rule.ts';
import { find, people, withPeople } from './which.ts';

const withConsent = (one: Participant, consent: Consent): Participant => ({ ...one, consent });

/** Asks everybody who can hear it and was not asked about this recording yet. Until he agrees he is not in it, so the plan is there before the recorder. */
export function consentFollows(_before: Conference | undefined, change: Change, { epoch }: Context): Change {
  const { next } = change;
  const recording = next.room?.recording;
  const { consent } = settingsOf(next);
  if (consent === undefined || recording?.state !== 'running') return change;
  const asked = people(next).filter((each) => isPerson(each) && !each.muted.includes('hold') && consentTo(recording, each) === undefined);
  if (asked.length === 0) return change;
  const until = epoch + consent.time;
  const facts = asked.map(({ id }): Happening => ({ type: 'consent.asked', participant: id, recording: recording.id, until }));
  return {
    ...change,
    next: withPeople(
      next,
      asked.map((each) => withConsent(each, { recording: recording.id, state: 'asked', until })),
    ),
    facts: [...change.facts, ...facts],
    effects: [{ do: 'rehear' }, ...change.effects],
  };
}

/** He agrees, or does not. */
export const consent: Rule<'participants.consent'> = (conference, { which, agreed, by = 'api' }) => {
  const one = find(conference, which);
  if (one === undefined) throw participantNotFound(which);
  const recording = conference.room?.recording;
  const isAsked = settingsOf(conference).consent !== undefined || consentTo(recording, one) !== undefined;
  if (recording === undefined || !isPerson(one) || !isAsked) {
    throw new Failure('conflict', 'no_consent_asked', 'nobody is asked whether he agrees to be recorded');
  }
  if (consentTo(recording, one)?.state === (agreed ? 'given' : 'refused')) return unchanged(conference);
  return said(conference, recording, { who: [one], agreed, by });
};

interface Said {
  readonly who: readonly Participant[];
  readonly agreed: boolean;
  readonly by: ConsentBy | 'time';
}

function said(conference: Conference, { id: recording }: Recording, { who, agreed, by }: Said): Change {
  const fact = (participant: ParticipantId): Happening =>
    agreed && by !== 'time'
      ? { type: 'consent.given', participant, recording, by }
      : { type: 'consent.refused', participant, recording, by };
  const next = withPeople(
    conference,
    who.map((each) => withConsent(each, { recording, state: agreed ? 'given' : 'refused' })),
  );
  const facts = who.map(({ id }) => fact(id));
  if (agreed || settingsOf(conference).consent?.without !== 'leave') return { next, facts, effects: [{ do: 'rehear' }] };
  const gone = leave(
    next,
    who.map(({ call }) => call.id),
    'no-consent',
  );
  return {
    ...gone,
    facts: [...facts, ...gone.facts],
    effects: [...gone.effects, ...who.map(({ call }) => hangUp(call, 'no-consent'))],
  };
}

/** Who has not agreed in time does not agree. */
export function consentsDue(conference: Conference, { epoch }: Pick<Context, 'epoch'>): Change {
  const recording = conference.room?.recording;
  if (recording === undefined) return unchanged(conference);
  const who = people(conference).filter((each) => isDue(consentTo(recording, each), epoch));
  return who.length === 0 ? unchanged(conference) : said(conference, recording, { who, agreed: false, by: 'time' });
}

const isDue = (consent: Consent | undefined, epoch: number): boolean =>
  consent?.state === 'asked' && consent.until !== undefined && consent.until <= epoch;
