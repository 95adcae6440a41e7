import { isRtcp, RtpView } from '../../rtp/index.ts';
import type { Counters } from './counters.ts';
import { type Leg, SILENT_BEFORE_MOVE } from './leg.ts';
import type { LegSecurity } from './leg-security.ts';
import type { Remote, Signal } from './messages.ts';
import type { Refusal } from './silence-diary.ts';
import { type Arrivals, BATCH, type Destination, type SocketPort, type Sockets } from './socket-port.ts';
import { SourceTable } from './source-table.ts';

/** More legs than this on one port and a stall of a few ticks would overflow its kernel buffer. */
const LEGS_PER_PORT = 64;
const view = new RtpView();

/** What a pair needs of its thread to read packets. */
export interface Reading {
  readonly sockets: Sockets;
  readonly counters: Counters;
  readonly signals: Signal[];
  /** Takes RTCP that came among the sound (RFC 5761), for later. */
  readonly desk: { putBy(pair: PortPair, arrivals: Arrivals, index: number): void };
  /** Takes what is no sound; false: it is nothing known. */
  readonly browsers: { read(pair: PortPair, index: number): boolean };
}

/** An RTP port with its RTCP port above it, and the legs that share them. Tells by the source whose packet it is. */
export class PortPair {
  readonly rtp: SocketPort;
  readonly rtcp: SocketPort;
  readonly legs: Leg[] = [];
  /** Its leg may go to another thread and take it along. */
  isAlone = false;
  /** Something was answered while it was read, and waits to be sent. */
  hasAnswers = false;
  /** The legs whose rooms are served in each phase, so that a tick touches no other leg. */
  readonly #byPhase: Leg[][] = [];
  readonly #bySource = new SourceTable();

  constructor(rtp: SocketPort, rtcp: SocketPort) {
    this.rtp = rtp;
    this.rtcp = rtcp;
  }

  /**
   * Whether a new leg may live here. Two legs with one far address would be one to us, and two legs whose
   * far ends are not known for certain could be taken for each other. A browser says whose it is.
   */
  mayTake(remote: { readonly address: string; readonly port: number } | undefined, isBrowser = false): boolean {
    if (this.isAlone || this.legs.length >= LEGS_PER_PORT) return false;
    if (isBrowser) return true;
    for (const leg of this.legs) {
      const at = leg.expected ?? leg.destination;
      if (!leg.confirmed && (remote === undefined || at === null || at.address === remote.address)) return false;
      const isSame = (place: Destination | null): boolean =>
        place !== null && place.address === remote?.address && place.port === remote.port;
      if (isSame(leg.expected) || isSame(leg.destination)) return false;
    }
    return true;
  }

  add(leg: Leg, phase: number): void {
    this.legs.push(leg);
    while (this.#byPhase.length <= phase) this.#byPhase.push([]);
    this.#byPhase[phase]!.push(leg);
  }

  /** Nothing is known of where its far end is. */
  forget(leg: Leg): void {
    this.#bySource.forget(leg);
  }

  /** The leg is served in another phase now. */
  shift(leg: Leg, phase: number): void {
    for (const legs of this.#byPhase) if (legs.includes(leg)) legs.splice(legs.indexOf(leg), 1);
    while (this.#byPhase.length <= phase) this.#byPhase.push([]);
    this.#byPhase[phase]!.push(leg);
  }

  /** All its legs, if any, are served in this phase: then it is read and written once for each frame, in long batches. */
  isOf(phase: number): boolean {
    return this.#byPhase.every((legs, each) => each === phase || legs.length === 0);
  }

  /** Who is served in a phase; the kernel keeps the others' packets, with their time. */
  servedIn(phase: number): readonly Leg[] {
    return this.#byPhase[phase] ?? [];
  }

  remove(leg: Leg): void {
    const place = this.legs.indexOf(leg);
    if (place >= 0) this.legs.splice(place, 1);
    for (const legs of this.#byPhase) if (legs.includes(leg)) legs.splice(legs.indexOf(leg), 1);
    this.#bySource.forget(leg);
  }

  /** Signalling names the far end. What came from the old one is still heard until the new one speaks. */
  name(leg: Leg, remote: Remote, sockets: Sockets): void {
    const to = sockets.destination(remote.address, remote.port);
    const isNew = to.key !== leg.expected?.key;
    if (leg.expected !== null && leg.expected.key !== leg.source && isNew) this.#bySource.delete(leg.expected.key);
    leg.remote = remote;
    leg.rtcp = sockets.destination(remote.address, remote.rtcpPort);
    leg.expected = to;
    if (!isNew) return;
    leg.destination = to;
    leg.confirmed = to.key === leg.source;
    leg.named = leg.confirmed;
    if (this.#bySource.get(to.key) === undefined) this.#bySource.set(to.key, leg);
  }

  /** Where its far end was found to be before the leg came here. */
  known(leg: Leg, { address, port, named }: { address: string; port: number; named: boolean }, sockets: Sockets): void {
    const at = sockets.destination(address, port);
    this.#bySource.set(at.key, leg);
    leg.source = at.key;
    leg.destination = at;
    leg.confirmed = true;
    leg.named = named;
  }

  /** A browser was found there. False: somebody else is known to be there. */
  meet(leg: Leg, { key }: Destination): boolean {
    const known = this.#bySource.get(key);
    if (known === undefined) this.#bySource.set(key, leg);
    return known === undefined || known === leg;
  }

  /** The browser is not expected there any more. */
  leave(leg: Leg, { key }: Destination): void {
    if (this.#bySource.get(key) === leg) this.#bySource.delete(key);
  }

  /** Whose place this is. */
  legAt(key: number): Leg | undefined {
    return this.#bySource.get(key);
  }

  /** Reads all that has come. */
  drain(now: number, reading: Reading): void {
    for (let count = BATCH; count === BATCH; ) {
      count = this.rtp.receive(now);
      for (let i = 0; i < count; i++) this.#read(i, reading);
    }
    if (!this.hasAnswers) return;
    // At once: the next port's packets take the same memory.
    this.hasAnswers = false;
    reading.counters.sendFailures += this.rtp.flush();
  }

  #read(index: number, reading: Reading): void {
    const { sockets, counters, signals, desk } = reading;
    const { arrivals } = sockets;
    const offset = arrivals.offset[index]!;
    const length = arrivals.length[index]!;
    const at = arrivals.at[index]!;
    counters.packetsIn += 1;
    if (isRtcp(arrivals.bytes, offset, length)) {
      desk.putBy(this, arrivals, index);
      return;
    }
    if (!view.read(arrivals.bytes, offset, length)) {
      counters.malformed += Number(!reading.browsers.read(this, index));
      return;
    }
    const source = arrivals.source[index]!;
    const leg = this.#bySource.get(source) ?? this.#claimant(at);
    if (leg === undefined) {
      counters.strangers += 1;
      this.#refuse('only-strangers', index, sockets);
      return;
    }
    // A browser is never listened to in the clear.
    if (leg.security === null ? leg.ice !== null : !openPacket(leg.security, arrivals.bytes, offset, length)) {
      counters.notAuthentic += 1;
      turnAway(leg, 'not-authentic', index, sockets);
    } else if (
      leg.ice === null ? source === leg.source || this.#accept(leg, { source, index, at }, sockets) : leg.expects(view.payloadType)
    ) {
      leg.hear(view, arrivals.bytes, at, signals);
    } else {
      counters.strangers += 1;
      turnAway(leg, leg.expects(view.payloadType) ? 'only-strangers' : 'wrong-payload-type', index, sockets);
    }
  }

  /** Nobody knows whose packet this was to be; those who hear nothing yet may want to know that it came. */
  #refuse(why: Refusal, index: number, sockets: Sockets): void {
    for (let i = 0; i < this.legs.length; i++) {
      const { diary } = this.legs[i]!;
      if (!diary.isDone) diary.refused(why, () => sockets.sender(index), view.payloadType);
    }
  }

  /** Whose packet one from an unknown source can be: a known stream that moved, else the only leg that still waits. */
  #claimant(at: number): Leg | undefined {
    let waiting: Leg | undefined;
    let count = 0;
    for (const leg of this.legs) {
      if (leg.ice !== null) continue;
      if (leg.confirmed && leg.remoteSsrc === view.ssrc && at - leg.heardAt >= SILENT_BEFORE_MOVE) return leg;
      if (leg.confirmed || leg.expected === null) continue;
      waiting = leg;
      count += 1;
    }
    return count === 1 ? waiting : undefined;
  }

  /** Locks a leg to the source of the packet in `view`, if it is plausible. */
  #accept(leg: Leg, { source, index, at }: { source: number; index: number; at: number }, sockets: Sockets): boolean {
    if (!leg.expects(view.payloadType)) return false;
    const isNamed = source === leg.expected?.key;
    // A late packet from the address that signalling named must not take a stream back that has moved on.
    if (leg.confirmed && (!isNamed || leg.named) && at - leg.heardAt < SILENT_BEFORE_MOVE) return false;
    if (leg.source !== leg.expected?.key) this.#bySource.delete(leg.source);
    this.#bySource.set(source, leg);
    leg.source = source;
    leg.destination = isNamed ? leg.expected : sockets.sender(index);
    leg.confirmed = true;
    leg.named ||= isNamed;
    return true;
  }
}

/** A packet that was not taken, for those who want to know why they hear nothing. Positional, because it runs for every packet. */
function turnAway({ diary }: Leg, why: Refusal, index: number, sockets: Sockets): void {
  if (!diary.isDone) diary.refused(why, () => sockets.sender(index), view.payloadType);
}

/** Opens the packet in place and reads it again into `view`. Positional, because it runs for every packet. */
function openPacket({ receiver }: LegSecurity, bytes: Uint8Array, offset: number, length: number): boolean {
  const plain = receiver.unprotect(bytes, offset, length);
  return plain > 0 && view.read(bytes, offset, plain);
}
