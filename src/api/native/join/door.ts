import type { Chance, Clock, Log } from '../../../base/index.ts';
import type { Bus } from '../../../bus/index.ts';
import type { EntryDoors, Execute } from '../../../conference/index.ts';
import type { UpgradeRoute } from '../../options.ts';
import type { BrowserDoors } from './doors.ts';
import type { IceSettings } from './ice.ts';
import { JoinSessions } from './sessions.ts';

/** What `/api/join` needs; without browsers, invitations or events it is not there. */
export interface JoinNeeds {
  readonly browsers?: BrowserDoors;
  readonly entry?: Pick<EntryDoors, 'invitations'>;
  readonly follow?: Bus['follow'];
  readonly execute: Execute;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly iceServers?: IceSettings;
}

/** Longest frame: the longest description, in JSON. */
const MAX_FRAME = 65_536;

/** Where the guests of invitations join by their browsers; undefined: nowhere. */
export function openJoin({ browsers, entry, follow, iceServers: ice, ...needs }: JoinNeeds): JoinSessions | undefined {
  if (browsers === undefined || entry === undefined || follow === undefined) return undefined;
  return new JoinSessions({ ...needs, browsers, follow, ice, invitations: entry.invitations });
}

/** `GET /api/join`; who joins says so in a frame, so that no code ever stands in a URL. */
export const joinSockets = (sessions: JoinSessions): UpgradeRoute => ({
  path: '/api/join',
  maxFrameBytes: MAX_FRAME,
  take: (socket, peer) => sessions.take(socket, peer),
});
