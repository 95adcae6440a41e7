import type { AccountId } from '../../../accounts/index.ts';
import { undashed } from '../../../base/index.ts';
import type { ConferenceId } from '../../../conference/index.ts';

/** What a client wants to hear of (kazoo-facts §9.4). `*` means any. */
export interface Binding {
  readonly kind: 'event' | 'command';
  readonly conference: ConferenceId | '*';
  /** KAZOO's call id; always `*` for commands. */
  readonly call: string;
  /** As the client wrote it: he knows it again by this. */
  readonly text: string;
}

/** Longer ones are refused: a session keeps what it is bound to. */
const LONGEST = 512;

/** What a token of a key stands for (kazoo-facts §8.1). */
function plain(token: string): string {
  try {
    return decodeURIComponent(token.replaceAll('+', ' '));
  } catch {
    return token;
  }
}

/**
 * Conference and call of `conference.event.…`. Neither dots nor `@` of a call id need be written as `%XX`, because the documents show it bare;
 * so a conference id with dots is told apart only before a final `*`.
 */
function placesOf(rest: readonly string[]): readonly [string, string] {
  const last = rest.at(-1);
  return last === '*' ? [rest.slice(0, -1).join('.'), '*'] : [rest[0] ?? '', rest.slice(1).join('.')];
}

/** Reads a binding, or says in KAZOO's words why not (kazoo-facts §9.3). */
export function readBinding(text: string): Binding | { readonly refused: string } {
  if (text.length > LONGEST) return { refused: `binding is longer than ${LONGEST} characters` };
  const [first, kind, ...rest] = text.split('.');
  if (first !== 'conference') return { refused: 'no available subscriptions to requested binding' };
  const shape = `invalid format for conference subscription : ${[kind, ...rest].filter((each) => each !== undefined).join(', ')}`;
  if (kind === 'command' && rest.length > 0) return bound('command', [rest.join('.'), '*'], text);
  if (kind === 'event' && rest.length > 1) return bound('event', placesOf(rest), text);
  return { refused: shape };
}

function bound(kind: Binding['kind'], [conference, call]: readonly [string, string], text: string): Binding | { readonly refused: string } {
  if (conference === '') return { refused: 'ConferenceId required' };
  if (call === '') return { refused: `invalid format for conference subscription : ${kind}, ${conference}, ` };
  return { kind, conference: undashed(plain(conference)) as ConferenceId, call: plain(call), text };
}

/** The binding inside the server, as frames show it (kazoo-facts §9.4). */
export function subscriptionKey({ kind, text }: Binding, account: AccountId): string {
  return kind === 'command' ? text : `conference.event.*.${account}.${text.slice('conference.event.'.length)}`;
}
