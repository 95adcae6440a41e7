import type { Ending } from './room.ts';
import type { Texts } from './texts/en-us.ts';

const TEXTS: Readonly<Record<string, keyof Texts>> = {
  left: 'endLeft',
  kicked: 'endKicked',
  denied: 'endDenied',
  'wrong-pin': 'endWrongPin',
  'locked-out': 'endLockedOut',
  locked_out: 'endLockedOut',
  'conference-over': 'endOver',
  'no-moderator': 'endNoModerator',
  'no-consent': 'endNoConsent',
  'media-lost': 'endMediaLost',
  'taken-over': 'endTakenOver',
  'server-stopping': 'endStopping',
  'too-late': 'endTooLate',
  conference_full: 'endFull',
  full: 'endFull',
  locked: 'endLocked',
  conference_locked: 'endLocked',
  invitation_over: 'endExpired',
  invitation_used: 'endUsed',
  used: 'endUsed',
  invitation_unknown: 'endInvitation',
  overloaded: 'endBusy',
  offline: 'endNoServer',
  unsupported: 'unsupported',
};

/** Which of them are final: the same link will not bring him in again. */
const FINAL: ReadonlySet<keyof Texts> = new Set<keyof Texts>([
  'endInvitation',
  'endExpired',
  'endUsed',
  'endOver',
  'endKicked',
  'endDenied',
  'endNoModerator',
  'unsupported',
]);

const MORE: ReadonlyMap<keyof Texts, keyof Texts> = new Map([
  ['endInvitation', 'endInvitationWhy'],
  ['endExpired', 'askForNew'],
  ['endUsed', 'askForNew'],
]);

/** What an end means to a person. */
export interface EndingWords {
  readonly text: keyof Texts;
  readonly more: keyof Texts | undefined;
  readonly canTryAgain: boolean;
  /** Nothing to worry about. */
  readonly isCalm: boolean;
}

/** The words for an end; what is unknown is a failure that one may try again. */
export function wordsOf({ cause, status }: Ending): EndingWords {
  const bySituation = status === 400 || status === 404 || status === 410 ? 'endInvitation' : status === 429 ? 'endBusy' : undefined;
  const text = TEXTS[cause] ?? bySituation ?? 'endFailed';
  return {
    text,
    more: MORE.get(text),
    canTryAgain: !FINAL.has(text),
    isCalm: text === 'endLeft' || text === 'endOver' || text === 'endTakenOver',
  };
}
