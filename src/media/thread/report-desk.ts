import type { Clock } from '../../base/index.ts';
import type { Counters } from './counters.ts';
import type { Leg } from './leg.ts';
import { qualityOf } from './leg-quality.ts';
import type { PortPair } from './port-pair.ts';
import { nextReport, openReport, readReport, sendReport } from './reports.ts';
import { type Arrivals, PACKET, type Sockets } from './socket-port.ts';

/** Reports that came beside the sound (RFC 5761) and wait for the desk; more than come from 3 000 legs between two looks. */
const SLOTS = 128;

/** What the desk works with. */
export interface DeskNeeds {
  readonly clock: Clock;
  readonly sockets: Sockets;
  readonly counters: Counters;
}

/**
 * RTCP, all of it off the media tick: reports are objects, and the tick makes none. What comes on a port of sound during a tick is put by, and read with
 * the rest at the next look, ten times a second.
 */
export class ReportDesk {
  readonly #clock: Clock;
  readonly #sockets: Sockets;
  readonly #counters: Counters;
  readonly #bytes = new Uint8Array(SLOTS * PACKET);
  readonly #lengths = new Int32Array(SLOTS);
  readonly #arrivals = new Float64Array(SLOTS);
  readonly #pairs: (PortPair | undefined)[] = new Array<undefined>(SLOTS).fill(undefined);
  readonly #sources = new Float64Array(SLOTS);
  #count = 0;

  constructor({ clock, sockets, counters }: DeskNeeds) {
    this.#clock = clock;
    this.#sockets = sockets;
    this.#counters = counters;
  }

  /** On the tick: puts one of the packets that have just come by. */
  putBy(pair: PortPair, { bytes, offset, length, at, source }: Arrivals, index: number): void {
    if (this.#count === SLOTS) {
      this.#counters.reportsDropped += 1;
      return;
    }
    const from = offset[index]!;
    const place = this.#count * PACKET;
    for (let n = 0; n < length[index]!; n++) this.#bytes[place + n] = bytes[from + n]!;
    this.#lengths[this.#count] = length[index]!;
    this.#arrivals[this.#count] = at[index]!;
    this.#sources[this.#count] = source[index]!;
    this.#pairs[this.#count] = pair;
    this.#count += 1;
  }

  /** Reads what others reported, and sends the reports that are due. */
  work(pairs: readonly PortPair[], legs: Iterable<Leg>): void {
    for (let n = 0; n < this.#count; n++) {
      const place = n * PACKET;
      const pair = this.#pairs[n]!;
      const leg = pair.legAt(this.#sources[n]!);
      const packet = this.#bytes.subarray(place, place + this.#lengths[n]!);
      this.#read(leg?.ice == null ? pair.legs : [leg], packet, this.#arrivals[n]!);
      this.#pairs[n] = undefined;
    }
    this.#count = 0;
    const now = this.#clock.now();
    for (const pair of pairs) this.#drain(pair, now);
    for (const leg of legs) {
      if (leg.reportAt > now) continue;
      leg.reportAt = nextReport(leg, now);
      leg.mos = qualityOf(leg)?.mosCq ?? 0;
      sendReport(leg, this.#clock, { bye: false });
    }
  }

  #drain(pair: PortPair, now: number): void {
    const { bytes, offset, length, at } = this.#sockets.arrivals;
    for (let count = pair.rtcp.receive(now); count > 0; count = pair.rtcp.receive(now)) {
      for (let i = 0; i < count; i++) this.#read(pair.legs, bytes.subarray(offset[i]!, offset[i]! + length[i]!), at[i]!);
    }
  }

  #read(legs: readonly Leg[], packet: Uint8Array, arrival: number): void {
    const plain = openReport(packet, legs);
    if (plain === undefined) this.#counters.notAuthentic += 1;
    else if (!readReport(plain, legs, { arrival, clock: this.#clock })) this.#counters.malformed += 1;
  }
}
