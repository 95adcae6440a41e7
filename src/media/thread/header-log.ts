import type { Clock } from '../../base/index.ts';
import type { RtpHeader } from '../../rtp/index.ts';

/** Packets that are remembered: half a minute both ways with 20 ms in each. */
const MOST = 4096;

/** What was noted of a leg's packets, as it goes between threads: one place per packet in each of the arrays. */
export interface HeaderNotes {
  readonly count: number;
  /** Packets that there was no room for. */
  readonly dropped: number;
  /** Epoch ms. */
  readonly at: Float64Array;
  /** 1: from us; 0: from the far end. */
  readonly sent: Uint8Array;
  /** The second byte of the header: marker and payload type. */
  readonly kind: Uint8Array;
  readonly sequence: Uint16Array;
  readonly timestamp: Uint32Array;
  readonly ssrc: Uint32Array;
  /** Bytes of payload, without those of SRTP. */
  readonly length: Uint16Array;
}

/** The headers of a leg's packets, while somebody looks at them; no payload, so neither words nor keys that are pressed. Noting allocates nothing. */
export class HeaderLog {
  /** How many look. */
  readers = 1;
  /** ms of the ticks' clock: when what goes out goes out. */
  now: number;
  #count = 0;
  #dropped = 0;
  readonly #at = new Float64Array(MOST);
  readonly #sent = new Uint8Array(MOST);
  readonly #kind = new Uint8Array(MOST);
  readonly #sequence = new Uint16Array(MOST);
  readonly #timestamp = new Uint32Array(MOST);
  readonly #ssrc = new Uint32Array(MOST);
  readonly #length = new Uint16Array(MOST);

  constructor(now: number) {
    this.now = now;
  }

  /** A packet came. Positional, because it runs for every packet. */
  came(header: RtpHeader, length: number, at: number): void {
    this.#note(header, length, at);
  }

  /** A packet goes. */
  goes(header: RtpHeader, length: number): void {
    if (this.#count < MOST) this.#sent[this.#count] = 1;
    this.#note(header, length, this.now);
  }

  #note(header: RtpHeader, length: number, at: number): void {
    const place = this.#count;
    if (place === MOST) {
      this.#dropped += 1;
      return;
    }
    this.#at[place] = at;
    this.#kind[place] = (header.marker ? 0x80 : 0) | header.payloadType;
    this.#sequence[place] = header.sequence;
    this.#timestamp[place] = header.timestamp;
    this.#ssrc[place] = header.ssrc;
    this.#length[place] = length;
    this.#count = place + 1;
  }

  /** What was noted; `epoch` is the time of ms 0 of the ticks' clock. */
  notes(epoch: number): HeaderNotes {
    const count = this.#count;
    return {
      count,
      dropped: this.#dropped,
      at: this.#at.slice(0, count).map((at) => epoch + at),
      sent: this.#sent.slice(0, count),
      kind: this.#kind.slice(0, count),
      sequence: this.#sequence.slice(0, count),
      timestamp: this.#timestamp.slice(0, count),
      ssrc: this.#ssrc.slice(0, count),
      length: this.#length.slice(0, count),
    };
  }
}

/** What has a log while somebody looks: `RtpSender`. */
interface Logged {
  log: HeaderLog | null;
}

/** Somebody begins to look at the headers of a leg's packets: true. Or he has seen enough: what was noted; the last one puts the light out. */
export function logOf(sender: Logged | undefined, on: boolean, clock: Pick<Clock, 'now' | 'epoch'>): HeaderNotes | true | undefined {
  if (sender === undefined) return undefined;
  const { log } = sender;
  if (on) {
    if (log === null) sender.log = new HeaderLog(clock.now());
    else log.readers += 1;
    return true;
  }
  // It came from another thread meanwhile.
  if (log === null) return undefined;
  log.readers -= 1;
  if (log.readers === 0) sender.log = null;
  return log.notes(clock.epoch() - clock.now());
}
