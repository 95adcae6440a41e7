/** What the E-model knows about a codec, ITU-T G.113. */
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
  /** Runs of packets lost or discarded one after the other; 0: not known, loss counts as random. */
  readonly runs?: number;
  /** How long a packet waits in the jitter buffer, ms. */
  readonly bufferMs: number;
  /** The way there and back, ms; undefined: not known. */
  readonly roundTripMs: number | undefined;
}

/** How it sounds, ITU-T G.107 and RFC 3611 §4.7.5. */
export interface Quality {
  /** 0 to 93. */
  readonly rFactor: number;
  /** Listening quality, 1 to 4.5: without the delay. */
  readonly mosLq: number;
  /** Conversational quality, 1 to 4.5: with the delay. */
  readonly mosCq: number;
}

/** An estimate from what was counted. */
export function quality(_counters: QualityCounters): Quality {
  throw new Error('not built yet');
}
