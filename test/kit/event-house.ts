import { openApi } from '../../src/api/index.ts';
import type { Clock, Json, Log } from '../../src/base/index.ts';
import type { ConferenceId, Execute, LegId } from '../../src/conference/index.ts';
import { openHouse } from './api-house.ts';
import { type EventReader, type Message, SentReader, SocketReader } from './event-readers.ts';
import { compareWith } from './published-answers.ts';

/** How a reader asks. */
export interface Asking {
  /** The query, without `?`. */
  readonly query?: string;
  readonly headers?: Record<string, string>;
  /** Default: the first account's access key. */
  readonly key?: string | undefined;
}

/** A whole API that listens on a real port, with readers of its events. */
export async function openEventHouse(change: { clock?: Clock; log?: Log; execute?: (real: Execute) => Execute } = {}) {
  const { log, ...rest } = change;
  const house = await openHouse({ ...rest, options: log === undefined ? {} : { log } });
  const { bus, conferences, account, accessKey } = house;
  const api = await openApi({ ...house.options, follow: (options) => bus.follow(options) });
  const readers: EventReader[] = [];
  const url = (query = ''): string => `${api.url}/api/events${query === '' ? '' : `?${query}`}`;
  const headersOf = ({ headers = {}, key = accessKey }: Asking) => ({ authorization: `Bearer ${key}`, ...headers });
  const kept = <Reader extends EventReader>(reader: Reader): Reader => {
    readers.push(reader);
    return reader;
  };
  const actor = { account: account as never, kind: 'api' as const };
  return {
    ...house,
    api,
    actor,
    url,
    /** A websocket. */
    socket: (asking: Asking = {}) => kept(SocketReader.open(url(asking.query), headersOf(asking))),
    /** Server-sent events. */
    sent: (asking: Asking = {}) => kept(SentReader.open(url(asking.query), headersOf(asking))),
    async ask(method: string, path: string, body?: Json, key = accessKey): Promise<{ status: number; body: Message }> {
      const response = await fetch(`${api.url}/api${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const type = response.headers.get('content-type') ?? '';
      await compareWith(api.url, { method, path: `/api${path}` }, { status: response.status, type, body: text });
      return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
    },
    /** A conference whose members are heard from the start. */
    async create(id: string): Promise<ConferenceId> {
      const wished = id as ConferenceId;
      await conferences.execute('conference.create', { id: wished, document: { member: { join_muted: false } } }, actor);
      return wished;
    },
    /** The `number`th participant talks, or is quiet. */
    async talk(conference: ConferenceId, number: number, talking: boolean): Promise<void> {
      const { room } = (await conferences.execute('conference.read', { conference }, actor)).conference;
      const leg = room?.participants.find((each) => each.number === number)?.call.leg;
      conferences.setLevel(leg as LegId, { talking, energy: talking ? 900 : 0 });
    },
    async [Symbol.asyncDispose](): Promise<void> {
      for (const each of readers) (each as SocketReader | SentReader).close();
      await api.close();
      await bus.close();
    },
  };
}

/** What `openEventHouse` gives. */
export type EventHouse = Awaited<ReturnType<typeof openEventHouse>>;
