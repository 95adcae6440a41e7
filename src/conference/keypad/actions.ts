/**
 * What keys can do: the names of mod_conference's `caller-controls` (`vol talk` is how loud the others hear the one who presses, `vol listen` how loud he hears
 * them) and ours. Of mod_conference's `execute_application` there is what a key does here anyhow (`controls.ts`); its others are about video, and refused by `controlsFaults`.
 */
export const ACTIONS = [
  'mute',
  'mute on',
  'mute off',
  'deaf',
  'deaf on',
  'deaf off',
  'deaf mute',
  'vol talk up',
  'vol talk zero',
  'vol talk dn',
  'vol listen up',
  'vol listen zero',
  'vol listen dn',
  'energy up',
  'energy equ',
  'energy dn',
  'floor',
  'moh toggle',
  'hangup',
  'event',
  'count',
  'roll call',
  'hand',
  'hand up',
  'hand down',
  'lock',
  'lock on',
  'lock off',
  'mute all',
  'mute all on',
  'mute all off',
  'admit next',
  'deny next',
  'kick last',
  'record',
  'record on',
  'record off',
  'record pause',
  'extend',
  'transfer',
  'dial',
  'agree',
  'decline',
  'play',
] as const;

/** What a key can do. */
export type KeypadAction = (typeof ACTIONS)[number];

/** One sequence of keys and what it does. `data`: of `event` what the event says, of `extend` the minutes, of `transfer` where to, of `dial` whom, of `play` what. */
export interface Control {
  /** 1 … 16 of `0-9 A-D * #`. */
  readonly digits: string;
  readonly action: KeypadAction;
  readonly data?: string;
}

/** The keys of one role in one room. */
export interface KeypadMap {
  readonly controls: readonly Control[];
  /** ms after which what was pressed so far is all. */
  readonly timeout: number;
}
