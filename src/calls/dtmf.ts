import type { SipRequest } from '../sip/index.ts';
import { contentType } from './check-request.ts';

/** The content types of INFO that carry a key; also what a 415 to INFO says. */
export const DTMF_TYPES = 'application/dtmf-relay, application/dtmf';

/** The key of an INFO: `Signal=5` (dtmf-relay) or the bare digit. Undefined: no key in it. Null: another content type. */
export function digitOf(request: SipRequest): string | undefined | null {
  const type = contentType(request);
  if (type !== 'application/dtmf-relay' && type !== 'application/dtmf') return null;
  const text = Buffer.from(request.body).toString('latin1');
  const signal = type === 'application/dtmf' && !text.includes('=') ? text : /^\s*Signal\s*=\s*(\S+)/im.exec(text)?.[1];
  const digit = signal?.trim().toUpperCase();
  if (digit === '10') return '*';
  if (digit === '11') return '#';
  return digit !== undefined && /^[0-9A-D*#]$/.test(digit) ? digit : undefined;
}
