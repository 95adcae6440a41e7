import type { LeaveReason } from '../conference/index.ts';
import { headerAll, type SipMessage } from '../sip/index.ts';

/** Q.850: normal call clearing. */
const NORMAL = 16;
/** Q.850: normal, unspecified. */
const UNSPECIFIED = 31;

/** Q.850 causes of SIP statuses (RFC 3398 §8.2.6.1). 487 and 488 have none there: who cancels clears normally, and what cannot be agreed on is an incompatible destination. */
const OF_STATUS: ReadonlyMap<number, number> = new Map([
  [400, 41],
  [401, 21],
  [402, 21],
  [403, 21],
  [404, 1],
  [405, 63],
  [406, 79],
  [407, 21],
  [408, 102],
  [410, 22],
  [413, 127],
  [414, 127],
  [415, 79],
  [416, 127],
  [420, 127],
  [421, 127],
  [423, 127],
  [480, 18],
  [481, 41],
  [482, 25],
  [483, 25],
  [484, 28],
  [485, 1],
  [486, 17],
  [487, NORMAL],
  [488, 88],
  [500, 41],
  [501, 79],
  [502, 38],
  [503, 41],
  [504, 102],
  [505, 127],
  [513, 127],
  [600, 17],
  [603, 21],
  [604, 1],
  [606, 88],
]);

/** Causes of calls that were answered, by why they ended: the same as our BYE says where it says one. */
const OF_REASON: Readonly<Record<LeaveReason, number>> = {
  'hung-up': NORMAL,
  kicked: NORMAL,
  denied: 21,
  'no-moderator': NORMAL,
  'no-consent': NORMAL,
  'time-up': NORMAL,
  'flow-ended': NORMAL,
  transferred: NORMAL,
  'conference-deleted': NORMAL,
  'media-lost': UNSPECIFIED,
  refused: 21,
  failed: 41,
  shutdown: 41,
  restart: 41,
};

/** The Q.850 cause of a SIP status; what nobody mapped is "interworking" from 4xx on, and normal before. */
export const causeOfStatus = (status: number): number => OF_STATUS.get(status) ?? (status < 300 ? NORMAL : 127);

/** The Q.850 cause of a leg's end as far as only we know it: by the INVITE's final status, or, where that was a success, by the reason. */
export const causeOf = (reason: LeaveReason, status: number): number => (status >= 300 ? causeOfStatus(status) : OF_REASON[reason]);

/** One value of a Reason header. */
const VALUE = /^\s*([A-Za-z0-9.]+)\s*;(.*)$/;
const CAUSE = /(?:^|;)\s*cause\s*=\s*"?(\d{1,3})"?\s*(?:;|$)/i;

/** Splits at commas that are not in quotes. */
const values = (line: string): readonly string[] => line.match(/(?:"(?:\\.|[^"\\])*"|[^,"])+/g) ?? [];

/** "Call completed elsewhere" (RFC 3326 §3.1): Q.850 non-selected user clearing. */
const ELSEWHERE = 26;

/** The Q.850 cause that a message names in its Reason header (RFC 3326, RFC 6432): as such, else by the SIP status there; undefined: none. */
export function causeSaid(message: SipMessage): number | undefined {
  const said = new Map<string, number>();
  for (const value of headerAll(message, 'Reason').flatMap(values)) {
    const [, protocol = '', parameters = ''] = VALUE.exec(value) ?? [];
    const cause = CAUSE.exec(parameters)?.[1];
    const name = protocol.toUpperCase();
    if (cause !== undefined && !said.has(name)) said.set(name, Number(cause));
  }
  const isdn = said.get('Q.850');
  // Q.850 §2.2.5: seven bits.
  if (isdn !== undefined && isdn >= 1 && isdn <= 127) return isdn;
  const sip = said.get('SIP');
  if (sip === undefined || sip < 200 || sip > 699) return undefined;
  return sip === 200 ? ELSEWHERE : causeOfStatus(sip);
}
