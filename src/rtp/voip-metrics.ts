/** The VoIP metrics of one source, RFC 3611 §4.7. Undefined: unavailable. */
export interface VoipMetrics {
  /** The source that is reported on. */
  readonly ssrc: number;
  /** Parts of the packets, 0 to 1; sent in 256ths. */
  readonly lossRate: number;
  readonly discardRate: number;
  readonly burstDensity: number;
  readonly gapDensity: number;
  /** Mean lengths, ms. */
  readonly burstMs: number;
  readonly gapMs: number;
  /** The way there and back between the RTP interfaces, and from there to ear and mouth, ms. 0: not known. */
  readonly roundTripMs: number;
  readonly endSystemMs: number;
  /** dBm0, and the echo return loss in dB. */
  readonly signalLevel: number | undefined;
  readonly noiseLevel: number | undefined;
  readonly echoReturnLoss: number | undefined;
  readonly gmin: number;
  /** 0 to 100. */
  readonly rFactor: number | undefined;
  readonly externalRFactor: number | undefined;
  /** 1 to 5; sent in tenths. */
  readonly mosLq: number | undefined;
  readonly mosCq: number | undefined;
  readonly concealment: 'standard' | 'enhanced' | 'disabled' | 'unspecified';
  readonly buffer: 'adaptive' | 'fixed' | 'reserved' | 'unknown';
  /** How fast the buffer adapts, 0 to 15. */
  readonly bufferRate: number;
  /** The delay of the jitter buffer now, at most now, and at most ever, ms. */
  readonly bufferMs: number;
  readonly bufferMaxMs: number;
  readonly bufferLimitMs: number;
}

/** An extended report; of its blocks only the VoIP metrics. */
export interface ExtendedReport {
  readonly type: 'extended-report';
  readonly ssrc: number;
  readonly voipMetrics: readonly VoipMetrics[];
}

/** The packet type of extended reports. */
export const XR = 207;
const VOIP_METRICS = 7;
/** Bytes of the block with its header. */
const LENGTH = 36;
const UNAVAILABLE = 127;

const concealments = ['unspecified', 'disabled', 'enhanced', 'standard'] as const;
const buffers = ['unknown', 'reserved', 'fixed', 'adaptive'] as const;

const part = (byte: number): number => byte / 256;
const known = (byte: number, unit = 1): number | undefined => (byte === UNAVAILABLE ? undefined : byte / unit);

function readMetrics(view: DataView, at: number): VoipMetrics {
  const signed = (offset: number): number | undefined =>
    view.getUint8(at + offset) === UNAVAILABLE ? undefined : view.getInt8(at + offset);
  const config = view.getUint8(at + 28);
  return {
    ssrc: view.getUint32(at + 4),
    lossRate: part(view.getUint8(at + 8)),
    discardRate: part(view.getUint8(at + 9)),
    burstDensity: part(view.getUint8(at + 10)),
    gapDensity: part(view.getUint8(at + 11)),
    burstMs: view.getUint16(at + 12),
    gapMs: view.getUint16(at + 14),
    roundTripMs: view.getUint16(at + 16),
    endSystemMs: view.getUint16(at + 18),
    signalLevel: signed(20),
    noiseLevel: signed(21),
    echoReturnLoss: known(view.getUint8(at + 22)),
    gmin: view.getUint8(at + 23),
    rFactor: known(view.getUint8(at + 24)),
    externalRFactor: known(view.getUint8(at + 25)),
    mosLq: known(view.getUint8(at + 26), 10),
    mosCq: known(view.getUint8(at + 27), 10),
    concealment: concealments[config >> 6]!,
    buffer: buffers[(config >> 4) & 3]!,
    bufferRate: config & 15,
    bufferMs: view.getUint16(at + 30),
    bufferMaxMs: view.getUint16(at + 32),
    bufferLimitMs: view.getUint16(at + 34),
  };
}

/** The body of an extended report, from its SSRC to `end`. Blocks of other kinds are skipped; undefined: torn. */
export function readExtendedReport(view: DataView, at: number, end: number): ExtendedReport | undefined {
  if (at + 4 > end) return undefined;
  const voipMetrics: VoipMetrics[] = [];
  for (let block = at + 4; block < end; ) {
    if (block + 4 > end) return undefined;
    const next = block + 4 + view.getUint16(block + 2) * 4;
    if (next > end) return undefined;
    if (view.getUint8(block) === VOIP_METRICS && next - block === LENGTH) voipMetrics.push(readMetrics(view, block));
    block = next;
  }
  return { type: 'extended-report', ssrc: view.getUint32(at), voipMetrics };
}

const limited = (value: number, most: number): number => Math.max(0, Math.min(most, Math.round(value)));
const ofParts = (value: number): number => limited(value * 256, 255);
const ofKnown = (value: number | undefined, most: number): number => (value === undefined ? UNAVAILABLE : limited(value, most));
const ofMos = (value: number | undefined): number => (value === undefined ? UNAVAILABLE : Math.max(10, limited(value * 10, 50)));
const ofLevel = (value: number | undefined): number =>
  value === undefined ? UNAVAILABLE : Math.max(-128, Math.min(UNAVAILABLE - 1, Math.round(value)));

function writeMetrics(view: DataView, at: number, metrics: VoipMetrics): void {
  const ms = (offset: number, value: number): void => view.setUint16(at + offset, limited(value, 0xffff));
  view.setUint8(at, VOIP_METRICS);
  view.setUint16(at + 2, LENGTH / 4 - 1);
  view.setUint32(at + 4, metrics.ssrc);
  view.setUint8(at + 8, ofParts(metrics.lossRate));
  view.setUint8(at + 9, ofParts(metrics.discardRate));
  view.setUint8(at + 10, ofParts(metrics.burstDensity));
  view.setUint8(at + 11, ofParts(metrics.gapDensity));
  ms(12, metrics.burstMs);
  ms(14, metrics.gapMs);
  ms(16, metrics.roundTripMs);
  ms(18, metrics.endSystemMs);
  view.setInt8(at + 20, ofLevel(metrics.signalLevel));
  view.setInt8(at + 21, ofLevel(metrics.noiseLevel));
  view.setUint8(at + 22, ofKnown(metrics.echoReturnLoss, UNAVAILABLE - 1));
  view.setUint8(at + 23, limited(metrics.gmin, 255));
  view.setUint8(at + 24, ofKnown(metrics.rFactor, 100));
  view.setUint8(at + 25, ofKnown(metrics.externalRFactor, 100));
  view.setUint8(at + 26, ofMos(metrics.mosLq));
  view.setUint8(at + 27, ofMos(metrics.mosCq));
  const { concealment, buffer, bufferRate } = metrics;
  view.setUint8(at + 28, (concealments.indexOf(concealment) << 6) | (buffers.indexOf(buffer) << 4) | limited(bufferRate, 15));
  ms(30, metrics.bufferMs);
  ms(32, metrics.bufferMaxMs);
  ms(34, metrics.bufferLimitMs);
}

/** Bytes of an extended report with so many blocks, its header included. */
export const extendedReportLength = ({ voipMetrics }: ExtendedReport): number => 8 + voipMetrics.length * LENGTH;

/** Writes an extended report behind its common header. */
export function writeExtendedReport(view: DataView, report: ExtendedReport): void {
  view.setUint32(4, report.ssrc);
  report.voipMetrics.forEach((metrics, index) => {
    writeMetrics(view, 8 + index * LENGTH, metrics);
  });
}
