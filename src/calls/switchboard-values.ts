import { Failure } from '../base/index.ts';
import type { Actor, Destination, Execute, Input } from '../conference/index.ts';
import type { Wishes } from '../sdp/index.ts';
import { type Headers, parseUri, type SipRequest } from '../sip/index.ts';
import type { Caller, Unwelcome } from './caller.ts';
import { type Flow, isSecure } from './flow.ts';
import { encryptionOver, mediaWishes } from './media-wishes.ts';
import type { CallsOptions } from './options.ts';
import type { Surroundings } from './surroundings.ts';

/** The user part that was dialled. */
export const userOf = ({ uri }: SipRequest): string => parseUri(uri)?.user ?? '';

/** Where it leads; a number of a trunk is looked for with and without its `+`. */
export async function routed(
  execute: Execute,
  request: SipRequest,
  { caller, actor }: { readonly caller: Caller; readonly actor: Actor },
): Promise<Destination> {
  if (caller.bridged !== undefined) return caller.bridged;
  const asked = askedBy(request, caller);
  try {
    return await execute('call.route', asked, actor);
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== 'not-found' || !asked.dialled.startsWith('+')) throw error;
    return execute('call.route', { ...asked, dialled: asked.dialled.slice(1) }, actor);
  }
}

function askedBy(request: SipRequest, { dialled, onlyConferences }: Caller): Input<'call.route'> {
  const domain = parseUri(request.uri)?.host.toLowerCase();
  return {
    dialled: dialled ?? userOf(request),
    ...(domain === undefined ? {} : { domain }),
    ...(onlyConferences === undefined ? {} : { only: onlyConferences }),
  };
}

/** The answer that refuses. */
export type Refused = Pick<Unwelcome, 'headers'> & { readonly status: number };

/** What the caller's account and device want on this way; undefined when they require what it cannot keep secret. */
export function wishesOf({ account, device }: Caller, flow: Flow, { keysInClear = false }: CallsOptions): Wishes | undefined {
  const { codecs, order, encryption: policy } = mediaWishes(account.media, device?.media);
  const encryption = encryptionOver(policy, { secure: isSecure(flow), keysInClear });
  return encryption === 'insecure' ? undefined : { codecs, order, encryption };
}

/** Why a call over an open way is refused whose media must be encrypted. */
export const insecure = ({ sentBy }: Pick<Surroundings, 'sentBy'>): Headers => [
  ['Warning', `399 ${sentBy} "Encryption is required here and its keys need SIP over TLS"`],
];
