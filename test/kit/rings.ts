import type { Phone } from './phone.ts';
import { answerTo, header, type SipText } from './sip-text.ts';

/**
 * The telephone rings and nobody takes it; it lets itself be cancelled. Gives what it hears from now on, each request once: a machine that stands still
 * answers late, and over UDP what is not answered comes again.
 */
export function onlyRings({ sip }: Phone): readonly SipText[] {
  const heard: SipText[] = [];
  let invite: { request: SipText; reply: (bytes: Buffer) => void } | undefined;
  sip.onRequest = (request, reply) => {
    if (!heard.some((each) => each.method === request.method && header(each, 'via') === header(request, 'via'))) heard.push(request);
    if (request.method === 'INVITE') {
      invite = { request, reply };
      reply(answerTo(request, '180 Ringing', { toTag: 'rings' }));
    } else if (request.method === 'CANCEL') {
      reply(answerTo(request, '200 OK', { toTag: 'rings' }));
      invite?.reply(answerTo(invite.request, '487 Request Terminated', { toTag: 'rings' }));
    }
  };
  return heard;
}
