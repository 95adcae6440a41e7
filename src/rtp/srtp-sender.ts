import { isControl, RTCP_HEADER, rtpHeaderLength, sequenceOf, wordAt } from './srtp-framing.ts';
import { transformOf } from './srtp-keys.ts';
import { SrtpStreams } from './srtp-streams.ts';
import { EXHAUSTED, SHORT, type SrtpOptions, type SrtpState, type SrtpSuite, sizesOf, TOO_OLD } from './srtp-suite.ts';
import type { Transform } from './srtp-transform.ts';

/** An index of SRTCP has 31 bits. */
const LAST_CONTROL = 0x7fffffff;
/** What was stored may be older than what was sent since; an SRTCP index must not be used twice, so the new ones begin so far ahead. */
const LEAP = 0x10000;

/**
 * Protects what we send, RFC 3711, RFC 6188 and RFC 7714, in place; behind the packet there must be `SRTP_ROOM` bytes. There is no MKI, and the key derivation
 * rate is 0.
 *
 * The rollover counter follows the sequence numbers of the packets, one for each SSRC. After a restart the sender must go on ahead of the last
 * number it may have used: nothing can be worse than two packets with one index.
 */
export class SrtpSender {
  readonly #suite: SrtpSuite;
  readonly #key: Uint8Array;
  readonly #transform: Transform;
  readonly #tag: number;
  readonly #streams: SrtpStreams;
  /** Made when the first RTCP packet is sent. */
  #control: Transform | undefined;

  constructor({ suite, key, state }: SrtpOptions) {
    this.#suite = suite;
    this.#key = key.slice();
    this.#transform = transformOf(suite, key, false);
    this.#tag = sizesOf(suite).tag;
    const streams = state?.streams.map((each) => ({ ...each, controlIndex: each.controlIndex < 0 ? -1 : each.controlIndex + LEAP }));
    this.#streams = new SrtpStreams(streams === undefined ? undefined : { streams });
  }

  /** One RTP packet. The new length, or REPLAYED, TOO_OLD, SHORT or EXHAUSTED. Positional, because it runs for every packet. */
  protect(bytes: Uint8Array, at: number, length: number): number {
    const header = rtpHeaderLength(bytes, at, length);
    if (header < 0 || at + length + this.#tag > bytes.length) return SHORT;
    const ssrc = wordAt(bytes, at + 8);
    const stream = this.#streams.get(ssrc);
    const index = stream.indexOf(sequenceOf(bytes, at));
    if (index < 0) return TOO_OLD;
    const refusal = stream.rtp.check(index);
    if (refusal < 0) return refusal;
    if (!this.#streams.admits(stream)) return EXHAUSTED;
    this.#streams.keep(stream);
    stream.rtp.add(index);
    this.#transform.seal(bytes, at, header, length, ssrc, index);
    return length + this.#tag;
  }

  /** One compound RTCP packet. The new length, or SHORT or EXHAUSTED. */
  protectControl(bytes: Uint8Array, at: number, length: number): number {
    this.#control ??= transformOf(this.#suite, this.#key, true);
    const trailer = sizesOf(this.#suite).controlTag + 4;
    if (!isControl(bytes, at, length) || at + length + trailer > bytes.length) return SHORT;
    const ssrc = wordAt(bytes, at + 4);
    const stream = this.#streams.get(ssrc);
    const index = stream.control.highest + 1;
    if (index > LAST_CONTROL || !this.#streams.admits(stream)) return EXHAUSTED;
    this.#streams.keep(stream);
    stream.control.add(index);
    this.#control.seal(bytes, at, RTCP_HEADER, length, ssrc, index);
    return length + trailer;
  }

  /** What must be stored to go on after a restart. */
  state(): SrtpState {
    return this.#streams.state();
  }
}
