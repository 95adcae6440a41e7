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

/** How it sounds, ITU-T G.107 and RFC 3611 §4.7.5. */
export interface Quality {
  /** With the delay, 0 to 93.2: below 50 nobody wants to talk, above 80 most are content. */
  readonly rFactor: number;
  /** Listening quality, 1 to 4.5: without the delay. */
  readonly mosLq: number;
  /** Conversational quality, 1 to 4.5: with the delay. */
  readonly mosCq: number;
}

interface Codec {
  /** Equipment impairment factor. */
  readonly ie: number;
  /** Packet-loss robustness factor. */
  readonly bpl: number;
  /** What the codec looks ahead, ms. */
  readonly aheadMs: number;
}

/**
 * G.711 with concealment: G.113 Appendix I. For G.722 and Opus nothing is published on this narrow-band scale, on which no codec can be better than
 * G.711; they count as transparent and as robust as G.711 with concealment, so that their figures are not flattered.
 */
const codecs: { readonly [codec in QualityCodec]: Codec } = {
  G711: { ie: 0, bpl: 25.1, aheadMs: 0 },
  G722: { ie: 0, bpl: 25.1, aheadMs: 1.5 },
  OPUS: { ie: 0, bpl: 25.1, aheadMs: 6.5 },
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

/** The delay impairment Id of G.107 §7.4 for so many ms one way: talker echo, listener echo, and the delay itself. */
function delayImpairment(oneWayMs: number): number {
  const t = Math.max(0, oneWayMs);
  const terv = TELR - 40 * Math.log10((1 + t / 10) / (1 + t / 150)) + 6 * Math.exp(-0.3 * t * t);
  const talker = (ROE - (80 + 2.5 * (terv - 14))) / 2;
  const talkerEcho = (talker + Math.sqrt(talker * talker + 100) - 1) * (1 - Math.exp(-t));
  const listener = (RO - 10.5 * (WEPL + 7) * (2 * t + 1) ** -0.25) / 2;
  const listenerEcho = listener + Math.sqrt(listener * listener + 169);
  if (t <= 100) return talkerEcho + listenerEcho;
  const x = Math.log2(t / 100);
  const tooLong = 25 * ((1 + x ** 6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2);
  return talkerEcho + listenerEcho + tooLong;
}

/** The impairment Ie,eff of G.107 §7.5: the codec, and what of its packets was missing. */
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
  const listening = RO - IS - lossImpairment(counters);
  const oneWayMs = roundTripMs / 2 + bufferMs + packetMs + codecs[codec].aheadMs;
  const rating = Math.max(0, listening - delayImpairment(oneWayMs));
  return { rFactor: rating, mosLq: mosOf(listening - delayImpairment(0)), mosCq: mosOf(rating) };
}
