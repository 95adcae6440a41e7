import type { State } from './entry.machine.ts';

/** How far somebody is on his way into a conference, for a page that shows him. Nothing that he has entered is in it. */
export type EntryStage =
  /** Something is said to him; he is asked for the number of a conference; what he has entered is looked at; his name is asked for; a moderator is to let him in. */
  | { readonly at: 'welcome' | 'number' | 'checking' | 'name' | 'admission' }
  /** `again`: the last one was wrong. */
  | { readonly at: 'pin'; readonly again: boolean }
  /** He does not get in: `too_many_attempts`, `locked_out`, or a code of docs/errors.md. */
  | { readonly at: 'leaving'; readonly code: string };

/** What there is to show; undefined: nothing, or what was shown before. `tries`: how often a PIN may be given. */
export function stageOf(state: State, tries: number): EntryStage | undefined {
  switch (state.at) {
    case 'number':
      return { at: 'number' };
    case 'pin':
      return { at: 'pin', again: state.visit.tries < tries };
    case 'finding':
    case 'judging':
    case 'answering':
      return { at: 'checking' };
    case 'greeting':
      return { at: 'welcome' };
    case 'naming':
    case 'recording':
    case 'reviewing':
      return { at: 'name' };
    case 'leaving':
      return { at: 'leaving', code: state.reason };
    default:
      return undefined;
  }
}

/** Whether two say the same. */
export const isSameStage = (one: EntryStage | undefined, other: EntryStage | undefined): boolean =>
  one?.at === other?.at && (one?.at !== 'pin' || other?.at !== 'pin' || one.again === other.again);
