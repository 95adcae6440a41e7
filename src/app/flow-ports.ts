import { type Clock, Failure, type Log, type Owner } from '../base/index.ts';
import type { Calls } from '../calls/index.ts';
import type { Keys, LobbyNeeds, PhoneCalls, Web, WebRequest } from '../conference/index.ts';
import { type Asking, type AudioSocketDoor, type Fetch, openAudioSocketDoor, openFetch } from '../fetch/index.ts';
import type { Engine } from '../media/index.ts';
import type { Streams } from '../streams/index.ts';
import type { Config } from './config.ts';
import { openExternalMedia } from './external-media.ts';
import { listening } from './listening.ts';

/** What a server of a flow's owner may take, and answer. */
const TIMEOUT = 15_000;
const MOST_BYTES = 262_144;
const REDIRECTS = 3;
/** The engine's shortest pause between two keys, ms. */
const LEAST_GAP = 40;

const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

const methodOf = ({ method }: WebRequest): NonNullable<Asking['method']> => {
  const upper = method.toUpperCase();
  return METHODS.includes(upper) ? (upper as NonNullable<Asking['method']>) : 'POST';
};

/** Requests of flows go through the one door for outgoing HTTP, which checks whom they call. */
const webOf = (fetch: Fetch): Web => ({
  async request(_, request) {
    const method = methodOf(request);
    const takesBody = method !== 'GET' && method !== 'HEAD';
    const asked = await fetch.ask({
      url: request.uri,
      method,
      headers: takesBody ? { 'content-type': request.type } : {},
      ...(takesBody ? { body: request.body } : {}),
      timeoutMs: TIMEOUT,
      redirects: REDIRECTS,
      maxBytes: MOST_BYTES,
    });
    if ('refused' in asked) throw new Failure('denied', 'fetch_refused', asked.refused);
    if ('failed' in asked) throw new Failure('unavailable', 'fetch_failed', asked.failed);
    if (asked.isCut) throw new Failure('limit', 'answer_too_long', 'the server answered more than a flow takes');
    if (asked.status < 200 || asked.status > 299) throw new Failure('unavailable', 'fetch_failed', `the server answered ${asked.status}`);
    return new TextDecoder().decode(asked.body);
  },
});

/** The engine presses the keys; when the last one is up nobody tells, so that it is reckoned. */
const keysOf = ({ engine, clock }: { readonly engine: Pick<Engine, 'sendDigits'>; readonly clock: Clock }): Keys => ({
  send(call, digits, { durationMs, intervalMs }) {
    const gapMs = Math.max(LEAST_GAP, intervalMs);
    engine.sendDigits(call as never, digits, { ms: durationMs, gapMs });
    return new Promise((resolve) => clock.wake(clock.now() + digits.length * (durationMs + gapMs), resolve));
  },
});

/** What flows reach outside of themselves: keys of far ends, servers of their owners, telephones. */
export async function openFlowPorts(needs: {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
  readonly owner: Owner;
  readonly config: Pick<Config, 'fetchAllow' | 'audioSocketPort' | 'host'>;
  /** Opened later. */
  readonly calls: () => Calls;
  readonly programs: () => Pick<Streams, 'open'>;
  readonly phones: () => Pick<PhoneCalls, 'whereIs'>;
}): Promise<Required<Pick<LobbyNeeds, 'keys' | 'web' | 'dialling' | 'external'>>> {
  const fetch = needs.owner.own(openFetch({ ...needs, allow: needs.config.fetchAllow }));
  const door = await audioSocketDoor(needs);
  const whereIs: PhoneCalls['whereIs'] = (...of) => needs.phones().whereIs(...of);
  return {
    keys: keysOf(needs),
    web: webOf(fetch),
    external: openExternalMedia({ fetch, clock: needs.clock, log: needs.log, programs: needs.programs, whereIs, ...(door && { door }) }),
    dialling: { resolve: (...asked) => needs.calls().dialling.resolve(...asked), dial: (order) => needs.calls().dialling.dial(order) },
  };
}

/** Where servers connect that flows await; undefined: it has no port. */
async function audioSocketDoor({
  config: { audioSocketPort: port, host: address },
  owner,
  clock,
  log,
}: Pick<Parameters<typeof openFlowPorts>[0], 'config' | 'owner' | 'clock' | 'log'>): Promise<AudioSocketDoor | undefined> {
  if (port === undefined) return undefined;
  const opening = openAudioSocketDoor({ clock, log, address, port });
  return owner.own(await listening([{ what: 'AudioSocket', variable: 'PARLEY_AUDIOSOCKET_PORT', port }], opening));
}
