import type { Account } from '../accounts/index.ts';
import type { Call, CallId, ConferenceId, LegId } from '../conference/index.ts';
import { callId, from, parseUri, type SipRequest, to } from '../sip/index.ts';
import type { Caller } from './caller.ts';
import { CdrDraft, type CdrKeeping } from './cdr.ts';
import type { ServerTransaction } from './server-transaction.ts';

/** One INVITE outside of every dialog, from its arrival until it is a call or is sent away. */
export interface Visit {
  readonly id: CallId;
  readonly invite: ServerTransaction;
  /** Epoch ms. */
  readonly startedAt: number;
  /** Once he is known. */
  caller?: Caller;
  conference?: ConferenceId;
  /** Its CANCEL, once there is one. */
  cancel?: SipRequest;
  /** The call whose place it takes (RFC 3891). */
  replaced?: CallId;
  /** A call took it over, and writes its own record. */
  isCall?: true;
}

/** Final answers that only ask for the same INVITE in other words, or that it came by two ways: no call ends with them. */
const NO_END = new Set([401, 407, 422, 482]);

/** The record of a visit that did not become a call; undefined where none is due, or nobody has it. */
export async function cdrOfVisit(
  visit: Visit,
  { keeping, claimed, closing }: { keeping: CdrKeeping; claimed: (invite: SipRequest) => Promise<Account | undefined>; closing: boolean },
): Promise<CdrDraft | undefined> {
  const { invite, conference, cancel } = visit;
  const status = invite.final();
  if (status === undefined || status < 300 || NO_END.has(status)) return undefined;
  const caller = visit.caller ?? callerOf(await claimed(invite.request));
  if (caller === undefined) return undefined;
  const cdr = draftOf(visit, caller, keeping);
  if (conference !== undefined) cdr.toward(conference);
  if (cancel !== undefined) cdr.said(cancel);
  cdr.ended(status === 487 ? 'hung-up' : closing ? 'shutdown' : 'refused', status);
  return cdr;
}

const callerOf = (account: Account | undefined): Caller | undefined => account && { account, device: undefined };

/** A record with everything that is known when a call comes. */
export function draftOf({ id, invite, startedAt }: Visit, caller: Caller, keeping: CdrKeeping): CdrDraft {
  const { leg: _leg, ...call } = callFacts(invite.request, caller, id);
  const calledNumber = caller.dialled ?? parseUri(invite.request.uri)?.user ?? '';
  const start = { ...call, account: caller.account.id, calledNumber, startedAt };
  keeping.traces?.claim({ ...start, tag: from(invite.request)?.params.get('tag') ?? '' });
  return new CdrDraft(start, { ...keeping, source: invite.flow.address });
}

/** What is truly known of a call, for the domain. */
export function callFacts(request: SipRequest, { account, device, trunk, asserted }: Caller, id: CallId): Call {
  const caller = from(request);
  const called = to(request)?.uri;
  return {
    id,
    leg: id as string as LegId,
    sipCallId: callId(request) ?? '',
    direction: 'inbound',
    callerName: asserted?.name ?? caller?.name ?? caller?.uri.user ?? '',
    callerNumber: asserted?.number ?? caller?.uri.user ?? '',
    channelVars: {
      ...accountVars(account),
      realm: device === undefined ? (called?.host.toLowerCase() ?? account.realm) : account.realm,
      is_conference: 'true',
      ...(device === undefined ? {} : { username: device.username, authorizing_id: device.id, authorizing_type: 'device' }),
      ...(device?.owner === undefined ? {} : { owner_id: device.owner }),
      ...(trunk === undefined ? {} : { authorizing_id: trunk.id, authorizing_type: 'resource', global_resource: 'false' }),
      ...(asserted?.verstat === undefined ? {} : { verstat: asserted.verstat }),
      ...(asserted?.diverted === undefined ? {} : { diverted_by: asserted.diverted }),
      ...(asserted?.hidden === true ? { caller_privacy_number: 'true' } : {}),
    },
  };
}

const accountVars = ({ id, name, realm }: Account) => ({ account_id: id, account_name: name, account_realm: realm });
