/** The measured process of `webrtc`: the engine with browsers' legs and no signalling. Spawned by webrtc.ts. */
import type { AccountId } from '../src/accounts/index.ts';
import { noLog, SystemChance, SystemClock } from '../src/base/index.ts';
import type { ConferenceId, LegId } from '../src/conference/index.ts';
import { openEngine, type WebRtcChange } from '../src/media/index.ts';
import { formats } from './sounds.ts';

/** A browser as signalling would describe it. */
export interface Guest {
  readonly room: number;
  readonly webrtc: WebRtcChange;
}

/** What is asked of the process. */
export type Question = { readonly ask: 'open'; readonly guests: readonly Guest[] } | { readonly ask: 'read' } | { readonly ask: 'end' };

const account = 'bench' as AccountId;
const opus = { useInbandFec: true, useDtx: false, cbr: false, maxAverageBitrate: null, maxPlaybackRate: 48_000 };
const codec = { name: 'opus', payloadType: formats.opus.payloadType, ptime: 20, opus } as const;
const limits = { lateMs: Number.POSITIVE_INFINITY, busy: 1 };
let connected = 0;
const media = await openEngine({
  clock: new SystemClock(),
  log: noLog,
  chance: new SystemChance(),
  ports: 'any',
  threads: 1,
  limits,
  onEvent: (event) => {
    if (event.type === 'connected') connected += 1;
    if (event.type === 'dtls-failed') console.error(`a browser got no keys: ${event.reason}`);
  },
});

async function open(guests: readonly Guest[]): Promise<unknown> {
  const servers: unknown[] = [];
  const rooms = new Map<number, LegId[]>();
  for (const [n, { room, webrtc }] of guests.entries()) {
    const leg = `${n}` as LegId;
    servers.push(await media.open({ leg, account, conference: `${room}` as ConferenceId, address: '127.0.0.1', webrtc: true }));
    media.change(leg, { webrtc, codec, telephoneEvent: null, audioLevelId: 1, direction: 'sendrecv' });
    rooms.set(room, [...(rooms.get(room) ?? []), leg]);
  }
  for (const [room, legs] of rooms) {
    const sources = legs.map((id) => ({ source: { kind: 'leg', id }, gain: 1 }) as const);
    media.hear(account, `${room}` as ConferenceId, { version: 1, sources, listeners: legs.map((leg) => ({ leg, gains: [] })) });
  }
  return servers;
}

process.on('message', async (question: Question) => {
  if (question.ask === 'open') process.send?.(await open(question.guests));
  else if (question.ask === 'read') process.send?.({ ...(await media.metrics()), connected });
  else await media.close().then(() => process.disconnect());
});
