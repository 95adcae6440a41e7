import type { ConferenceView, Output } from '../commands.ts';
import { adjust } from './adjust.ts';
import { answered, arrived, digit, ended, held, refused, silent } from './call.ts';
import { deafen } from './deafen.ts';
import { remove, replace } from './document.ts';
import { kick } from './kick.ts';
import { lock } from './lock.ts';
import { mute } from './mute.ts';
import { relate } from './relate.ts';
import type { Rule, RuledCommand } from './rule.ts';

/** One rule per command. A command without a rule does not compile. */
export const rules: { readonly [Name in RuledCommand]: Rule<Name> } = {
  'conference.replace': replace,
  'conference.delete': remove,
  'conference.lock': lock,
  'participants.mute': mute,
  'participants.deafen': deafen,
  'participants.adjust': adjust,
  'participants.kick': kick,
  'participants.relate': relate,
  'call.arrived': arrived,
  'call.answered': answered,
  'call.refused': refused,
  'call.held': held,
  'call.silent': silent,
  'call.ended': ended,
  'call.digit': digit,
};

const look = (view: ConferenceView): ConferenceView => view;
const nothing = (): undefined => undefined;

/** What the caller of each command gets to see of the stored change. */
export const answers: { readonly [Name in RuledCommand]: (view: ConferenceView) => Output<Name> } = {
  'conference.replace': look,
  'conference.delete': look,
  'conference.lock': look,
  'participants.mute': look,
  'participants.deafen': look,
  'participants.adjust': look,
  'participants.kick': look,
  'participants.relate': look,
  'call.arrived': nothing,
  'call.answered': look,
  'call.refused': nothing,
  'call.held': nothing,
  'call.silent': nothing,
  'call.ended': nothing,
  'call.digit': nothing,
};
