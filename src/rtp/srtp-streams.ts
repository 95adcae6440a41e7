import { ReplayWindow } from './replay-window.ts';
import type { SrtpState } from './srtp-suite.ts';

/** So many SSRCs under one key; each costs memory, and to forget one would let its packets be replayed. */
const MOST = 256;

/** What is remembered of one SSRC. */
export class SrtpStream {
  readonly rtp = new ReplayWindow();
  readonly control = new ReplayWindow();
  /** A signed integer, for these are never boxed. */
  ssrc = 0;

  /** The index of a packet with this sequence number: the one nearest to the highest so far, RFC 3711 §3.3.1. */
  indexOf(sequence: number): number {
    const { highest } = this.rtp;
    return highest < 0 ? sequence : highest + (((sequence - highest) << 16) >> 16);
  }
}

/** The SSRCs that are protected with one key. */
export class SrtpStreams {
  readonly #streams = new Map<number, SrtpStream>();
  /** For an SSRC that is not known; what a forger makes up costs no memory. */
  #spare = new SrtpStream();
  #last: SrtpStream | undefined;

  constructor(state: SrtpState | undefined) {
    for (const each of state?.streams ?? []) {
      const stream = this.get(each.ssrc | 0);
      stream.rtp.restore(each.index, each.seen);
      stream.control.restore(each.controlIndex, each.controlSeen);
      this.keep(stream);
    }
  }

  /** The stream of an SSRC; a new one is remembered only by `keep`, and nothing may be written into it before. */
  get(ssrc: number): SrtpStream {
    if (this.#last !== undefined && ssrc === this.#last.ssrc) return this.#last;
    const known = this.#streams.get(ssrc);
    if (known === undefined) {
      this.#spare.ssrc = ssrc;
      return this.#spare;
    }
    this.#last = known;
    return known;
  }

  /** False: there is no room to remember it. */
  admits(stream: SrtpStream): boolean {
    return stream !== this.#spare || this.#streams.size < MOST;
  }

  /** Remembers it; `admits` allowed it. */
  keep(stream: SrtpStream): void {
    if (stream !== this.#spare) return;
    this.#streams.set(stream.ssrc, stream);
    this.#last = stream;
    this.#spare = new SrtpStream();
  }

  state(): SrtpState {
    return {
      streams: [...this.#streams.values()].map(({ ssrc, rtp, control }) => ({
        ssrc: ssrc >>> 0,
        index: rtp.highest,
        seen: rtp.words(),
        controlIndex: control.highest,
        controlSeen: control.words(),
      })),
    };
  }
}
