import { type Chance, randomHex } from '../base/index.ts';
import { answerChallenge, headerAll, type SipRequest, type SipResponse } from '../sip/index.ts';

/** What a far end that asks for a password gets. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** What a challenge is answered with: who we are there, and the challenge. */
export interface Challenged {
  readonly answer: SipResponse;
  readonly request: Pick<SipRequest, 'method' | 'uri'>;
  readonly credentials: Credentials | undefined;
  readonly chance: Chance;
}

/** The header that answers a 401 or 407 (RFC 3261 §22); undefined where it is none, or there is nothing to answer with. */
export function authorisation({ answer, request, credentials, chance }: Challenged): readonly [string, string] | undefined {
  const [asks, gives] =
    answer.status === 407 ? (['Proxy-Authenticate', 'Proxy-Authorization'] as const) : (['WWW-Authenticate', 'Authorization'] as const);
  if (credentials === undefined || (answer.status !== 401 && answer.status !== 407)) return undefined;
  const { method, uri } = request;
  const value = answerChallenge({ challenges: headerAll(answer, asks), method, uri, ...credentials, cnonce: randomHex(chance, 8) });
  return value === undefined ? undefined : [gives, value];
}
