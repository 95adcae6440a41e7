import { isObject, type Json } from '../../base/index.ts';
import { languageOf, profileSound, soundOf, spoken } from '../announcing/caller-sounds.ts';
import type { Conference } from '../conference.ts';
import { type Defaults, noDefaults } from '../defaults.ts';
import type { EntryWish } from '../flow/act.ts';
import type { PlaySource } from '../playing.ts';
import { settingsOf } from '../settings.ts';
import type { EntryPlan, Guest, Invited, PinQuestion, Reception } from './entry-plan.ts';

/** What a conference says of its entry. */
export type Entered = Pick<Conference, 'id' | 'document' | 'defaults'>;

/** What is known besides when a plan is made. It counts more than the document. */
export interface PlanWish extends Pick<EntryWish, 'role' | 'forced' | 'welcome' | 'invited'> {
  /** Only into a room that is open. */
  readonly joinExisting?: boolean;
  /** How the caller's name is pronounced, where a user has said so. */
  readonly pronounced?: PlaySource;
  /** Lengths of PINs that are not in the document: those of invited guests. */
  readonly guestPins?: readonly number[];
}

/** ms, where nobody says otherwise (kazoo-facts §3.8). */
const USUAL_TIMEOUT = 5_000;
/** ms; what nobody can type in, or would wait for, is not believed. */
const TIMEOUTS = { least: 500, most: 120_000 };

/** Longest PIN that can be entered. */
export const LONGEST_PIN = 16;

function timeoutOf(key: 'number_timeout' | 'pin_timeout', { account, system }: Defaults, own?: Json): number {
  const found = [own, account[key], system[key]].find((each) => typeof each === 'number' && each > 0) ?? USUAL_TIMEOUT;
  return Math.min(TIMEOUTS.most, Math.max(TIMEOUTS.least, found as number));
}

/** What is said first: the wish's own word, then the document's, then the usual. */
function welcomeOf(conference: Pick<Conference, 'document' | 'defaults'>, wish: EntryWish['welcome']): PlaySource | undefined {
  const { document } = conference;
  const own = isObject(document.welcome_prompt) ? document.welcome_prompt : {};
  const play = [document.play_welcome, own['play']].find((each) => typeof each === 'boolean') ?? true;
  if (wish === false || (wish === undefined && play === false)) return undefined;
  const media = [wish, own['media_id']].find((each): each is PlaySource => each !== undefined && each !== '');
  if (media === undefined) return spoken(conference, 'conf-welcome');
  return typeof media === 'string' ? soundOf(conference, media) : media;
}

/** What is said and asked before it is known which conference is wanted. */
export const reception = (defaults: Defaults, welcome?: EntryWish['welcome']): Reception =>
  receptionIn({ document: {}, defaults }, welcome);

/** What is said first in a conference that was dialled itself. */
export function receptionIn(conference: Pick<Conference, 'document' | 'defaults'>, welcome?: EntryWish['welcome']): Reception {
  const said = welcomeOf(conference, welcome);
  return {
    language: languageOf(conference),
    numberTimeout: timeoutOf('number_timeout', conference.defaults ?? noDefaults),
    ...(said === undefined ? {} : { welcome: said }),
  };
}

/** The length that all have that can be entered; undefined: they differ, or there is none. */
function lengthOf(lengths: readonly number[]): number | undefined {
  const [first, ...others] = lengths.filter((each) => each <= LONGEST_PIN);
  return others.every((each) => each === first) ? first : undefined;
}

/** Which PINs count; undefined: none is asked for (kazoo-facts §7.3). */
function questionOf(conference: Entered, wish: PlanWish): PinQuestion | undefined {
  const { role: known, forced, guestPins = [], invited } = wish;
  const { member, moderator: moderators } = settingsOf(conference);
  const timeout = timeoutOf('pin_timeout', conference.defaults ?? noDefaults, conference.document['pin_timeout']);
  if (invited?.pin === 'none') return undefined;
  if (invited?.pin === 'one-time') {
    const { role, invitation: own, knownAs } = invited;
    return { timeout, role, own, ...(knownAs === undefined ? {} : { knownAs }) };
  }
  const role = forced === undefined ? known : undefined;
  const pins = role === undefined ? [...member.pins, ...moderators.pins] : (role === 'member' ? member : moderators).pins;
  if (pins.length === 0) return undefined;
  const length = lengthOf([...pins.map((each) => each.length), ...guestPins]);
  return {
    timeout,
    ...(role === undefined ? {} : { role }),
    ...(forced === undefined ? {} : { forced }),
    ...(length === undefined ? {} : { length }),
  };
}

/** How he is called, where the conference says who comes and goes. */
function nameOf({ document, defaults = noDefaults }: Entered, pronounced: PlaySource | undefined): EntryPlan['name'] {
  const { account, system } = defaults;
  const wanted = document.play_name === true;
  const supported = [account['support_name_announcement'], system['support_name_announcement']].find((each) => typeof each === 'boolean');
  if (!wanted || supported === false) return undefined;
  if (pronounced !== undefined) return { source: pronounced };
  const review = [document['review_name'], account['review_name'], system['review_name']].find((each) => typeof each === 'boolean');
  return { review: review === true };
}

/** Reads what a conference asks of those who want in. */
export function entryPlan(conference: Entered, wish: PlanWish = {}): EntryPlan {
  const { id, document } = conference;
  const { invited } = wish;
  const role = invited?.role ?? wish.forced ?? wish.role ?? 'member';
  const pin = questionOf(conference, invited === undefined ? wish : { ...wish, role: invited.role });
  const name = nameOf(conference, wish.pronounced);
  const prompted = isObject(document.member) && document.member.play_entry_prompt === true;
  const own = document.max_members_media;
  const full = typeof own === 'string' && own !== '' ? soundOf(conference, own) : profileSound(conference, 'max-members-sound');
  const locked = profileSound(conference, 'locked-sound');
  return {
    conference: id,
    language: invited?.language?.toLowerCase() ?? languageOf(conference),
    ...(invited === undefined ? {} : { guest: guestOf(invited) }),
    role,
    joinExisting: wish.joinExisting === true,
    ...(pin === undefined ? {} : { pin }),
    ...(name === undefined ? {} : { name }),
    ...(prompted ? { memberPrompt: profileSound(conference, 'member-enter-sound') ?? spoken(conference, 'conf-joining_conference') } : {}),
    ...(full === undefined ? {} : { full }),
    ...(locked === undefined ? {} : { locked }),
  };
}

const guestOf = ({ invitation, name, language }: Invited): Guest => ({ invitation, name, ...(language === undefined ? {} : { language }) });

/** Whether somebody hears or is asked anything before he is in; where not, no lobby is needed. */
export const asksNothing = ({ welcome }: Reception, { pin, name, memberPrompt, role }: EntryPlan): boolean =>
  welcome === undefined &&
  pin === undefined &&
  (name === undefined || 'source' in name) &&
  (memberPrompt === undefined || role === 'moderator');
