import type { Accounts } from '../../../accounts/index.ts';
import type { JsonObject } from '../../../base/index.ts';
import type { SocketRequest } from '../../options.ts';
import type { Person, Tokens } from '../../tokens.ts';
import type { Asked } from '../answer.ts';
import { authorization, identify, presentedToken, readToken } from '../identify.ts';
import { Refusal } from '../refuse.ts';

/** What became of the credentials that were shown. */
export type Recognition =
  | { readonly is: 'nobody' }
  | { readonly is: 'bad'; readonly token: string }
  /** `expiresAt` is in epoch ms; undefined: they do not end by themselves. */
  | { readonly is: 'good'; readonly person: Person; readonly expiresAt: number | undefined };

/** Where credentials are looked up. */
export interface Recogniser {
  readonly tokens: Tokens;
  readonly accounts: Accounts;
}

const nothing: Asked = {
  method: '',
  path: [],
  query: new Map(),
  headers: {},
  envelope: {},
  data: {},
  file: undefined,
  isUnreadable: false,
};

/** What a frame shows. */
export const askedIn = (envelope: JsonObject, data: JsonObject): Asked => ({ ...nothing, envelope, data });

/** What the request for the upgrade showed: a header, or `?auth_token=` where no header can be set, as in browsers. */
export function askedAt({ url, headers }: SocketRequest): Asked {
  const first = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]);
  return { ...nothing, query: new Map(new URLSearchParams(url.split(/\?(.*)/s)[1] ?? '')), headers: Object.fromEntries(first) };
}

/** Whether anything is shown at all. */
export const shows = (asked: Asked): boolean => presentedToken(asked) !== undefined || authorization(asked) !== undefined;

/** Recognises somebody by what he shows, as every request of the dialect is recognised. */
export async function recognise(asked: Asked, { tokens, accounts }: Recogniser): Promise<Recognition> {
  if (!shows(asked)) return { is: 'nobody' };
  const shown = await readToken(asked, tokens);
  try {
    const person = await identify(asked, shown?.verdict, accounts);
    return { is: 'good', person, expiresAt: shown?.verdict.is === 'good' ? shown.verdict.expiresAt : undefined };
  } catch (error) {
    // Names and passwords are not said again.
    if (error instanceof Refusal) return { is: 'bad', token: shown?.token ?? '' };
    throw error;
  }
}
