import type { NumberRule, Trunk } from '../../accounts/index.ts';
import { parseUri, type SipRequest, to } from '../../sip/index.ts';

/** What stands between the digits of a number as people write it. */
const FILLING = /[\s().\-/]/g;

/** A number without what people put between its digits. */
export const plainNumber = (text: string): string => text.replace(FILLING, '');

/** Whether a text is dialled as a number (kazoo-facts §10.2, without its limit to extensions of four digits): digits, `+` before them, `*` and `#` among them. */
export const isNumber = (text: string): boolean => /^\+?[0-9*#]{1,40}$/.test(plainNumber(text));

/** E.164 with `+` where a number is one (kazoo-facts §10.2); an extension stays as it is. */
export function toE164(text: string): string {
  const number = plainNumber(text);
  if (number.startsWith('+')) return number;
  const abroad = /^(?:011|00)(\d{5,})$/.exec(number);
  if (abroad !== null) return `+${abroad[1]}`;
  const american = /^1?([2-9]\d{2}[2-9]\d{6})$/.exec(number);
  if (american !== null) return `+1${american[1]}`;
  return /^[2-9]\d{7,14}$/.test(number) ? `+${number}` : number;
}

/** How a number may stand where it was put: as it was dialled, in E.164, with `+` and without. */
export function spellings(text: string): readonly string[] {
  const number = plainNumber(text);
  const full = toE164(number);
  return [
    ...new Set([
      number,
      full,
      ...(/^\+?\d{5,}$/.test(number) ? [`+${number.replace('+', '')}`, number.replace('+', '')] : []),
      full.replace('+', ''),
    ]),
  ];
}

/** What the first rule that fits makes of a number; undefined: this trunk does not take it. Without a rule that fits it stays as it is. */
export function rewritten(number: string, rules: readonly NumberRule[]): string | undefined {
  const rule = rules.find(({ prefix, length }) => number.startsWith(prefix) && (length === undefined || number.length === length));
  if (rule === undefined) return number;
  return rule.deny === true ? undefined : rule.put + number.slice(rule.prefix.length);
}

const bare = (number: string): string => number.replace(/^\+/, '');

/** Whether one of these owns the number: the same, with or without `+`, or what begins so where it ends with `*`. */
export const owns = (numbers: readonly string[], number: string): boolean =>
  numbers.some((each) => (each.endsWith('*') ? bare(number).startsWith(bare(each).slice(0, -1)) : bare(each) === bare(number)));

/** The number that a trunk's call is for, in E.164 where it is one: of the request URI, else, as where we registered, of To. Undefined: its rules refuse it. */
export function incomingNumber(request: SipRequest, trunk: Trunk): string | undefined {
  const user = parseUri(request.uri)?.user ?? '';
  const dialled = user.startsWith('trunk-') || user === '' ? (to(request)?.uri.user ?? user) : user;
  const number = rewritten(plainNumber(dialled.split(';')[0] ?? ''), trunk.inbound);
  return number === undefined ? undefined : toE164(number);
}
