import { callId, cseq, from, header, type Via, via } from './headers.ts';
import type { SipRequest, SipResponse } from './message.ts';

const cookie = /^z9hg4bk./i;

const keyOf = (branch: string, top: Via, method: string): string => `${branch} ${top.host.toLowerCase()}:${top.port ?? ''} ${method}`;

/** Matching for phones older than RFC 3261, whose branch identifies nothing (§17.2.3). The To tag is left out: ACK has one that INVITE lacks. */
function oldKey(request: SipRequest, top: Via, method: string): string {
  const tag = from(request)?.params.get('tag') ?? '';
  const sent = `${top.host.toLowerCase()}:${top.port ?? ''};${top.params.get('branch') ?? ''}`;
  return ['2543', request.uri, tag, callId(request) ?? '', cseq(request)?.number ?? '', sent, method].join(' ');
}

function keyAs(request: SipRequest, method: string): string | undefined {
  const top = via(request);
  if (top === undefined) return undefined;
  const branch = top.params.get('branch');
  return branch !== undefined && cookie.test(branch) ? keyOf(branch, top, method) : oldKey(request, top, method);
}

/** Which server transaction a request belongs to, RFC 3261 §17.2.3; an ACK belongs to its INVITE. */
export const serverKey = (request: SipRequest): string | undefined => keyAs(request, request.method === 'ACK' ? 'INVITE' : request.method);

/** Which INVITE server transaction a CANCEL means, RFC 3261 §9.2. */
export const cancelledKey = (cancel: SipRequest): string | undefined => keyAs(cancel, 'INVITE');

/** Which client transaction a request of ours opens, or a response belongs to, RFC 3261 §17.1.3. */
export function clientKey(message: SipRequest | SipResponse): string | undefined {
  const branch = via(message)?.params.get('branch');
  const method = message.type === 'request' ? message.method : cseq(message)?.method;
  return branch === undefined || method === undefined || header(message, 'Via') === undefined ? undefined : `${branch} ${method}`;
}
