import type { JsonObject } from '../../../base/index.ts';
import { act } from '../act.ts';
import type { ExternalMediaWish } from '../ports.ts';
import { textOf } from './option.ts';

const FRAMINGS = ['rtp', 'sln', 'audiosocket'] as const;
const PAYLOADS = ['ulaw', 'alaw', 'slin', 'slin16'] as const;
/** Of AudioSocket: Asterisk's names of signed linear sound. What a call is coded in itself is the same to it. */
const RATES: Readonly<Record<string, number>> = {
  ...{ '': 8000, slin: 8000, ulaw: 8000, alaw: 8000 },
  ...{ slin12: 12_000, slin16: 16_000, slin24: 24_000, slin32: 32_000, slin44: 44_100, slin48: 48_000, slin96: 96_000, slin192: 192_000 },
};

type Where = Pick<ExternalMediaWish, 'target' | 'framing' | 'payload' | 'rate' | 'id' | 'connects'>;

/** By `url`, as the page on media streams writes it: a websocket. */
function overWebSocket(target: string, option: JsonObject): Where | undefined {
  const said = textOf(option, 'encapsulation');
  const framing = FRAMINGS.find((each) => each === (said === '' ? 'sln' : said));
  return framing === undefined ? undefined : { target, framing };
}

/** By `external_host`, as the option of the action has it (voipbin-facts §4.4): RTP over UDP, or AudioSocket over TCP. */
function overSocket(target: string, option: JsonObject): Where | undefined {
  const [transport, said] = [textOf(option, 'transport'), textOf(option, 'encapsulation')];
  const encapsulation = said === '' ? (transport === 'tcp' ? 'audiosocket' : 'rtp') : said;
  const connection = textOf(option, 'connection_type');
  const comes = connection === 'server' && encapsulation === 'audiosocket';
  if (!comes && (!['', 'client'].includes(connection) || !/^(\[[0-9a-f:.]+\]|[^\s/:@]+):\d{1,5}$/i.test(target))) return undefined;
  const format = textOf(option, 'format');
  if (encapsulation === 'audiosocket') return transport === 'udp' ? undefined : overAudioSocket(target, option, comes);
  const payload = PAYLOADS.find((each) => each === (format === '' ? 'ulaw' : format));
  return encapsulation !== 'rtp' || transport === 'tcp' || payload === undefined ? undefined : { target, framing: 'rtp', payload };
}

/** `data` is the UUID by which Asterisk knows a connection of AudioSocket. */
function overAudioSocket(target: string, option: JsonObject, connects: boolean): Where | undefined {
  const rate = RATES[textOf(option, 'format')];
  const id = textOf(option, 'data').toLowerCase().replaceAll('-', '');
  if (rate === undefined) return undefined;
  return { target, framing: 'audiosocket', rate, ...(/^[0-9a-f]{32}$/.test(id) ? { id } : {}), ...(connects ? { connects } : {}) };
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
    return {
      turn: 'go',
      failed:
        'media of others are websockets (url), RTP over UDP (ulaw, alaw, slin, slin16) or AudioSocket over TCP (slin to slin192); only the last may connect to us',
    };
  },
});

export const externalMediaStop = act({
  answers: false,
  ofCall: true,
  read: () => undefined,
  begin: () => ({ turn: 'go', effects: [{ do: 'stop-streams' }] }),
});
