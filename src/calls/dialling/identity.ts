import { printHostPort } from '../../base/index.ts';
import type { DialTarget } from '../../conference/index.ts';
import { byteString, from, type Headers, headerAll, type NameAddr, parseNameAddr, quote, type SipRequest } from '../../sip/index.ts';

/** Whom a call of ours says to be from. */
export interface CallerWish {
  readonly callerId: NonNullable<DialTarget['callerId']>;
  /** The user of the URI where no number is given. */
  readonly user: string;
  readonly host: string;
  /** The far end is told who really calls, also where he wants to stay unknown (RFC 3325 §9.3). */
  readonly trusted: boolean;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get into a header.
const CONTROL = /[\x00-\x1f\x7f]/g;

const userPart = (text: string): string => text.replace(/[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/g, (each) => encodeURIComponent(each));
const nameAddr = (name: string | undefined, uri: string): string =>
  name === undefined || name.replace(CONTROL, '') === '' ? `<${uri}>` : `${quote(byteString(name.replace(CONTROL, '')))} <${uri}>`;

/** The From value and the headers beside it that say who calls (RFC 3323, RFC 3325). */
export function callerHeaders({ callerId, user, host, trusted }: CallerWish): { readonly from: string; readonly headers: Headers } {
  const { name, number, hidden = false, diverted, verstat } = callerId;
  const uriOf = (who: string, more = ''): string => `sip:${userPart(who.replace(CONTROL, ''))}${more}@${printHostPort(host)}`;
  const uri = uriOf(number ?? user);
  // The verdict stands in the user part (3GPP TS 24.229 §7.2A.20).
  const checked = verstat !== undefined && /^[\w-]+$/.test(verstat) ? `;verstat=${verstat}` : '';
  const asserted: Headers = [
    ...(trusted && number !== undefined ? ([['P-Asserted-Identity', nameAddr(name, uriOf(number, checked))]] as const) : []),
    ...(trusted && diverted !== undefined ? ([['Diversion', `<${uriOf(diverted)}>;reason=unconditional`]] as const) : []),
  ];
  if (!hidden) return { from: nameAddr(name, uri), headers: asserted };
  return { from: '"Anonymous" <sip:anonymous@anonymous.invalid>', headers: [['Privacy', 'id'], ...asserted] };
}

/** Who calls us over a trunk that is believed. */
export interface AssertedCaller {
  readonly name: string;
  readonly number: string;
  /** He wants to stay unknown to those in the room. */
  readonly hidden: boolean;
  /** What the network says of its check of the number (ATIS-1000074), such as `TN-Validation-Passed`. */
  readonly verstat?: string;
  /** The number that was dialled first, before it was diverted (RFC 5806). */
  readonly diverted?: string;
}

const first = (request: SipRequest, name: string): NameAddr | undefined => {
  const value = headerAll(request, name)[0];
  return value === undefined ? undefined : parseNameAddr(value);
};

/** The number that a `sip` or `tel` URI names. */
const numberOf = (who: NameAddr | undefined): string | undefined => who?.uri.user ?? who?.uri.opaque?.split(';')[0];

/** Reads who calls, out of P-Asserted-Identity, Remote-Party-ID, From, Privacy, Diversion: believe it of trusted trunks only. */
export function assertedCaller(request: SipRequest): AssertedCaller {
  const asserted = first(request, 'P-Asserted-Identity');
  const party = first(request, 'Remote-Party-ID');
  const who = asserted ?? party ?? from(request);
  const hidden =
    headerAll(request, 'Privacy').some((each) => /\b(id|user)\b/i.test(each)) ||
    (asserted === undefined && /^(full|uri|name)$/i.test(party?.params.get('privacy') ?? ''));
  // It stands in the user part (`+1555;verstat=…`), in the URI's parameters or in the header's.
  const told = [who?.uri.user, who?.uri.opaque]
    .map((each) => /;verstat=([\w-]+)/i.exec(each ?? '')?.[1])
    .find((each) => each !== undefined);
  const verstat = told ?? who?.uri.params.get('verstat') ?? who?.params.get('verstat');
  const diverted = numberOf(first(request, 'Diversion'));
  const number = (numberOf(who) ?? '').split(';')[0] ?? '';
  return {
    name: hidden ? 'Anonymous' : (who?.name ?? number),
    number: hidden ? 'anonymous' : number,
    hidden,
    ...(verstat === undefined ? {} : { verstat }),
    ...(diverted === undefined ? {} : { diverted }),
  };
}
