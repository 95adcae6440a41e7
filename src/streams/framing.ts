import { RtpView } from '../rtp/index.ts';
import type { Framing } from './options.ts';

/** VoIPBIN's media stream over RTP: payload type 96, SSRC 0, first sequence number 1 (voipbin-facts §5.3). */
const PAYLOAD_TYPE = 96;
const RTP_HEADER = 12;
/** AudioSocket: a kind, a length in network order, and so many bytes. */
const AUDIOSOCKET_HEADER = 3;
const HANG_UP = 0x00;
const ERROR = 0xff;
const SLIN = 0x10;
/** Of a frame with one participant: his number, flags, the room's clock. */
export const LEG_HEADER = 8;
export const TALKING = 1;
export const CONCEALED = 2;

/** What a program's binary frame turned out to be: sound as bytes of s16le, or that it hangs up. */
export interface Unpacked {
  readonly sound: readonly Uint8Array[];
  readonly hangsUp: boolean;
}

const nothing: Unpacked = { sound: [], hangsUp: false };

/** Puts 20 ms of sound into binary frames, and takes sound out of those of the program. One per stream, because RTP counts. */
export interface Packing {
  pack(samples: Int16Array): Uint8Array;
  unpack(frame: Uint8Array): Unpacked;
}

/** Samples as s16le, behind so many bytes. */
export function packed(samples: Int16Array, header: number): { readonly bytes: Uint8Array; readonly view: DataView } {
  const bytes = new Uint8Array(header + 2 * samples.length);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < samples.length; index++) view.setInt16(header + 2 * index, samples[index]!, true);
  return { bytes, view };
}

/** One participant's 20 ms: number (16 bits), flags (16), ticks of 20 ms since the room began (32), all little-endian, then the sound. */
export function packedLeg(samples: Int16Array, { number, flags, index }: { number: number; flags: number; index: number }): Uint8Array {
  const { bytes, view } = packed(samples, LEG_HEADER);
  view.setUint16(0, number, true);
  view.setUint16(2, flags, true);
  view.setUint32(4, index >>> 0, true);
  return bytes;
}

const plain: Packing = {
  pack: (samples) => packed(samples, 0).bytes,
  unpack: (frame) => ({ sound: [frame], hangsUp: false }),
};

/** RFC 3550 §5.1, with VoIPBIN's numbers; the timestamp counts samples, as RFC 3550 has it and VoIPBIN has not. */
function overRtp(): Packing {
  const packet = new RtpView();
  let sequence = 1;
  let timestamp = 0;
  return {
    pack(samples) {
      const { bytes, view } = packed(samples, RTP_HEADER);
      view.setUint8(0, 0x80);
      view.setUint8(1, PAYLOAD_TYPE);
      view.setUint16(2, sequence);
      view.setUint32(4, timestamp);
      sequence = (sequence + 1) & 0xffff;
      timestamp = (timestamp + samples.length) >>> 0;
      return bytes;
    },
    unpack(frame) {
      if (!packet.read(frame, 0, frame.length) || packet.payloadType !== PAYLOAD_TYPE) return nothing;
      return { sound: [frame.subarray(packet.payloadAt, packet.payloadAt + packet.payloadLength)], hangsUp: false };
    },
  };
}

const overAudioSocket: Packing = {
  pack(samples) {
    const { bytes, view } = packed(samples, AUDIOSOCKET_HEADER);
    view.setUint8(0, SLIN);
    view.setUint16(1, 2 * samples.length);
    return bytes;
  },
  /** Several messages may come in one frame; from one that says it is longer than the frame on, nothing is understood. */
  unpack(frame) {
    const sound: Uint8Array[] = [];
    for (let at = 0; at + AUDIOSOCKET_HEADER <= frame.length; ) {
      const kind = frame[at]!;
      const from = at + AUDIOSOCKET_HEADER;
      const to = from + ((frame[at + 1]! << 8) | frame[at + 2]!);
      if (kind === HANG_UP || kind === ERROR) return { sound, hangsUp: true };
      if (to > frame.length) break;
      if (kind === SLIN) sound.push(frame.subarray(from, to));
      at = to;
    }
    return { sound, hangsUp: false };
  },
};

/** The packing of a stream. */
export const packingOf = (framing: Framing): Packing =>
  framing === 'rtp' ? overRtp() : framing === 'audiosocket' ? overAudioSocket : plain;
