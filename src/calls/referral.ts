import type { AccountId } from '../accounts/index.ts';
import { Failure } from '../base/index.ts';
import { type ConferenceId, callerSet, type Dialling, type DialOutcome, type Participant } from '../conference/index.ts';
import {
  contacts,
  dialogFromInvite,
  type Headers,
  header,
  headerAll,
  parseNameAddr,
  parseUri,
  printUri,
  type SipRequest,
  type Uri,
} from '../sip/index.ts';
import type { Call } from './call.ts';
import type { Caller } from './caller.ts';
import { DialogLine } from './dialog-line.ts';
import { isTranslated } from './flow.ts';
import type { ServerTransaction } from './server-transaction.ts';
import { statusOf } from './status.ts';
import { dialogHeaders, type Surroundings } from './surroundings.ts';

/** A REFER in the dialog of a call. */
export interface Referral {
  readonly transaction: ServerTransaction;
  readonly line: DialogLine;
  readonly call: Call;
  /** He has proved who he is. */
  readonly isKnown: boolean;
}

/** For whom and for which conference something is asked. */
interface Asker {
  readonly account: AccountId;
  readonly conference: ConferenceId;
  /** Whether somebody who takes part is he. */
  readonly isHe: (participant: Participant) => boolean;
}

/** What transfers need. */
export interface ReferralNeeds {
  readonly around: Surroundings;
  readonly dialling: () => Dialling;
  /** A URI that leads to us, or to the realm of the account. */
  readonly isOurs: (uri: Uri, account: Call['account']) => Promise<boolean>;
}

/** How long the far end may expect to be told, in seconds. */
const EXPIRES = 120;

/** What a REFER asks for. */
interface Asked {
  readonly uri: Uri;
  /** The Replaces header that the new call is to carry (RFC 3891). */
  readonly replaces: string | undefined;
  readonly method: string;
}

/**
 * Serves REFER (RFC 3515): whoever is named is called into the conference of the call (RFC 4579 §5.5), in place of a call of his where the phone says so
 * (RFC 3891, the attended transfer), or leaves it (`method=BYE`, RFC 4579 §5.11). Who asked is told by NOTIFY how it goes.
 */
export async function serveReferral(referral: Referral, needs: ReferralNeeds): Promise<void> {
  const { transaction, call, isKnown } = referral;
  const { request, respond } = transaction;
  const asked = askedBy(request);
  if (asked === undefined) return void respond(400);
  // A guest's transfer would be a call on somebody else's account; who is still in his lobby brings nobody.
  if (!isKnown || (call.place as string) === (call.id as string)) return void respond(403);
  if (asked.method !== 'INVITE' && asked.method !== 'BYE') return void respond(501);
  respond(202, { headers: silently(request) });
  const by = { account: call.account, conference: call.place, isHe: (each: Participant) => each.call.id === call.id };
  await done({ asked, by, tell: teller(referral) }, needs);
}

/**
 * Serves a REFER outside of every dialog, of a device that has proved itself (RFC 4579 §5.5): the conference that it is sent to calls whoever is named, or he
 * leaves it. The answer opens a dialog, in which is told how it goes.
 */
export async function serveOutside(transaction: ServerTransaction, { account, device }: Caller, needs: ReferralNeeds): Promise<void> {
  const { request, flow, respond } = transaction;
  const { around } = needs;
  const asked = askedBy(request);
  if (asked === undefined || !Array.isArray(contacts(request))) return void respond(400);
  if (asked.method !== 'INVITE' && asked.method !== 'BYE') return void respond(501);
  const dialled = parseUri(request.uri)?.user ?? '';
  const found = await around.execute('call.route', { dialled }, { account: account.id, kind: 'call' }).catch(ifRefused);
  const conference = found?.conference;
  if (conference === undefined) return void respond(404);
  const told = dialogHeaders(around, flow, { secure: /^sips:/i.test(request.uri), focus: conference });
  const dialog = dialogFromInvite(request, respond(202, { headers: [...told, ...silently(request)] }));
  if (dialog === undefined) return;
  const line = new DialogLine(dialog, { flow, translated: isTranslated(request, flow), focus: () => conference }, around);
  const isHe = ({ call }: Participant): boolean => device !== undefined && call.channelVars['authorizing_id'] === device.id;
  await done({ asked, by: { account: account.id, conference, isHe }, tell: teller({ transaction, line }) }, needs);
}

const ifRefused = (error: unknown): undefined => {
  if (!(error instanceof Failure)) throw error;
  return undefined;
};

/** Whoever asked does not want to be told (RFC 4488). */
const isSilent = (request: SipRequest): boolean => /^false$/i.test(header(request, 'Refer-Sub') ?? '');

const silently = (request: SipRequest): Headers => (isSilent(request) ? [['Refer-Sub', 'false']] : []);

/** Does what was asked for, and tells how it goes. */
async function done(
  { asked, by, tell }: { asked: Asked; by: Asker; tell: ReturnType<typeof teller> },
  needs: ReferralNeeds,
): Promise<void> {
  tell('100 Trying', false);
  tell(await (asked.method === 'BYE' ? sentAway(asked.uri, by, needs) : called(asked, by, needs)), true);
}

function askedBy(request: SipRequest): Asked | undefined {
  const [value, ...more] = headerAll(request, 'Refer-To');
  const uri = value === undefined || more.length > 0 ? undefined : parseNameAddr(value)?.uri;
  if (uri === undefined || (uri.scheme !== 'sip' && uri.scheme !== 'sips' && uri.scheme !== 'tel')) return undefined;
  const replaces = /(?:^|&)Replaces=([^&]*)/i.exec(uri.headers ?? '')?.[1];
  return {
    uri,
    replaces: replaces === undefined ? undefined : decoded(replaces),
    method: (uri.params.get('method') ?? 'INVITE').toUpperCase(),
  };
}

/** What is escaped badly, or would break the header, is none. */
function decoded(text: string): string | undefined {
  try {
    const value = decodeURIComponent(text);
    return /^[\x20-\x7e]+$/.test(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Says NOTIFY with how far it is (RFC 3515 §2.4.5). */
const teller =
  ({ transaction, line }: Pick<Referral, 'transaction' | 'line'>) =>
  (status: string, last: boolean): void => {
    if (isSilent(transaction.request)) return;
    const id = /^\s*(\d+)/.exec(header(transaction.request, 'CSeq') ?? '')?.[1] ?? '';
    line.ask(
      'NOTIFY',
      {
        headers: [
          ['Event', `refer;id=${id}`],
          ['Subscription-State', last ? 'terminated;reason=noresource' : `active;expires=${EXPIRES}`],
          ['Content-Type', 'message/sipfrag;version=2.0'],
        ],
        body: `SIP/2.0 ${status}\r\n`,
      },
      () => {},
    );
  };

async function called(
  { uri, replaces }: Asked,
  { account, conference }: Asker,
  { around, dialling, isOurs }: ReferralNeeds,
): Promise<string> {
  const ours = uri.scheme === 'tel' || (await isOurs(uri, account));
  const number = uri.user ?? uri.opaque?.split(';')[0] ?? '';
  const { headers: _, ...bare } = uri;
  const plain = { ...bare, params: new Map([...uri.params].filter(([name]) => name !== 'method')) };
  const endpoint = ours ? number : printUri(plain);
  try {
    const found = await around.execute('conference.read', { conference }, { account, kind: 'call' }).catch(ifRefused);
    const callerId = found === undefined ? {} : callerSet(found.conference);
    const order = { account, conference, endpoints: [endpoint], callerId, ...(replaces === undefined ? {} : { replaces }) };
    const [outcome] = await dialling().dial(order);
    return outcome === undefined ? '404 Not Found' : statusLine(outcome);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.code === 'no_endpoint' ? '404 Not Found' : `${statusOf(error)} Refused`;
  }
}

const statusLine = ({ refusal }: DialOutcome): string => (refusal === undefined ? '200 OK' : `${refusal.status ?? 403} ${refusal.code}`);

/** Only a moderator removes others. */
async function sentAway(uri: Uri, { account, conference: id, isHe }: Asker, { around }: ReferralNeeds): Promise<string> {
  const actor = { account, kind: 'call' } as const;
  const found = await around.execute('conference.read', { conference: id }, actor).catch(ifRefused);
  const people = found?.conference.room?.participants ?? [];
  if (!people.some((each) => isHe(each) && each.role === 'moderator')) return '403 Forbidden';
  const meant = people.find((each) => each.call.callerNumber === uri.user || each.call.channelVars['username'] === uri.user);
  if (meant === undefined) return '404 Not Found';
  await around.execute('participants.kick', { conference: id, which: meant.id }, actor);
  return '200 OK';
}

/** The key of the dialog that a Replaces header names, as the switchboard keeps them (RFC 3891 §3); undefined: it is none. */
export function replacedKey(request: SipRequest): string | undefined | 'malformed' {
  const values = headerAll(request, 'Replaces');
  if (values.length === 0) return undefined;
  const [id, ...params] = (values[0] ?? '').split(';').map((each) => each.trim());
  const tag = (name: string): string | undefined =>
    params.find((each) => each.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
  const [to, from] = [tag('to-tag'), tag('from-tag')];
  return values.length > 1 || !id || to === undefined || from === undefined ? 'malformed' : `${id} ${to} ${from}`;
}
