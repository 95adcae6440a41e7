import type { PlaySource } from '../playing.ts';

/**
 * The prompts that announcements and the keypad say besides those of kazoo-facts §7.11, in the English that they are made from. Every language has all of them
 * (`prompts/`).
 */
export const PROMPTS = {
  'conf-has_joined': 'has joined.',
  'conf-has_left': 'has left.',
  'conf-single': 'There is one other participant in this conference.',
  'conf-there_are': 'There are',
  'conf-other_participants': 'other participants in this conference.',
  'conf-no_others': 'You are the only one here.',
  'conf-roll_call': 'In this conference are:',
  'conf-unnamed': 'Somebody without a name.',
  'conf-unnamed_callers': 'callers without a name.',
  'conf-recorded': 'This conference is being recorded.',
  'conf-recording_paused': 'The recording is paused.',
  'conf-recording_stopped': 'The recording has ended.',
  'conf-hand_raised': 'Your hand is raised.',
  'conf-hand_lowered': 'Your hand is lowered.',
  'conf-locked': 'The conference is locked.',
  'conf-unlocked': 'The conference is unlocked.',
  'conf-members_muted': 'All members are muted.',
  'conf-members_unmuted': 'All members are unmuted.',
  'conf-removed': 'The last caller has been removed.',
  'conf-nobody_to_remove': 'There is nobody to remove.',
  'conf-admitted': 'The caller has been admitted.',
  'conf-nobody_waiting': 'Nobody is waiting.',
  'conf-a_caller': 'A caller',
  'conf-is_waiting': 'is waiting. Press 1 to admit.',
  'conf-extended': 'The conference has been extended.',
  'conf-no_end': 'The conference has no end set.',
  'conf-volume': 'Volume',
  'conf-voice': 'Voice',
  'conf-minus': 'minus',
  'conf-not_allowed': 'That is not allowed.',
  'conf-not_possible': 'That is not possible now.',
  'conf-you_have_been_muted': 'You have been muted.',
  'conf-done': 'Done.',
  'conf-goodbye': 'Goodbye.',
} as const;

/** A prompt in a language, where the player finds it; an account's own comes first. */
export const promptOf = (name: string, { account, language }: { readonly account: string; readonly language: string }): PlaySource =>
  `prompt://${account}/${name}/${language}`;
