import { printAnswer, printOffer } from './print.ts';
import type { Agreed, Direction, LocalMedia, MediaLine, SessionDescription } from './session.ts';

/** What an answer does, and how to say it. */
export interface Negotiated {
  readonly agreed: Agreed;
  /** Prints our description with this o= version. */
  readonly print: (version: number) => string;
}

/** Answers an offer (RFC 3264 §6): the first audio line that we can, the others refused in place. Undefined: nothing in common (488). */
export function answerOffer(offer: SessionDescription, local: LocalMedia): Negotiated | undefined {
  const index = offer.media.findIndex((line) => usable(line));
  const line = offer.media[index];
  if (line === undefined) return undefined;
  const agreed = agree(line, local);
  if (agreed === undefined) return undefined;
  return { agreed, print: (version) => printAnswer({ offer, chosen: index, agreed, local, version }) };
}

/** Our own offer, for an INVITE that brought none and for refreshes. */
export function makeOffer(local: LocalMedia, direction: Direction = 'sendrecv'): { readonly print: (version: number) => string } {
  return { print: (version) => printOffer({ local, direction, version }) };
}

/** Reads the answer to `makeOffer`: one audio line. Undefined: the answer accepts nothing that we offered. */
export function acceptAnswer(answer: SessionDescription, local: LocalMedia): Agreed | undefined {
  const line = answer.media[0];
  return line !== undefined && usable(line) ? agree(line, local) : undefined;
}

const usable = (line: MediaLine): boolean => line.port !== 0 && line.codecs.length > 0 && (line.address !== undefined || line.blackhole);

function agree(line: MediaLine, local: LocalMedia): Agreed | undefined {
  const codec = line.codecs[0];
  if (codec === undefined) return undefined;
  const remote = line.address === undefined ? undefined : { address: line.address, port: line.port, rtcpPort: line.rtcpPort };
  const theirs = line.blackhole ? deafened(line.direction) : line.direction;
  return {
    remote,
    codec: { ...codec, ptime: packetTime(line, local.ptime) },
    telephoneEvent: line.telephoneEvents[0] ?? null,
    comfortNoise: null,
    rtcpMux: false,
    crypto: null,
    audioLevelId: null,
    direction: MIRROR[theirs],
    held: theirs === 'sendonly' || theirs === 'inactive',
  };
}

/** RFC 2543 hold: whoever gives no address does not listen, whatever else he says. */
const deafened = (direction: Direction): Direction => (direction === 'sendrecv' || direction === 'sendonly' ? 'sendonly' : 'inactive');

const MIRROR: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
};

/** The nearest multiple of 10 to what they like (else to what we like), at most 120 ms and at most their maxptime. */
function packetTime({ ptime, maxptime }: MediaLine, ours: number): number {
  const wished = Math.min(Math.max(Math.round((ptime ?? ours) / 10) * 10, 10), 120);
  return maxptime === undefined ? wished : Math.max(10, Math.min(wished, Math.floor(maxptime / 10) * 10));
}
