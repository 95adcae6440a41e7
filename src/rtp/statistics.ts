import type { ReportBlock } from './rtcp.ts';

/** A step forward of at least so many packets is a new start, not loss (RFC 3550 A.1). */
const MAX_DROPOUT = 3000;
/** A step back of at most so many packets is reordering (RFC 3550 A.1). */
const MAX_MISORDER = 100;
const CYCLE = 1 << 16;

/** What a receiver must count about one sender, RFC 3550 A.1, A.3 and A.8. */
export class ReceiveStatistics {
  /** Packets that came, repeated and late ones too. */
  packets = 0;
  /** Interarrival jitter in timestamp units, A.8. */
  jitter = 0;
  readonly #perMs: number;
  #base = 0;
  #highest = 0;
  #cycles = 0;
  #bad = -1;
  #started = false;
  #expectedPrior = 0;
  #receivedPrior = 0;
  #lastTimestamp = 0;
  #lastArrival = 0;
  #senderReport = 0;
  #senderReportAt = Number.NaN;

  /** `rate`: the RTP clock in hertz. */
  constructor(rate = 8000) {
    this.#perMs = rate / 1000;
  }

  /** Another SSRC speaks now. */
  reset(): void {
    this.#started = false;
    this.jitter = 0;
    this.#senderReportAt = Number.NaN;
  }

  /** One packet. False: its number is far off; it counts only if the next one follows it. */
  received(sequence: number, timestamp: number, arrivalMs: number): boolean {
    if (!this.#started) this.#begin(sequence, timestamp, arrivalMs);
    else if (!this.#advance(sequence, timestamp, arrivalMs)) return false;
    this.packets++;
    // The transit times of packets of one frame differ in arrival alone; equal timestamps are measured like others (A.8).
    const moved = (arrivalMs - this.#lastArrival) * this.#perMs - ((timestamp - this.#lastTimestamp) | 0);
    this.jitter += (Math.abs(moved) - this.jitter) / 16;
    this.#lastArrival = arrivalMs;
    this.#lastTimestamp = timestamp;
    return true;
  }

  /** Highest sequence number with its cycles. */
  get extendedHighest(): number {
    return this.#cycles + this.#highest;
  }

  /** How many packets the sender has sent, as the numbers say. */
  get expected(): number {
    return this.#started ? this.extendedHighest - this.#base + 1 : 0;
  }

  /** Expected less received; negative when packets were repeated. */
  get lost(): number {
    return this.expected - this.packets;
  }

  /** Jitter in ms. */
  get jitterMs(): number {
    return this.jitter / this.#perMs;
  }

  /** A sender report came; `middle` are the middle 32 bits of its NTP time. */
  senderReport(middle: number, arrivalMs: number): void {
    this.#senderReport = middle;
    this.#senderReportAt = arrivalMs;
  }

  /** The report on this sender; the fraction counts from the last call. */
  block(ssrc: number, nowMs: number): ReportBlock {
    const expected = this.expected - this.#expectedPrior;
    const lost = expected - (this.packets - this.#receivedPrior);
    this.#expectedPrior = this.expected;
    this.#receivedPrior = this.packets;
    const reported = !Number.isNaN(this.#senderReportAt);
    return {
      ssrc,
      fractionLost: expected <= 0 || lost <= 0 ? 0 : Math.min(255, Math.floor((lost * 256) / expected)),
      lost: Math.max(-0x800000, Math.min(0x7fffff, this.lost)),
      extendedHighest: this.extendedHighest >>> 0,
      jitter: Math.floor(this.jitter) >>> 0,
      lastSenderReport: reported ? this.#senderReport : 0,
      delaySinceSenderReport: reported ? Math.round((nowMs - this.#senderReportAt) * 65.536) >>> 0 : 0,
    };
  }

  #begin(sequence: number, timestamp: number, arrivalMs: number): void {
    this.#started = true;
    this.#base = sequence;
    this.#highest = sequence;
    this.#cycles = 0;
    this.#bad = -1;
    this.packets = 0;
    this.#expectedPrior = 0;
    this.#receivedPrior = 0;
    this.#lastTimestamp = timestamp;
    this.#lastArrival = arrivalMs;
  }

  #advance(sequence: number, timestamp: number, arrivalMs: number): boolean {
    const step = (sequence - this.#highest) & 0xffff;
    if (step < MAX_DROPOUT) {
      if (sequence < this.#highest) this.#cycles += CYCLE;
      this.#highest = sequence;
      this.#bad = -1;
    } else if (step <= CYCLE - MAX_MISORDER) {
      // Two in a row: the sender began anew without telling us.
      if (sequence !== this.#bad) {
        this.#bad = (sequence + 1) & 0xffff;
        return false;
      }
      this.#begin(sequence, timestamp, arrivalMs);
    }
    return true;
  }
}
