import type { Browsers } from './browsers.ts';
import type { Ice } from './ice.ts';
import type { Leg } from './leg.ts';
import type { ThreadChange } from './messages.ts';
import type { PortPair } from './port-pair.ts';

/** What a leg that is offered to telephones and browsers alike stands on. */
export interface EitherNeeds {
  readonly pair: PortPair;
  readonly browsers: Browsers;
  readonly now: number;
}

/** Such a leg is what answered last; a telephone's early sound may come before a browser answers, and the other way round. Does nothing to others. */
export function decide(leg: Leg, { webrtc, remote }: ThreadChange, needs: EitherNeeds): void {
  if (leg.perhaps === null) return;
  if (webrtc !== undefined && leg.ice === null) become(leg, leg.perhaps, needs);
  else if (webrtc === undefined && remote !== undefined && leg.ice !== null) become(leg, null, needs);
}

/** From now on its far end is a browser that is found by `ice`; null: a telephone. Nothing is known of where it is. */
function become(leg: Leg, ice: Ice | null, { pair, browsers, now }: EitherNeeds): void {
  browsers.remove(leg, { goesOn: false });
  pair.forget(leg);
  leg.agree({ crypto: null }, now);
  leg.reach(null);
  leg.expected = null;
  leg.remote = null;
  leg.source = 0;
  leg.named = false;
  leg.ice = ice;
  leg.confirmed = ice !== null;
  browsers.add(leg, pair, { now, state: undefined });
}
