import { RtpView } from '../rtp/index.ts';
import { AudioSocketPacking } from './audio-socket.ts';
import type { Framing, StreamWish } from './options.ts';
import { type Packing, packed, type Unpacked } from './packing.ts';

/** VoIPBIN's media stream over RTP: payload type 96, SSRC 0, first sequence number 1 (voipbin-facts §5.3). */
const PAYLOAD_TYPE = 96;
const RTP_HEADER = 12;
/** Of a frame with one participant: his number, flags, the room's clock. */
export const LEG_HEADER = 8;
export const TALKING = 1;
export const CONCEALED = 2;

const nothing: Unpacked = { sound: [], hangsUp: false };

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

/** The packing of a stream. */
export const packingOf = (
  framing: Framing,
  { rate, soundRate = rate }: Pick<StreamWish, 'rate' | 'soundRate'> = { rate: 8000 },
): Packing => (framing === 'rtp' ? overRtp() : framing === 'audiosocket' ? new AudioSocketPacking(rate, soundRate) : plain);
