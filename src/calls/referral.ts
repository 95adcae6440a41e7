import { Failure } from '../base/index.ts';
import type { ConferenceId, Dialling, DialOutcome } from '../conference/index.ts';
import { header, headerAll, parseNameAddr, printUri, type SipRequest, type Uri } from '../sip/index.ts';
import type { Call } from './call.ts';
import type { DialogLine } from './dialog-line.ts';
import type { ServerTransaction } from './server-transaction.ts';
import { statusOf } from './status.ts';
import type { Surroundings } from './surroundings.ts';

/** A REFER in the dialog of a call. */
export interface Referral {
  readonly transaction: ServerTransaction;
  readonly line: DialogLine;
  readonly call: Call;
  /** He has proved who he is. */
  readonly isKnown: boolean;
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
  const silent = /^false$/i.test(header(request, 'Refer-Sub') ?? '');
  respond(202, silent ? { headers: [['Refer-Sub', 'false']] } : {});
  const tell = teller(referral, silent);
  tell('100 Trying', false);
  const status = await (asked.method === 'BYE' ? sentAway(asked.uri, call, needs) : called(asked, call, needs));
  tell(status, true);
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
  ({ transaction, line }: Referral, silent: boolean) =>
  (status: string, last: boolean): void => {
    if (silent) return;
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

async function called({ uri, replaces }: Asked, call: Call, { dialling, isOurs }: ReferralNeeds): Promise<string> {
  const ours = uri.scheme === 'tel' || (await isOurs(uri, call.account));
  const number = uri.user ?? uri.opaque?.split(';')[0] ?? '';
  const { headers: _, ...bare } = uri;
  const plain = { ...bare, params: new Map([...uri.params].filter(([name]) => name !== 'method')) };
  const endpoint = ours ? number : printUri(plain);
  try {
    const order = { account: call.account, conference: call.place, endpoints: [endpoint], ...(replaces === undefined ? {} : { replaces }) };
    const [outcome] = await dialling().dial(order);
    return outcome === undefined ? '404 Not Found' : statusLine(outcome);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.code === 'no_endpoint' ? '404 Not Found' : `${statusOf(error)} Refused`;
  }
}

const statusLine = ({ refusal }: DialOutcome): string => (refusal === undefined ? '200 OK' : `${refusal.status ?? 403} ${refusal.code}`);

/** Only a moderator removes others. */
async function sentAway(uri: Uri, call: Call, { around }: ReferralNeeds): Promise<string> {
  const actor = { account: call.account, kind: 'call' } as const;
  const { conference } = await around.execute('conference.read', { conference: call.place as ConferenceId }, actor);
  const people = conference.room?.participants ?? [];
  if (people.find((each) => each.call.id === call.id)?.role !== 'moderator') return '403 Forbidden';
  const meant = people.find((each) => each.call.callerNumber === uri.user || each.call.channelVars['username'] === uri.user);
  if (meant === undefined) return '404 Not Found';
  await around.execute('participants.kick', { conference: conference.id, which: meant.id }, actor);
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
