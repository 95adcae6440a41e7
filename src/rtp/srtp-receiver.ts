import { isControl, RTCP_HEADER, rtpHeaderLength, sequenceOf, wordAt } from './srtp-framing.ts';
import { transformOf } from './srtp-keys.ts';
import { SrtpStreams } from './srtp-streams.ts';
import { BAD_TAG, EXHAUSTED, SHORT, type SrtpReceiverOptions, type SrtpState, type SrtpSuite, sizesOf, UNENCRYPTED } from './srtp-suite.ts';
import type { Transform } from './srtp-transform.ts';

const NONE = new Uint8Array(0);

/**
 * Opens what the far end protected, RFC 3711, RFC 6188 and RFC 7714, in place. An MKI that was agreed on must be in every packet, and is taken out; where none was, a
 * packet with one has a wrong tag.
 *
 * Only a packet whose tag is right changes anything here; a refused one stays as it was.
 */
export class SrtpReceiver {
  readonly #suite: SrtpSuite;
  readonly #key: Uint8Array;
  readonly #transform: Transform;
  readonly #tag: number;
  readonly #streams: SrtpStreams;
  readonly #mki: Uint8Array;
  /** Made when the first RTCP packet comes. */
  #control: Transform | undefined;

  constructor({ suite, key, state, mki = NONE }: SrtpReceiverOptions) {
    this.#suite = suite;
    this.#key = key.slice();
    this.#transform = transformOf(suite, key, false);
    this.#tag = sizesOf(suite).tag;
    this.#streams = new SrtpStreams(state);
    this.#mki = mki.slice();
  }

  /** One SRTP packet. The new length, or BAD_TAG, REPLAYED, TOO_OLD, SHORT or EXHAUSTED. Positional, because it runs for every packet. */
  unprotect(bytes: Uint8Array, at: number, length: number): number {
    if (this.#mki.length === 0) return this.#open(bytes, at, length);
    // Before the tag (RFC 3711 §3.1), which with AEAD is part of what is encrypted (RFC 7714 §8).
    const behind = sizesOf(this.#suite).isAead ? 0 : this.#tag;
    const left = this.#takeOut(bytes, at, length, behind);
    if (left < 0) return left;
    const plain = this.#open(bytes, at, left);
    if (plain < 0) this.#putBack(bytes, at, length, behind);
    return plain;
  }

  #open(bytes: Uint8Array, at: number, length: number): number {
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
    if (this.#mki.length === 0) return this.#openControl(bytes, at, length);
    const { isAead, controlTag } = sizesOf(this.#suite);
    const behind = isAead ? 0 : controlTag;
    const left = this.#takeOut(bytes, at, length, behind);
    if (left < 0) return left;
    const plain = this.#openControl(bytes, at, left);
    if (plain < 0) this.#putBack(bytes, at, length, behind);
    return plain;
  }

  #openControl(bytes: Uint8Array, at: number, length: number): number {
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

  /** Closes the gap where the MKI was; the new length, BAD_TAG where another one stands there, or SHORT. It is not authenticated: whoever changes it is refused here. */
  #takeOut(bytes: Uint8Array, at: number, length: number, behind: number): number {
    const mki = this.#mki;
    const place = at + length - behind - mki.length;
    if (place < at || at + length > bytes.length) return SHORT;
    for (let i = 0; i < mki.length; i++) if (bytes[place + i] !== mki[i]) return BAD_TAG;
    bytes.copyWithin(place, place + mki.length, at + length);
    return length - mki.length;
  }

  /** A refused packet is as it was. */
  #putBack(bytes: Uint8Array, at: number, length: number, behind: number): void {
    const mki = this.#mki;
    const place = at + length - behind - mki.length;
    bytes.copyWithin(place + mki.length, place, place + behind);
    bytes.set(mki, place);
  }

  /** What must be stored to go on after a restart. */
  state(): SrtpState {
    return this.#streams.state();
  }
}
