import { profileSound, type SoundKey, soundOf, spoken } from '../announcing/caller-sounds.ts';
import { MANY } from '../announcing/told.ts';
import type { Conference, Participant } from '../conference.ts';
import type { Happening } from '../facts.ts';
import type { PlaySource } from '../playing.ts';
import type { PromptName } from '../prompts.ts';
import { adjust } from '../rules/adjust.ts';
import { consent } from '../rules/consent.ts';
import { deafen } from '../rules/deafen.ts';
import { takeFloor } from '../rules/floor.ts';
import { hand } from '../rules/hand.ts';
import { kick } from '../rules/kick.ts';
import { hangUp, leave } from '../rules/leaving.ts';
import { lock } from '../rules/lock.ts';
import { moh } from '../rules/moh.ts';
import { mute, muteRoom } from '../rules/mute.ts';
import { pauseRecording, resumeRecording, startRecording, stopRecording } from '../rules/recording.ts';
import type { Change, Context } from '../rules/rule.ts';
import { tell } from '../rules/tell.ts';
import { extend } from '../rules/time.ts';
import { admit, deny } from '../rules/waiting.ts';
import { people } from '../rules/which.ts';
import type { KeypadAction } from './actions.ts';

/** Somebody presses keys. */
export interface Press {
  readonly conference: Conference;
  readonly one: Participant;
  readonly data: string | undefined;
  readonly context: Context;
}

/** What comes of it, and what is said to him besides what is said anyhow. */
export interface Acted {
  readonly change: Change;
  readonly says: readonly (PlaySource | undefined)[];
}

/** Minutes that `extend` adds where the map does not say how many. */
const EXTENSION = 10;
/** Heard where there are no words for what was done. */
const BEEP = 'tone_stream://%(120,0,880)';

type Act = (press: Press) => Acted;
const because = (change: Change, ...says: readonly (PlaySource | undefined)[]): Acted => ({ change, says });

/** Words that are said anyhow when something has changed, and else here. */
const orElse = (change: Change, words: PlaySource | undefined): Acted => because(change, change.facts.length === 0 ? words : undefined);

const isOff = ({ muted }: Participant): boolean => muted.some((each) => each !== 'hold');

function muting({ conference, one, context }: Press, muted: boolean): Acted {
  const change = mute(conference, { conference: conference.id, which: one.id, muted, by: 'self' }, context);
  const isStill = !muted && isOff(people(change.next).find((each) => each.id === one.id) ?? one);
  const key: SoundKey = muted ? 'muted-sound' : 'unmuted-sound';
  return orElse(change, isStill ? spoken(conference, 'conf-still_muted') : profileSound(conference, key));
}

function deafening({ conference, one, context }: Press, deaf: boolean): Acted {
  const change = deafen(conference, { conference: conference.id, which: one.id, deaf }, context);
  return orElse(change, profileSound(conference, deaf ? 'deaf-sound' : 'undeaf-sound'));
}

/** Both at once: who hears nobody need not be heard. */
function apart(press: Press): Acted {
  const isApart = !press.one.deaf;
  const first = muting(press, isApart).change;
  const second = deafening({ ...press, conference: first.next }, isApart).change;
  return because({ next: second.next, facts: [...first.facts, ...second.facts], effects: [...first.effects, ...second.effects] });
}

/** `to`: by so many levels, or back to as it came. */
function volume({ conference, one, context }: Press, side: 'talk' | 'listen', to: -1 | 1 | 'zero'): Acted {
  const of = { conference: conference.id, which: one.id };
  const wish = side === 'talk' ? (to === 'zero' ? { gainIn: 1 } : { stepIn: to }) : to === 'zero' ? { gainOut: 1 } : { stepOut: to };
  const change = adjust(conference, { ...of, ...wish }, context);
  const name = side === 'talk' ? 'conf-talk_volume' : 'conf-volume';
  if (to === 'zero') return because(change, spoken(conference, `${name}_reset`));
  if (change.facts.length === 0) return because(change, spoken(conference, to === 1 ? 'conf-volume_highest' : 'conf-volume_lowest'));
  return because(change, spoken(conference, to === 1 ? `${name}_up` : `${name}_down`));
}

function handing({ conference, one, context }: Press, raised: boolean): Acted {
  const change = hand(conference, { conference: conference.id, which: one.id, raised }, context);
  return orElse(change, spoken(conference, raised ? 'conf-hand_raised' : 'conf-hand_lowered'));
}

const locking = ({ conference, context }: Press, locked: boolean): Acted =>
  because(lock(conference, { conference: conference.id, locked }, context), spoken(conference, locked ? 'conf-lock_on' : 'conf-lock_off'));

function mutingAll({ conference, context }: Press, muted: boolean): Acted {
  const change = muteRoom(conference, { conference: conference.id, muted }, context);
  const isTold = change.facts.filter(({ type }) => type === (muted ? 'participant.muted' : 'participant.unmuted')).length >= MANY;
  return because(change, isTold ? undefined : spoken(conference, muted ? 'conf-all_muted' : 'conf-all_unmuted'));
}

function kickLast({ conference, one, context }: Press): Acted {
  const last = people(conference).findLast((each) => each.id !== one.id && each.role !== 'moderator' && each.call.stream === undefined);
  if (last === undefined) return because(nothing(conference), spoken(conference, 'conf-nobody_to_kick'));
  return because(kick(conference, { conference: conference.id, which: last.id }, context), spoken(conference, 'conf-kicked_last'));
}

const nothing = (next: Conference): Change => ({ next, facts: [], effects: [] });

function door({ conference, context }: Press, rule: typeof admit | typeof deny, words: PromptName): Acted {
  const isAsked = (conference.room?.waiting ?? []).length > 0;
  if (!isAsked) return because(nothing(conference), spoken(conference, 'conf-nobody_waiting'));
  return because(rule(conference, { conference: conference.id, which: 'next' }, context), spoken(conference, words));
}

function recording({ conference, context }: Press, wanted: boolean): Acted {
  const of = { conference: conference.id };
  const change = wanted ? startRecording(conference, of, context) : stopRecording(conference, of, context);
  const words: PromptName = wanted ? 'conf-recording_started' : 'conf-recording_stopped';
  return recorded(conference, change, words);
}

/** All are told of recordings, where that is not switched off. */
const recorded = (conference: Conference, change: Change, words: PromptName): Acted => {
  const isTold = change.facts.length > 0 && conference.document['recording_notice'] !== false;
  return because(change, isTold ? undefined : spoken(conference, words));
};

function pausing({ conference, context }: Press): Acted {
  const of = { conference: conference.id };
  const state = conference.room?.recording?.state;
  if (state === undefined) return because(nothing(conference), spoken(conference, 'conf-not_possible'));
  return state === 'running'
    ? recorded(conference, pauseRecording(conference, of, context), 'conf-recording_paused')
    : recorded(conference, resumeRecording(conference, of, context), 'conf-recording_resumed');
}

const telling = ({ conference, one, context }: Press, what: 'count' | 'roll_call'): Acted =>
  because(tell(conference, { conference: conference.id, which: one.id, what }, context));

function leaving({ conference, one }: Press): Acted {
  const change = leave(conference, [one.call.id], 'hung-up');
  return because({ ...change, effects: [...change.effects, hangUp(one.call, 'hung-up')] });
}

function reporting({ conference, one, data = '' }: Press): Acted {
  const fact: Happening = { type: 'participant.keyed', participant: one.id, data };
  return because({ next: conference, facts: [fact], effects: [] }, BEEP);
}

/** mod_conference's gate: how loud he must be to be heard. */
function energy({ conference, one, context }: Press, step: -1 | 1 | 'room'): Acted {
  const of = { conference: conference.id, which: one.id };
  const change = adjust(conference, { ...of, ...(step === 'room' ? { energyLevel: null } : { stepEnergy: step }) }, context);
  if (step === 'room') return because(change, spoken(conference, 'conf-energy_reset'));
  if (change.facts.length === 0) return because(change, spoken(conference, 'conf-not_possible'));
  return because(change, spoken(conference, step === 1 ? 'conf-energy_up' : 'conf-energy_down'));
}

/** Whose it is gives it back; a moderator takes it from whoever has it. */
function flooring({ conference, one, context }: Press): Acted {
  const holder = conference.room?.floor;
  const taken = holder !== one.id;
  if (taken && holder !== undefined && one.role !== 'moderator') {
    return because(nothing(conference), spoken(conference, 'conf-floor_busy'));
  }
  const change = takeFloor(conference, { conference: conference.id, which: one.id, taken, force: true }, context);
  return because(change, spoken(conference, taken ? 'conf-floor_taken' : 'conf-floor_released'));
}

function music({ conference, context }: Press): Acted {
  const on = conference.room?.mohOff === true;
  return because(moh(conference, { conference: conference.id, on }, context), spoken(conference, on ? 'conf-moh_on' : 'conf-moh_off'));
}

/** Somebody is called into the conference: whether that can be is found out when he is. */
function dialling({ conference, one, data = '' }: Press): Acted {
  const change: Change = { next: { ...conference }, facts: [], effects: [{ do: 'call-in', call: one.call.id, target: data }] };
  return because(change, spoken(conference, 'conf-dialling'));
}

/** What he says of being recorded is confirmed to him whoever says it (`told`). */
function consenting({ conference, one, context }: Press, agreed: boolean): Acted {
  const change = consent(conference, { conference: conference.id, which: one.id, agreed, by: 'keys' }, context);
  return orElse(change, spoken(conference, agreed ? 'conf-consent_given' : 'conf-consent_refused'));
}

/** He goes on to somebody else: where that leads is found out when he is sent. */
function transferring({ conference, one, data = '' }: Press): Acted {
  return because({ next: { ...conference }, facts: [], effects: [{ do: 'transfer', call: one.call.id, target: data }] });
}

/** A sound as profiles name it, heard by who presses alone. */
const playing = ({ conference, data = '' }: Press): Acted => because(nothing(conference), soundOf(conference, data));

/** What every action does. One that is missing does not compile. */
export const acts: { readonly [Action in KeypadAction]: Act } = {
  mute: (press) => muting(press, !isOff(press.one)),
  'mute on': (press) => muting(press, true),
  'mute off': (press) => muting(press, false),
  deaf: (press) => deafening(press, !press.one.deaf),
  'deaf on': (press) => deafening(press, true),
  'deaf off': (press) => deafening(press, false),
  'deaf mute': apart,
  'vol talk up': (press) => volume(press, 'talk', 1),
  'vol talk zero': (press) => volume(press, 'talk', 'zero'),
  'vol talk dn': (press) => volume(press, 'talk', -1),
  'vol listen up': (press) => volume(press, 'listen', 1),
  'vol listen zero': (press) => volume(press, 'listen', 'zero'),
  'vol listen dn': (press) => volume(press, 'listen', -1),
  hangup: leaving,
  event: reporting,
  count: (press) => telling(press, 'count'),
  'roll call': (press) => telling(press, 'roll_call'),
  hand: (press) => handing(press, press.one.handRaisedAt === undefined),
  'hand up': (press) => handing(press, true),
  'hand down': (press) => handing(press, false),
  lock: (press) => locking(press, !press.conference.locked),
  'lock on': (press) => locking(press, true),
  'lock off': (press) => locking(press, false),
  'mute all': (press) => mutingAll(press, press.conference.room?.muted !== true),
  'mute all on': (press) => mutingAll(press, true),
  'mute all off': (press) => mutingAll(press, false),
  'admit next': (press) => door(press, admit, 'conf-admitted'),
  'deny next': (press) => door(press, deny, 'conf-denied'),
  'kick last': kickLast,
  record: (press) => recording(press, press.conference.room?.recording === undefined),
  'record on': (press) => recording(press, true),
  'record off': (press) => recording(press, false),
  'record pause': pausing,
  transfer: transferring,
  dial: dialling,
  agree: (press) => consenting(press, true),
  decline: (press) => consenting(press, false),
  'energy up': (press) => energy(press, 1),
  'energy equ': (press) => energy(press, 'room'),
  'energy dn': (press) => energy(press, -1),
  floor: flooring,
  'moh toggle': music,
  play: playing,
  extend: ({ conference, context, data }) =>
    because(extend(conference, { conference: conference.id, seconds: Number(data ?? EXTENSION) * 60 }, context)),
};
