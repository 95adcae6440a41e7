/** Between two bursts at least so many packets in a row were played, RFC 3611 §4.7.2. */
export const GMIN = 16;

/**
 * Tells bursts of loss from the gaps between them, RFC 3611 §4.7.2. A packet that is lost or comes too late is missing. A burst begins and ends with a
 * missing packet and has no sixteen played ones in a row; a single missing packet among played ones belongs to the gap.
 */
export class BurstCounter {
  /** All packets, played and missing. */
  packets = 0;
  missing = 0;
  /** Runs of packets missing one after the other. */
  runs = 0;
  #bursts = 0;
  #burstPackets = 0;
  #burstMissing = 0;
  /** Packets played since the last one that was missing. */
  #since = GMIN;
  /** What may become a burst: from a missing packet to a missing packet. */
  #span = 0;
  #spanMissing = 0;

  /** A packet was played, or so many in a row. */
  played(count = 1): void {
    this.packets += count;
    this.#since += count;
  }

  /** So many packets in a row were not there to be played. */
  missed(count: number): void {
    if (count <= 0) return;
    this.packets += count;
    this.missing += count;
    if (this.#since > 0) this.runs++;
    if (this.#since >= GMIN) {
      this.#close();
      this.#span = 0;
      this.#spanMissing = 0;
    } else {
      this.#span += this.#since;
    }
    this.#span += count;
    this.#spanMissing += count;
    this.#since = 0;
  }

  /** Bursts so far; the one that may be going on counts. */
  get bursts(): number {
    return this.#bursts + (this.#spanMissing > 1 ? 1 : 0);
  }

  /** Packets within bursts. */
  get burstPackets(): number {
    return this.#burstPackets + (this.#spanMissing > 1 ? this.#span : 0);
  }

  /** Of the packets within bursts, the part that was missing, 0 to 1. */
  get burstDensity(): number {
    return this.burstPackets === 0 ? 0 : this.#missingInBursts / this.burstPackets;
  }

  /** Of the packets outside bursts, the part that was missing, 0 to 1. */
  get gapDensity(): number {
    const gap = this.packets - this.burstPackets;
    return gap === 0 ? 0 : (this.missing - this.#missingInBursts) / gap;
  }

  /** The mean length of a burst, packets. */
  get burstLength(): number {
    return this.bursts === 0 ? 0 : this.burstPackets / this.bursts;
  }

  /** The mean length of a gap, packets; as many gaps as bursts are counted, as in RFC 3611 A.2. */
  get gapLength(): number {
    return (this.packets - this.burstPackets) / Math.max(1, this.bursts);
  }

  get #missingInBursts(): number {
    return this.#burstMissing + (this.#spanMissing > 1 ? this.#spanMissing : 0);
  }

  #close(): void {
    if (this.#spanMissing <= 1) return;
    this.#bursts++;
    this.#burstPackets += this.#span;
    this.#burstMissing += this.#spanMissing;
  }
}
