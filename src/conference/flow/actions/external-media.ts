import type { JsonObject } from '../../../base/index.ts';
import { act } from '../act.ts';
import type { ExternalMediaWish } from '../ports.ts';
import { textOf } from './option.ts';

const FRAMINGS = ['rtp', 'sln', 'audiosocket'] as const;
const PAYLOADS = ['ulaw', 'alaw', 'slin', 'slin16'] as const;

type Where = Pick<ExternalMediaWish, 'target' | 'framing' | 'payload'>;

/** By `url`, as the page on media streams writes it: a websocket. */
function overWebSocket(target: string, option: JsonObject): Where | undefined {
  const said = textOf(option, 'encapsulation');
  const framing = FRAMINGS.find((each) => each === (said === '' ? 'sln' : said));
  return framing === undefined ? undefined : { target, framing };
}

/** By `external_host`, as the option of the action has it (voipbin-facts §4.4): RTP over UDP, or AudioSocket over TCP, to where we connect. */
function overSocket(target: string, option: JsonObject): Where | undefined {
  const [transport, said] = [textOf(option, 'transport'), textOf(option, 'encapsulation')];
  const encapsulation = said === '' ? (transport === 'tcp' ? 'audiosocket' : 'rtp') : said;
  const connects = ['', 'client'].includes(textOf(option, 'connection_type'));
  if (!connects || !/^(\[[0-9a-f:.]+\]|[^\s/:@]+):\d{1,5}$/i.test(target)) return undefined;
  if (encapsulation === 'audiosocket') return transport === 'udp' ? undefined : { target, framing: 'audiosocket' };
  const format = textOf(option, 'format');
  const payload = PAYLOADS.find((each) => each === (format === '' ? 'ulaw' : format));
  return encapsulation !== 'rtp' || transport === 'tcp' || payload === undefined ? undefined : { target, framing: 'rtp', payload };
}

/** Where, and how. Undefined: nothing that we speak. */
function wishOf(option: JsonObject): ExternalMediaWish | undefined {
  const target = textOf(option, 'url') || textOf(option, 'external_host');
  const where = /^wss?:\/\//i.test(target) ? overWebSocket(target, option) : overSocket(target, option);
  const [listens, speaks] = [textOf(option, 'direction_listen'), textOf(option, 'direction_speak')];
  return where && { ...where, hears: listens !== 'none', speaks: speaks !== 'none' };
}

/** Lets a server of the client's hear the call and speak to it, wherever the flow takes it. */
export const externalMediaStart = act<ExternalMediaWish | undefined, never>({
  answers: true,
  read: wishOf,
  begin(wish) {
    if (wish !== undefined) return { turn: 'go', effects: [{ do: 'stream', wish }] };
    return { turn: 'go', failed: 'media of others are websockets (url), RTP over UDP (ulaw, alaw, slin, slin16) or AudioSocket over TCP' };
  },
});

export const externalMediaStop = act({
  answers: false,
  ofCall: true,
  read: () => undefined,
  begin: () => ({ turn: 'go', effects: [{ do: 'stop-streams' }] }),
});
