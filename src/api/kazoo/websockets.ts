import type { JsonObject } from '../../base/index.ts';
import type { SocketView } from '../options.ts';
import { gregorian } from '../stamp.ts';
import type { Decode } from './answer.ts';
import type { Authenticate } from './login.ts';
import { refusals } from './refuse.ts';

const shown = ({ id, openedAt, bindings, destination, source }: SocketView): JsonObject => ({
  websocket_session_id: id,
  bindings,
  timestamp: gregorian(openedAt),
  destination,
  source,
});

/** `GET /v2/websockets`: what can be bound to; anybody may ask (kazoo-facts §9.6). */
export const bindings: Authenticate = async () => ({
  status: 200,
  data: { conference: ['conference.event.{CONFERENCE_ID}.{CALL_ID}', 'conference.command.{CONFERENCE_ID}'] },
  revision: 'automatic',
});

const list: Decode =
  ({ account, sockets }) =>
  async () => ({ status: 200, data: sockets(account.id).map(shown), revision: 'automatic' });

const read: Decode =
  ({ account, sockets, params }) =>
  async () => {
    const id = params['session'] ?? '';
    const found = sockets(account.id).find((each) => each.id === id);
    if (found === undefined) throw refusals.badId(id);
    return { status: 200, data: shown(found), revision: 'automatic' };
  };

/** `/websockets`. */
export const sessions: Readonly<Record<string, Decode>> = { GET: list };
/** `/websockets/{SESSION}`. */
export const session: Readonly<Record<string, Decode>> = { GET: read };
