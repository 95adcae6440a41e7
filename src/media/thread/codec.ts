import type { CodecSpec, Rate } from '../../audio/index.ts';
import type { ThreadCodec } from './messages.ts';

/** Frames in a second: everything is served 20 ms at a time. */
export const FRAMES = 50;
/** Samples of a frame at the highest rate. */
export const MOST_SAMPLES = 960;
/** 120 ms at the highest rate, the longest packet that is accepted. */
export const LONGEST = 5760;

/** What the codec workshop must know of an agreement. */
export function specOf({ name, rate, clockRate, opus }: ThreadCodec): CodecSpec {
  switch (name) {
    case 'PCMU':
    case 'PCMA':
      return { name, rate: 8000, clockRate: 8000 };
    case 'G722':
      return { name, rate: 16_000, clockRate: 8000 };
    case 'L16':
      return { name, rate: rate ?? 8000, clockRate: clockRate ?? rate ?? 8000 };
    case 'opus':
      return {
        name,
        rate: 48_000,
        clockRate: 48_000,
        ...(opus === undefined ? {} : { fec: opus.useInbandFec, dtx: opus.useDtx, cbr: opus.cbr, maxPlaybackRate: opus.maxPlaybackRate }),
        ...(opus === undefined || opus.maxAverageBitrate === null ? {} : { maxAverageBitrate: opus.maxAverageBitrate }),
      };
  }
}

/** Legs of equal signature can be sent the same payload. */
export function signatureOf(codec: ThreadCodec): string {
  const { name, rate, fec, dtx, cbr, maxPlaybackRate, maxAverageBitrate } = specOf(codec);
  if (name !== 'opus') return `${name}/${rate}`;
  return [name, rate, fec, dtx, cbr, maxPlaybackRate, maxAverageBitrate, opusPtime(codec.ptime)].join('/');
}

/** A frame of Opus has 10, 20, 40 or 60 ms (RFC 6716 §2.1.4); longer packets are not worth their delay. */
export const opusPtime = (ptime: number): 10 | 20 | 40 | 60 => (ptime < 20 ? 10 : ptime < 40 ? 20 : ptime < 60 ? 40 : 60);

/** The lowest rate of a room that loses nothing of this codec. */
export const roomRateFor = (codec: ThreadCodec): Rate => {
  const { rate } = specOf(codec);
  return rate <= 8000 ? 8000 : rate <= 16_000 ? 16_000 : 48_000;
};
