import type { JsonObject } from '../../../base/index.ts';
import { act } from '../act.ts';
import type { ExternalMediaWish } from '../ports.ts';
import { textOf } from './option.ts';

const FRAMINGS = ['rtp', 'sln', 'audiosocket'] as const;

/** Where, and how: `url` as the page on media streams writes it, `external_host` as the option does (voipbin-facts §4.4). Undefined: nothing that we speak. */
function wishOf(option: JsonObject): ExternalMediaWish | undefined {
  const target = textOf(option, 'url') || textOf(option, 'external_host');
  const isWebSocket = /^wss?:\/\//i.test(target);
  const said = textOf(option, 'encapsulation') || (isWebSocket ? 'sln' : 'audiosocket');
  const framing = FRAMINGS.find((each) => each === said);
  // Over TCP only AudioSocket says where its frames begin; nothing is sent over UDP.
  const isKnown = isWebSocket || (/^[^\s/]+:\d{1,5}$/.test(target) && framing === 'audiosocket' && textOf(option, 'transport') !== 'udp');
  if (framing === undefined || !isKnown) return undefined;
  const [listens, speaks] = [textOf(option, 'direction_listen'), textOf(option, 'direction_speak')];
  return { target, framing, hears: listens !== 'none', speaks: speaks !== 'none' };
}

/** Lets a server of the client's hear the call and speak to it, wherever the flow takes it. */
export const externalMediaStart = act<ExternalMediaWish | undefined, never>({
  answers: true,
  read: wishOf,
  begin(wish) {
    if (wish === undefined) return { turn: 'go', failed: 'only websockets (url), and AudioSocket over TCP, can be media of others' };
    return { turn: 'go', effects: [{ do: 'stream', wish }] };
  },
});

export const externalMediaStop = act({
  answers: false,
  ofCall: true,
  read: () => undefined,
  begin: () => ({ turn: 'go', effects: [{ do: 'stop-streams' }] }),
});
