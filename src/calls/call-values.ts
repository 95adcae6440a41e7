import type { LeaveReason } from '../conference/index.ts';
import type { LegRequest } from '../media/index.ts';
import type { Wishes } from '../sdp/index.ts';
import { type Headers, quote } from '../sip/index.ts';
import { ACCEPT } from './check-request.ts';
import { judgeOffer, type NoAgreement } from './media-session.ts';
import type { Surroundings } from './surroundings.ts';

/** The header of a message with SDP in it. */
export const SDP: Headers = [['Content-Type', ACCEPT]];

/** A message's body as text. */
export const bodyOf = ({ body }: { readonly body: Uint8Array }): string => Buffer.from(body).toString('utf8');

/** What the engine must know of an offer before it opens a leg: whether a browser wrote it, or where its media address is, for the choice of a port. */
export function legFor(offer: string, wishes: Wishes): Pick<LegRequest, 'remote' | 'webrtc'> {
  const outcome = judgeOffer(offer, wishes);
  if ('refused' in outcome) return {};
  const { remote, webrtc } = outcome.agreed;
  if (webrtc !== null) return { webrtc: true };
  return remote === undefined ? {} : { remote: { address: remote.address, port: remote.port } };
}

/** Warn codes of RFC 3261 §20.43; what has no code of its own is 399. */
const WARN_CODE: Readonly<Partial<Record<NoAgreement['refused'], number>>> = {
  'no-audio': 304,
  'no-usable-codec': 305,
  'profile-unknown': 305,
};

/** How an offer is refused: 488 says why. */
export const refusalOf = ({ refused, words }: NoAgreement, { sentBy }: Pick<Surroundings, 'sentBy'>): [number, { headers: Headers }] =>
  refused === 'malformed'
    ? [400, { headers: [] }]
    : [488, { headers: [['Warning', `${WARN_CODE[refused] ?? 399} ${sentBy} ${quote(words)}`]] }];

/** Why we end a call, for its BYE (RFC 3326); nothing where nobody needs to know more. */
const REASONS: Readonly<Partial<Record<LeaveReason, string>>> = {
  kicked: 'SIP;cause=603;text="Removed from the conference"',
  'conference-deleted': 'SIP;cause=410;text="Conference deleted"',
  denied: 'SIP;cause=603;text="Not admitted"',
  'no-moderator': 'SIP;cause=480;text="No moderator"',
  'no-consent': 'SIP;cause=603;text="No consent to be recorded"',
  'time-up': 'SIP;cause=410;text="Conference over"',
  'media-lost': 'Q.850;cause=31;text="No media"',
  failed: 'SIP;cause=500;text="Call failed"',
  shutdown: 'SIP;cause=503;text="Shutdown"',
  restart: 'SIP;cause=503;text="Restart"',
};

/** The Reason header of a BYE. */
export const reasonHeaders = (reason: LeaveReason): Headers => {
  const value = REASONS[reason];
  return value === undefined ? [] : [['Reason', value]];
};
