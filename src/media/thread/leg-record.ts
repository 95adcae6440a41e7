import type { Leg } from './leg.ts';
import type { ThreadCrypto } from './messages.ts';

/** A leg as a plain value, for the store; undefined: there is none. */
export function recordOf(leg: Leg | undefined): unknown {
  if (leg === undefined) return undefined;
  const { pair, sender, codec, telephoneEvent, direction, ice } = leg;
  const { ssrc, sequence, timestamp } = sender;
  const { address, port } = pair.rtp;
  const crypto = leg.security === null || ice !== null ? null : keptKeys(leg.security.crypto);
  const found = ice?.home == null ? null : { address: ice.home.to.address, port: ice.home.to.port, rtcpPort: ice.home.to.port };
  const remote = ice === null ? (leg.remote ?? null) : found;
  const browser = ice === null ? {} : { webrtc: true };
  return { leg: leg.id, address, port, ssrc, sequence, timestamp, remote, codec, telephoneEvent, crypto, direction, ...browser };
}

/** Keys as plain text values. */
const keptKeys = ({ suite, ourKey, theirKey }: ThreadCrypto): object => ({
  suite,
  ourKey: Buffer.from(ourKey).toString('base64'),
  theirKey: Buffer.from(theirKey).toString('base64'),
});
