import type { AccountId } from '../accounts/index.ts';
import { type Clock, Failure, type Log } from '../base/index.ts';
import type { CallId, ConferenceId, ExternalMedia, ExternalMediaWish } from '../conference/index.ts';
import type { AudioSocketDoor, FarSocket, Fetch } from '../fetch/index.ts';
import { innerRate, type SoundRate, type Streams } from '../streams/index.ts';

/** What media of others are opened with. */
export interface ExternalMediaNeeds {
  readonly fetch: Pick<Fetch, 'line'>;
  /** Where servers connect that are asked to. Absent: nowhere. */
  readonly door?: AudioSocketDoor;
  readonly clock: Clock;
  readonly log: Log;
  /** Opened later. */
  readonly programs: () => Pick<Streams, 'open'>;
  /** Where a call is. */
  readonly whereIs: (account: AccountId, call: CallId) => Promise<ConferenceId>;
}

/** External media of one call at most (voipbin-facts §5.3). */
const PER_CALL = 5;
/** How long a server that is to connect is awaited, ms. */
const PATIENCE = 30_000;

/** Media of others: we open the connection, or they do, and whoever is there is a program beside the call. */
export function openExternalMedia(needs: ExternalMediaNeeds): ExternalMedia {
  const { fetch } = needs;
  const awaited = new Map<CallId, number>();
  return {
    async open(account, call, wish) {
      if (wish.connects === true) return awaits({ account, call, wish }, awaited, needs);
      const line = await fetch.line(urlOf(wish), { name: wish.id ?? call });
      if ('refused' in line) throw new Failure('denied', 'fetch_refused', line.refused);
      if ('failed' in line) throw new Failure('unavailable', 'fetch_failed', line.failed);
      return take(line.socket, { account, call, wish }, needs);
    },
  };
}

interface Wanted {
  readonly account: AccountId;
  readonly call: CallId;
  readonly wish: ExternalMediaWish;
}

/** A far end is there: from now on it is a program beside the call. */
async function take(socket: FarSocket, { account, call, wish }: Wanted, { programs, whereIs }: ExternalMediaNeeds): Promise<() => void> {
  try {
    const conference = await whereIs(account, call);
    const opened = await programs().open({ account, conference, wish: streamWish(wish), only: call });
    opened.take(socket);
    return () => socket.close({ code: 1000, reason: 'stopped' });
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** Nothing waits for it: it comes in time, or not at all. */
function awaits(wanted: Wanted, awaited: Map<CallId, number>, needs: ExternalMediaNeeds): () => void {
  const { door, clock, log } = needs;
  const { call, wish } = wanted;
  if (door === undefined) throw new Failure('unavailable', 'no_media_door', 'audiosocket.port is off: no server can connect');
  if ((awaited.get(call) ?? 0) >= PER_CALL) throw new Failure('limit', 'streams_full', `a call waits for ${PER_CALL} servers at most`);
  let end: (() => void) | undefined;
  let isOver = false;
  const forget = door.await(wish.id ?? call, (socket) => {
    settle();
    take(socket, wanted, needs).then(
      (ends) => {
        end = ends;
        if (isOver) ends();
      },
      (error: unknown) => log.info('a server that has connected does not hear its call', { call, error: String(error) }),
    );
  });
  awaited.set(call, (awaited.get(call) ?? 0) + 1);
  const alarm = clock.wake(clock.now() + PATIENCE, () => {
    log.info('a server that was to hear a call did not connect', { call });
    settle();
  });
  let isSettled = false;
  /** It is awaited no more. */
  function settle(): void {
    if (isSettled) return;
    isSettled = true;
    forget();
    alarm.cancel();
    const left = (awaited.get(call) ?? 1) - 1;
    if (left > 0) awaited.set(call, left);
    else awaited.delete(call);
  }
  return () => {
    isOver = true;
    settle();
    end?.();
  };
}

const urlOf = ({ target, framing }: ExternalMediaWish): string =>
  /^wss?:/i.test(target) ? target : `${framing === 'rtp' ? 'udp' : 'tcp'}://${target}`;

const streamWish = ({ framing, payload, rate = payload === 'slin16' ? 16_000 : 8000, hears, speaks }: ExternalMediaWish) => ({
  framing,
  ...(payload === undefined ? {} : { payload }),
  rate: innerRate(rate as SoundRate),
  soundRate: rate as SoundRate,
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
