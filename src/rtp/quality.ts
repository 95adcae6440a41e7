/** What the E-model knows about a codec. */
export type QualityCodec = 'G711' | 'G722' | 'OPUS';

/** What was counted on one leg. */
export interface QualityCounters {
  readonly codec: QualityCodec;
  /** Packets the sender sent. */
  readonly expected: number;
  /** Of these, the ones that never came. */
  readonly lost: number;
  /** Of these, the ones that came too late to be played. */
  readonly discarded: number;
  /** Of the lost, the ones that in-band FEC brought back. Default 0. */
  readonly recovered?: number;
  /** Runs of packets lost or discarded one after the other (`BurstCounter`). Default: loss counts as random. */
  readonly runs?: number;
  /** How long a packet waits in the jitter buffer, ms. */
  readonly bufferMs: number;
  /** The sound of one packet, ms. Default 20. */
  readonly packetMs?: number;
  /** The way there and back, ms; undefined: not known, taken as 0. */
  readonly roundTripMs: number | undefined;
}

/**
 * How it sounds: a telephone of 300 to 3400 Hz on the scale of ITU-T G.107, one of 50 to 7000 Hz on that of G.107.1, each with opinions of its own kind (P.800.1:
 * MOS-CQEN, MOS-CQEW): the best of either is near 4.5, and figures of the two are not to be compared.
 */
export interface Quality {
  /** With the delay, 0 to 100 as RFC 3611 §4.7.5 has it: below 50 nobody wants to talk, above 80 most are content. A wide-band rating is divided by 1.29. */
  readonly rFactor: number;
  /** Listening quality, 1 to 4.5: without the delay. */
  readonly mosLq: number;
  /** Conversational quality, 1 to 4.5: with the delay. */
  readonly mosCq: number;
}

interface Codec {
  /** Its scale. */
  readonly isWide: boolean;
  /** Equipment impairment factor. */
  readonly ie: number;
  /** Packet-loss robustness factor. */
  readonly bpl: number;
  /** What the codec looks ahead, ms. */
  readonly aheadMs: number;
}

/**
 * G.711 with concealment: G.113 Appendix I. G.722 at 64 kbit/s on the wide-band scale: G.113 Appendix IV. For Opus nothing is published there: it counts as G.722, so
 * that its figures are not flattered. For how our concealment of either fares nothing is published either: it counts as that of G.711.
 */
const codecs: { readonly [codec in QualityCodec]: Codec } = {
  G711: { isWide: false, ie: 0, bpl: 25.1, aheadMs: 0 },
  G722: { isWide: true, ie: 13, bpl: 25.1, aheadMs: 1.5 },
  OPUS: { isWide: true, ie: 13, bpl: 25.1, aheadMs: 6.5 },
};

/** All of G.107 that we cannot measure has its default value (G.107 Table 2). From here: Ro of §7.2, less Is of §7.3. */
const RO = 94.77;
const IS = 1.41;
/** Talker echo loudness rating, dB. */
const TELR = 65;
/** Weighted echo path loss, dB. */
const WEPL = 110;
/** Roe of §7.4: -1.5 (No - RLR). */
const ROE = 94.77;
/** The best that the wide-band scale has (G.107.1 §6.2), and what brings it to the narrow one's for opinions (Annex A). */
const WIDEST = 129;
const WIDENED = 1.29;

/** The delay impairment Id of G.107 §7.4 for so many ms one way: talker echo, listener echo, and the delay itself. */
function delayImpairment(oneWayMs: number): number {
  const t = Math.max(0, oneWayMs);
  const listener = (RO - 10.5 * (WEPL + 7) * (2 * t + 1) ** -0.25) / 2;
  const listenerEcho = listener + Math.sqrt(listener * listener + 169);
  return talkerEcho(t, { best: ROE, slope: 2.5 }) + listenerEcho + tooLong(t);
}

/** The same of G.107.1 §7.4, which knows no listener echo, and in which that of the talker weighs more. */
function wideDelayImpairment(oneWayMs: number): number {
  const t = Math.max(0, oneWayMs);
  return talkerEcho(t, { best: WIDEST, slope: 3 }) + tooLong(t);
}

function talkerEcho(t: number, { best, slope }: { readonly best: number; readonly slope: number }): number {
  const terv = TELR - 40 * Math.log10((1 + t / 10) / (1 + t / 150)) + 6 * Math.exp(-0.3 * t * t);
  const talker = (best - (80 + slope * (terv - 14))) / 2;
  return (talker + Math.sqrt(talker * talker + 100) - 1) * (1 - Math.exp(-t));
}

/** Idd: nobody talks well with somebody who hears him so late. */
function tooLong(t: number): number {
  if (t <= 100) return 0;
  const x = Math.log2(t / 100);
  return 25 * ((1 + x ** 6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2);
}

/** The impairment Ie,eff of G.107 §7.5 and G.107.1 §7.5: the codec, and what of its packets was missing. */
function lossImpairment({ codec, expected, lost, discarded, recovered = 0, runs = 0 }: QualityCounters): number {
  const { ie, bpl } = codecs[codec];
  const missing = Math.min(expected, Math.max(0, lost + discarded - recovered));
  if (expected <= 0 || missing === 0) return ie;
  const ratio = missing / expected;
  // How long runs of loss are, against how long they would be by chance: 1 / (1 - ratio).
  const burst = runs > 0 ? Math.max(1, ((lost + discarded) / runs) * (1 - ratio)) : 1;
  const percent = ratio * 100;
  return ie + ((95 - ie) * percent) / (percent / burst + bpl);
}

/** The mean opinion score of a rating, G.107 Annex B. */
export function mosOf(rating: number): number {
  if (rating <= 0) return 1;
  if (rating >= 100) return 4.5;
  return Math.max(1, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6);
}

/** An estimate from what was counted. What the far end's own buffer adds is not known and not in it. */
export function quality(counters: QualityCounters): Quality {
  const { codec, bufferMs, packetMs = 20, roundTripMs = 0 } = counters;
  const { isWide, aheadMs } = codecs[codec];
  const oneWayMs = roundTripMs / 2 + bufferMs + packetMs + aheadMs;
  if (isWide) return wideQuality(WIDEST - lossImpairment(counters), oneWayMs);
  const listening = RO - IS - lossImpairment(counters);
  const rating = Math.max(0, listening - delayImpairment(oneWayMs));
  return { rFactor: rating, mosLq: mosOf(listening - delayImpairment(0)), mosCq: mosOf(rating) };
}

function wideQuality(listening: number, oneWayMs: number): Quality {
  const rFactor = Math.max(0, listening - wideDelayImpairment(oneWayMs)) / WIDENED;
  return { rFactor, mosLq: mosOf(listening / WIDENED), mosCq: mosOf(rFactor) };
}
