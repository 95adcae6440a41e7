/** Tells bursts of loss from gaps between them, RFC 3611 §4.7.2 and A.2 with Gmin 16. */
export class BurstCounter {
  /** Runs of packets missing one after the other. */
  runs = 0;

  /** A packet was played. Positional and without result: it runs for every packet. */
  played(): void {
    throw new Error('not built yet');
  }

  /** `count` packets in a row were not there to be played. */
  missed(_count: number): void {
    throw new Error('not built yet');
  }
}
