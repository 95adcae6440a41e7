import type { AccountId } from '../accounts/index.ts';
import { Failure } from '../base/index.ts';
import type { CallId, ConferenceId, ExternalMedia, ExternalMediaWish } from '../conference/index.ts';
import type { Fetch } from '../fetch/index.ts';
import type { Streams } from '../streams/index.ts';

/** What media of others are opened with. */
export interface ExternalMediaNeeds {
  readonly fetch: Pick<Fetch, 'line'>;
  /** Opened later. */
  readonly programs: () => Pick<Streams, 'open'>;
  /** Where a call is. */
  readonly whereIs: (account: AccountId, call: CallId) => Promise<ConferenceId>;
}

/** External media of one call at most (voipbin-facts §5.3). */
const PER_CALL = 5;
/** Media of others: we open the connection, and whoever answers is a program beside the call. */
export function openExternalMedia({ fetch, programs, whereIs }: ExternalMediaNeeds): ExternalMedia {
  return {
    async open(account, call, wish) {
      const line = await fetch.line(urlOf(wish), { name: call });
      if ('refused' in line) throw new Failure('denied', 'fetch_refused', line.refused);
      if ('failed' in line) throw new Failure('unavailable', 'fetch_failed', line.failed);
      const { socket } = line;
      try {
        const conference = await whereIs(account, call);
        const opened = await programs().open({ account, conference, wish: streamWish(wish), only: call });
        opened.take(socket);
        return () => socket.close({ code: 1000, reason: 'stopped' });
      } catch (error) {
        socket.close();
        throw error;
      }
    },
  };
}

const urlOf = ({ target, framing }: ExternalMediaWish): string =>
  /^wss?:/i.test(target) ? target : `${framing === 'rtp' ? 'udp' : 'tcp'}://${target}`;

const streamWish = ({ framing, payload, hears, speaks }: ExternalMediaWish) => ({
  framing,
  ...(payload === undefined ? {} : { payload }),
  rate: payload === 'slin16' ? (16_000 as const) : (8000 as const),
  hear: hears ? ('mix' as const) : ('none' as const),
  speak: speaks,
  talks: false,
  name: 'external media',
  role: 'member' as const,
  muted: false,
  deaf: false,
  leavesAlone: true,
  limit: PER_CALL,
});
