import { isControl, RTCP_HEADER, rtpHeaderLength, sequenceOf, wordAt } from './srtp-framing.ts';
import { transformOf } from './srtp-keys.ts';
import { SrtpStreams } from './srtp-streams.ts';
import { BAD_TAG, EXHAUSTED, SHORT, type SrtpOptions, type SrtpState, type SrtpSuite, sizesOf, UNENCRYPTED } from './srtp-suite.ts';
import type { Transform } from './srtp-transform.ts';

/**
 * Opens what the far end protected, RFC 3711, RFC 6188 and RFC 7714, in place. There is no MKI: a packet with one has a wrong tag.
 *
 * Only a packet whose tag is right changes anything here; a refused one stays as it was.
 */
export class SrtpReceiver {
  readonly #suite: SrtpSuite;
  readonly #key: Uint8Array;
  readonly #transform: Transform;
  readonly #tag: number;
  readonly #streams: SrtpStreams;
  /** Made when the first RTCP packet comes. */
  #control: Transform | undefined;

  constructor({ suite, key, state }: SrtpOptions) {
    this.#suite = suite;
    this.#key = key.slice();
    this.#transform = transformOf(suite, key, false);
    this.#tag = sizesOf(suite).tag;
    this.#streams = new SrtpStreams(state);
  }

  /** One SRTP packet. The new length, or BAD_TAG, REPLAYED, TOO_OLD, SHORT or EXHAUSTED. Positional, because it runs for every packet. */
  unprotect(bytes: Uint8Array, at: number, length: number): number {
    const plain = length - this.#tag;
    if (at + length > bytes.length) return SHORT;
    const header = rtpHeaderLength(bytes, at, plain);
    if (header < 0) return SHORT;
    const ssrc = wordAt(bytes, at + 8);
    const stream = this.#streams.get(ssrc);
    const sequence = sequenceOf(bytes, at);
    let index = stream.indexOf(sequence);
    const refusal = stream.rtp.check(index);
    if (refusal < 0) return refusal;
    if (!this.#streams.admits(stream)) return EXHAUSTED;
    if (!this.#transform.open(bytes, at, header, plain, ssrc, index)) {
      // A sender that began shortly before 65536 and whose first packets were lost is one round ahead of what its first packet here says.
      if (stream.rtp.highest >= 0 || sequence >= 0x8000) return BAD_TAG;
      index = sequence + 0x10000;
      if (!this.#transform.open(bytes, at, header, plain, ssrc, index)) return BAD_TAG;
    }
    this.#streams.keep(stream);
    stream.rtp.add(index);
    return plain;
  }

  /** One SRTCP packet. The same results, and UNENCRYPTED. */
  unprotectControl(bytes: Uint8Array, at: number, length: number): number {
    this.#control ??= transformOf(this.#suite, this.#key, true);
    const { isAead, controlTag } = sizesOf(this.#suite);
    const plain = length - controlTag - 4;
    if (at + length > bytes.length || !isControl(bytes, at, plain)) return SHORT;
    // AEAD has the index behind the tag, the others before it.
    const word = wordAt(bytes, at + plain + (isAead ? controlTag : 0));
    if (word >= 0) return UNENCRYPTED;
    const index = word & 0x7fffffff;
    const ssrc = wordAt(bytes, at + 4);
    const stream = this.#streams.get(ssrc);
    const refusal = stream.control.check(index);
    if (refusal < 0) return refusal;
    if (!this.#streams.admits(stream)) return EXHAUSTED;
    if (!this.#control.open(bytes, at, RTCP_HEADER, plain, ssrc, index)) return BAD_TAG;
    this.#streams.keep(stream);
    stream.control.add(index);
    return plain;
  }

  /** What must be stored to go on after a restart. */
  state(): SrtpState {
    return this.#streams.state();
  }
}
