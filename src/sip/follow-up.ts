import { cseq, header, headerAll } from './headers.ts';
import { type Headers, noBody, type SipRequest, type SipResponse } from './message.ts';

/** A request that belongs to the transaction of another one: same Request-URI, top Via, From, Call-ID, Route and number. */
function companion(invite: SipRequest, method: 'ACK' | 'CANCEL', to: string | undefined): SipRequest {
  const headers: [string, string][] = [];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) headers.push([name, value]);
  };
  add('Via', headerAll(invite, 'Via')[0]);
  add('Max-Forwards', '70');
  for (const route of headerAll(invite, 'Route')) add('Route', route);
  add('From', header(invite, 'From'));
  add('To', to);
  add('Call-ID', header(invite, 'Call-ID'));
  add('CSeq', `${cseq(invite)?.number ?? 0} ${method}`);
  return { type: 'request', method, uri: invite.uri, headers: headers as Headers, body: noBody };
}

/** The ACK of an answer that is no 2xx, RFC 3261 §17.1.1.3. */
export const acknowledge = (invite: SipRequest, response: SipResponse): SipRequest => companion(invite, 'ACK', header(response, 'To'));

/** The CANCEL of a request that has no final answer yet, RFC 3261 §9.1. Send it only after a provisional answer. */
export const cancel = (invite: SipRequest): SipRequest => companion(invite, 'CANCEL', header(invite, 'To'));
