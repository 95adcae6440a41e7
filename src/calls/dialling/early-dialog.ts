import type { Headers } from '../../sip/index.ts';
import { bodyOf, SDP } from '../call-values.ts';
import { ALLOW } from '../check-request.ts';
import type { DialogLine } from '../dialog-line.ts';
import type { MediaSession, Outcome } from '../media-session.ts';
import type { ServerTransaction } from '../server-transaction.ts';
import { dialogHeaders, type Surroundings } from '../surroundings.ts';

/** What a dialog that a provisional answer began stands on. */
export interface EarlyNeeds {
  readonly around: Surroundings;
  readonly line: DialogLine;
  readonly media: MediaSession;
  readonly focus: () => string | undefined;
  /** An offer and its answer have been exchanged already, so that the far end may make another offer (RFC 3311 §5.1). */
  readonly isAgreed: () => boolean;
  /** This holds from now on. */
  readonly settle: (agreed: Extract<Outcome, { readonly agreed: unknown }>['agreed']) => void;
}

/** A request of the far end while it rings: early media may move by UPDATE, and nothing else changes anything (RFC 3261 §12, RFC 3311). */
export function receiveEarly({ request, flow, respond }: ServerTransaction, needs: EarlyNeeds): void {
  const { around, line, media, focus, isAgreed, settle } = needs;
  const refused = line.receive(request, flow);
  if (refused !== undefined) return void respond(refused);
  const contact: Headers = dialogHeaders(around, flow, { secure: line.secure, focus: focus() });
  switch (request.method) {
    case 'UPDATE': {
      if (request.body.length === 0) return void respond(200, { headers: contact });
      // Two offers at once: later (RFC 3311 §5.2).
      if (!isAgreed()) return void respond(491);
      const outcome = media.answer(bodyOf(request));
      if ('refused' in outcome) return void respond(488);
      settle(outcome.agreed);
      return void respond(200, { headers: [...contact, ...SDP], body: Buffer.from(outcome.text) });
    }
    case 'INFO':
      return void respond(200);
    case 'INVITE':
      return void respond(491);
    case 'BYE':
      // Whoever is called may not hang up before he has answered (RFC 3261 §15); his final answer comes.
      return void respond(481);
    default:
      return void respond(405, { headers: [['Allow', ALLOW]] });
  }
}
