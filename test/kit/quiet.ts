import type { JsonObject } from '../../src/base/index.ts';

/** A profile that says and sounds nothing by itself: for tests in which every sound must be somebody's. */
export const QUIET: JsonObject = {
  'alone-sound': '',
  'deaf-sound': '',
  'enter-sound': '',
  'exit-sound': '',
  'locked-sound': '',
  'max-members-sound': '',
  'member-enter-sound': '',
  'moh-sound': '',
  'muted-sound': '',
  'undeaf-sound': '',
  'unmuted-sound': '',
};
