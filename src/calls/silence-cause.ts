import type { MediaSilence } from '../media/index.ts';

/** What the signalling knows of a call of which nothing is heard. Addresses are without brackets. */
export interface SilentCall {
  /** Where the telephone's description says that it is; undefined when it named no address. */
  readonly described: string | undefined;
  /** Where its SIP messages come from. */
  readonly signalling: string;
  /** Where our description says that we are. */
  readonly ours: string;
}

/** The likely cause of silence, in words for whoever must mend it; undefined when the addresses tell nothing that the engine did not. */
export function silenceCause(silence: MediaSilence, call: SilentCall): string | undefined {
  if (silence.why === 'only-strangers') return strangerCause(silence.from.address, call);
  return silence.why === 'nothing-came' ? nothingCause(call) : undefined;
}

/** What came, came from somewhere else than the description says. */
function strangerCause(from: string, { described, signalling }: SilentCall): string | undefined {
  const names = described === undefined ? 'no address' : `${kindOf(described)}${described}`;
  if (from === signalling)
    return `the telephone names ${names} in its SDP but sends from ${from}, as its SIP does: an address translator is between us`;
  return `the telephone names ${names} in its SDP and its SIP comes from ${signalling}: the packets may be another call's, or pass a media proxy`;
}

/** No packet came at all: what stands in our SDP may lead the telephone nowhere, or something eats the packets. */
function nothingCause({ described, signalling, ours }: SilentCall): string | undefined {
  if (isPrivate(ours) && !isPrivate(signalling))
    return `our SDP names ${ours}, a private address that ${signalling} cannot reach: set media.advertise to the public one`;
  if (isLoopback(ours) && !isLoopback(signalling))
    return `our SDP names ${ours}, which for ${signalling} is itself: set the address to listen on`;
  if (described !== undefined && described !== signalling && isPrivate(described) && !isPrivate(signalling))
    return `the telephone names ${described} in its SDP, a private address, but its SIP comes from ${signalling}: it is behind an address translator that lets no voice through, or sends none before it hears some`;
  if (described === undefined) return 'the telephone names no address in its SDP';
  return undefined;
}

const kindOf = (address: string): string => (isPrivate(address) ? 'the private ' : '');

const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.');

/** Addresses that lead nowhere from outside: RFC 1918, RFC 6598, link-local, loopback, RFC 4193. */
export function isPrivate(address: string): boolean {
  if (isLoopback(address)) return true;
  if (address.includes(':')) return /^(f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):/i.test(address);
  const [a = 0, b = 0] = address.split('.').map(Number);
  return (
    a === 10 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254) ||
    (a === 100 && b >= 64 && b < 128)
  );
}
