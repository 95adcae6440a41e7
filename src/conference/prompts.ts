/**
 * What is spoken to callers. Every name has a text in `prompts/texts/<language>.json` and a file in `prompts/<language>/`, in every language that is shipped;
 * a test compares them. Names that KAZOO has are KAZOO's (kazoo-facts §7.11).
 */

/** Coming in. */
const ENTRY = [
  'conf-welcome',
  'conf-enter_conf_number',
  'conf-bad_conf',
  'conf-enter_conf_pin',
  'conf-bad_pin',
  'conf-too_many_attempts',
  'conf-pin_locked_out',
  'conf-max_participants',
  'conf-locked',
  'conf-waiting_moderator',
  'conf-moderator_arrived',
  'conf-waiting_admission',
  'conf-admission_denied',
  'conf-joining_conference',
] as const;

/** Names, spoken around a recorded one. */
const NAMES = [
  'conf-announce_your_name',
  'conf-your_announcement',
  'conf-review',
  'conf-name_not_heard',
  'conf-a_caller',
  'conf-has_joined',
  'conf-has_left',
  'conf-is_waiting',
  'conf-waits',
  'conf-caller_waiting',
  'conf-has_raised_hand',
] as const;

/** How many there are: `countPhrase` puts them together. */
const COUNTS = ['conf-alone', 'conf-single', 'conf-there_are', 'conf-other_participants', 'conf-roll_call'] as const;

/** What happens to all. */
const ROOM = [
  'conf-recording_notice',
  'conf-recording_consent',
  'conf-recording_consent_leave',
  'conf-recording_started',
  'conf-recording_stopped',
  'conf-recording_paused',
  'conf-recording_resumed',
  'conf-moderator_left',
  'conf-moderator_back',
  'conf-ends_in_10_minutes',
  'conf-ends_in_5_minutes',
  'conf-ends_in_1_minute',
  'conf-extended',
  'conf-ends_now',
  'conf-goodbye',
  'conf-lock_on',
  'conf-lock_off',
] as const;

/** Answers to keys, and to what others do with one. */
const ANSWERS = [
  'conf-muted',
  'conf-unmuted',
  'conf-mute_on',
  'conf-mute_off',
  'conf-muted_by_moderator',
  'conf-unmuted_by_moderator',
  'conf-still_muted',
  'conf-deaf',
  'conf-undeaf',
  'conf-deaf_on',
  'conf-deaf_off',
  'conf-all_muted',
  'conf-all_unmuted',
  'conf-volume_up',
  'conf-volume_down',
  'conf-volume_reset',
  'conf-talk_volume_up',
  'conf-talk_volume_down',
  'conf-talk_volume_reset',
  'conf-volume_highest',
  'conf-volume_lowest',
  'conf-hand_raised',
  'conf-hand_lowered',
  'conf-consent_given',
  'conf-consent_refused',
  'conf-energy_up',
  'conf-energy_down',
  'conf-energy_reset',
  'conf-floor_taken',
  'conf-floor_released',
  'conf-floor_busy',
  'conf-moh_on',
  'conf-moh_off',
  'conf-dialling',
  'conf-dial_failed',
  'conf-admitted',
  'conf-denied',
  'conf-nobody_waiting',
  'conf-kicked',
  'conf-kicked_last',
  'conf-nobody_to_kick',
  'conf-promoted',
  'conf-demoted',
  'conf-not_possible',
  'conf-moderators_only',
] as const;

/** The echo and level test. */
const ECHO = [
  'echo-welcome',
  'echo-result',
  'echo-level_silent',
  'echo-level_quiet',
  'echo-level_good',
  'echo-level_loud',
  'echo-codec',
  'echo-codec_opus',
  'echo-codec_g722',
  'echo-codec_pcmu',
  'echo-codec_pcma',
  'echo-codec_l16',
  'echo-codec_other',
  'echo-encrypted',
  'echo-no_loss',
  'echo-little_loss',
  'echo-loss',
  'echo-percent',
  'echo-again',
] as const;

const upTo = <const Names extends readonly string[]>(...names: Names): Names => names;
const TEXTS = upTo(...ENTRY, ...NAMES, ...COUNTS, ...ROOM, ...ANSWERS, ...ECHO);

/** One digit, as numbers are read one digit after another. */
export type DigitPrompt = `digit-${number}`;
/** A whole number: 0 to 99, the hundreds to 900, the thousands to 9000. */
export type NumberPrompt = `num-${number}`;
/** Forms that only some languages need; `phrases` knows which. */
export type FormPrompt =
  /** Where something smaller follows: `ciento`, `cento e`. */
  | `num-${number}_and`
  /** In front of people: `veintiún`, `两`. */
  | `num-${number}_m`
  | 'conf-two'
  | `conf-other_participants_${'one' | 'few' | 'many'}`
  | `echo-percent_${'one' | 'few' | 'many'}`;

/** A prompt that every language has. */
export type PromptName = (typeof TEXTS)[number] | DigitPrompt | NumberPrompt;

const count = (from: number, to: number, step = 1): readonly number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);

/** Every prompt that every language has. */
export const PROMPT_NAMES: readonly PromptName[] = [
  ...TEXTS,
  ...count(0, 9).map((digit): DigitPrompt => `digit-${digit}`),
  ...[...count(0, 99), ...count(100, 900, 100), ...count(1000, 9000, 1000)].map((number): NumberPrompt => `num-${number}`),
];

/** The languages that are shipped, RFC 5646 in lower case. */
export const PROMPT_LANGUAGES = [
  'en-us',
  'de-de',
  'fr-fr',
  'es-es',
  'pt-pt',
  'pt-br',
  'it-it',
  'ru-ru',
  'zh-cn',
  'ja-jp',
  'ar-sa',
] as const;

/** What `local_stream` has from the first start. */
export const HOLD_MUSIC = 'local_stream://moh';

/** A prompt as something that can be played: what the account uploaded for it comes first, then the operator's, then ours. */
export function prompt(name: PromptName | FormPrompt, language: string): string {
  return `prompt://system_media/${name}/${language.toLowerCase()}`;
}
