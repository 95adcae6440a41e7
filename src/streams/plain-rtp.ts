import { alawSamples, encodeAlaw, encodeUlaw, ulawSamples } from '../audio/index.ts';
import { RtpView } from '../rtp/index.ts';
import type { RtpPayload } from './options.ts';
import type { Packing, Unpacked } from './packing.ts';

const HEADER = 12;
/** A hole of so many packets is filled with silence, so that time goes on; a longer one is a pause. */
const MOST_MISSING = 5;
/** So far back a number is another count, not a late packet (RFC 3550 A.1). */
const MOST_LATE = 100;

/** How 20 ms become a payload and come back as s16le. */
interface Payload {
  readonly type: number;
  /** Those of the far end that are understood likewise. */
  readonly takes: (type: number) => boolean;
  readonly bytesPerSample: number;
  readonly encode: (samples: Int16Array, out: Uint8Array) => void;
  readonly decode: (payload: Uint8Array) => Uint8Array;
}

function fromCodes(table: Int16Array): Payload['decode'] {
  return (payload) => {
    const view = new DataView(new ArrayBuffer(2 * payload.length));
    for (let n = 0; n < payload.length; n++) view.setInt16(2 * n, table[payload[n]!]!, true);
    return new Uint8Array(view.buffer);
  };
}

/** L16 is in network order (RFC 3551 §4.5.11). Its types are dynamic; ours are those that Asterisk has for it. */
const l16 = (type: number): Payload => ({
  type,
  takes: (other) => other === type || other === 10 || other === 11 || other >= 96,
  bytesPerSample: 2,
  encode(samples, out) {
    const view = new DataView(out.buffer, out.byteOffset);
    for (let n = 0; n < samples.length; n++) view.setInt16(2 * n, samples[n]!);
  },
  decode(payload) {
    const even = payload.length & ~1;
    return new Uint8Array(Buffer.from(payload.subarray(0, even)).swap16());
  },
});

const PAYLOADS: Readonly<Record<RtpPayload, Payload>> = {
  ulaw: {
    type: 0,
    takes: (type) => type === 0,
    bytesPerSample: 1,
    encode: (samples, out) => encodeUlaw(samples, samples.length, out, 0),
    decode: fromCodes(ulawSamples),
  },
  alaw: {
    type: 8,
    takes: (type) => type === 8,
    bytesPerSample: 1,
    encode: (samples, out) => encodeAlaw(samples, samples.length, out, 0),
    decode: fromCodes(alawSamples),
  },
  slin: l16(11),
  slin16: l16(118),
};

const nothing: Unpacked = { sound: [], hangsUp: false };

/** RTP as RFC 3550 and 3551 have it, one packet in a datagram. What comes is brought into its order as far as time allows: what is late is left out. */
export class PlainRtp implements Packing {
  readonly #payload: Payload;
  readonly #ssrc: number;
  readonly #view = new RtpView();
  #sequence = 1;
  #timestamp = 0;
  /** Of the far end: the last number, and whose it was. */
  #last: number | undefined;
  #theirSsrc = 0;

  constructor(payload: RtpPayload, ssrc: number) {
    this.#payload = PAYLOADS[payload];
    this.#ssrc = ssrc;
  }

  pack(samples: Int16Array): Uint8Array {
    const { type, bytesPerSample, encode } = this.#payload;
    const bytes = new Uint8Array(HEADER + bytesPerSample * samples.length);
    const view = new DataView(bytes.buffer);
    view.setUint8(0, 0x80);
    // Sound begins: the marker of a talkspurt (RFC 3551 §4.1).
    view.setUint8(1, type | (this.#timestamp === 0 ? 0x80 : 0));
    view.setUint16(2, this.#sequence);
    view.setUint32(4, this.#timestamp);
    view.setUint32(8, this.#ssrc);
    encode(samples, bytes.subarray(HEADER));
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#timestamp = (this.#timestamp + samples.length) >>> 0;
    return bytes;
  }

  unpack(frame: Uint8Array): Unpacked {
    const view = this.#view;
    if (!view.read(frame, 0, frame.length) || !this.#payload.takes(view.payloadType)) return nothing;
    const missing = this.#missing(view.sequence, view.ssrc);
    if (missing === undefined) return nothing;
    const sound = this.#payload.decode(frame.subarray(view.payloadAt, view.payloadAt + view.payloadLength));
    const holes = Array.from({ length: missing > MOST_MISSING ? 0 : missing }, () => new Uint8Array(sound.length));
    return { sound: [...holes, sound], hangsUp: false };
  }

  /** How many packets are missing before this one; undefined: it is late, or came twice. */
  #missing(sequence: number, ssrc: number): number | undefined {
    const before = this.#last;
    const isOther = before === undefined || ssrc !== this.#theirSsrc;
    const ahead = isOther ? 1 : (sequence - before) & 0xffff;
    if (ahead === 0 || ahead > 0x10000 - MOST_LATE) return undefined;
    this.#last = sequence;
    this.#theirSsrc = ssrc;
    return ahead - 1;
  }
}
