import { type ExtendedReport, type Quality, type QualityCodec, quality } from '../../rtp/index.ts';
import { FRAMES } from './codec.ts';
import type { Leg } from './leg.ts';
import type { ThreadCodec } from './messages.ts';

/** L16 loses nothing, and is rated as the best that the narrow scale knows, whatever its rate: between mixers nobody asks for an opinion. */
const RATED: Readonly<Record<ThreadCodec['name'], QualityCodec>> = { PCMU: 'G711', PCMA: 'G711', L16: 'G711', G722: 'G722', opus: 'OPUS' };
const FRAME_MS = 1000 / FRAMES;
/** What `BurstCounter` goes by, RFC 3611 §4.7.2. */
const GMIN = 16;
/** No packet waits longer in the jitter buffer, ms. */
const BUFFER_LIMIT = 200;

/** How it sounds to us so far; undefined: nothing has come yet. */
export function qualityOf(leg: Leg): Quality | undefined {
  const { codec, packetsDue, lost, voice, roundTrip } = leg;
  if (codec === null || packetsDue === 0) return undefined;
  return quality({
    codec: RATED[codec.name],
    expected: packetsDue,
    // What was brought back is as good as never lost, and is in no run of missing frames.
    lost: Math.max(0, lost - voice.recovered),
    discarded: voice.late,
    runs: voice.bursts.runs,
    bufferMs: voice.delayMs,
    packetMs: codec.ptime,
    roundTripMs: roundTrip ?? undefined,
  });
}

const since = (at: number, now: number): number | null => (at < 0 ? null : Math.max(0, now - at));

/** Everything that is known of how a leg is heard; allocates, so it is only for whoever asks. */
export function figuresOf(leg: Leg | undefined, now: number): Readonly<Record<string, number | string | null>> | undefined {
  if (leg === undefined) return undefined;
  const { codec, packetsIn, sender, lost, voice, statistics, roundTrip, packetAt, soundAt } = leg;
  const { bursts } = voice;
  const rated = qualityOf(leg);
  return {
    codec: codec?.name ?? null,
    packetsIn,
    packetsOut: sender.packets,
    lost,
    recovered: voice.recovered,
    late: voice.late,
    concealed: voice.concealed,
    jitter: statistics?.jitterMs ?? 0,
    bufferMs: voice.delayMs,
    roundTrip,
    bursts: bursts.bursts,
    burstMs: bursts.burstLength * FRAME_MS,
    burstDensity: bursts.burstDensity,
    gapMs: bursts.gapLength * FRAME_MS,
    gapDensity: bursts.gapDensity,
    rFactor: rated?.rFactor ?? null,
    mosLq: rated?.mosLq ?? null,
    mosCq: rated?.mosCq ?? null,
    lastPacketMs: since(packetAt, now),
    // What is made up where packets are missing is not heard of it.
    lastSoundMs: since(Math.min(soundAt, packetAt), now),
  };
}

/** What the far end is told about how it sounds to us, RFC 3611 §4.7. */
export function extendedReportOf(leg: Leg): ExtendedReport {
  const { packetsDue, lost, voice, roundTrip, codec } = leg;
  const { bursts } = voice;
  const rated = qualityOf(leg);
  const share = (count: number): number => (packetsDue === 0 ? 0 : Math.max(0, count) / packetsDue);
  const metrics = {
    ssrc: leg.remoteSsrc,
    lossRate: share(lost - voice.recovered),
    discardRate: share(voice.late),
    burstDensity: bursts.burstDensity,
    gapDensity: bursts.gapDensity,
    burstMs: bursts.burstLength * FRAME_MS,
    gapMs: bursts.gapLength * FRAME_MS,
    roundTripMs: roundTrip ?? 0,
    endSystemMs: voice.delayMs + (codec?.ptime ?? FRAME_MS),
    signalLevel: undefined,
    noiseLevel: undefined,
    echoReturnLoss: undefined,
    gmin: GMIN,
    rFactor: rated?.rFactor,
    externalRFactor: undefined,
    mosLq: rated?.mosLq,
    mosCq: rated?.mosCq,
    concealment: 'enhanced',
    buffer: 'adaptive',
    bufferRate: 0,
    bufferMs: voice.delayMs,
    bufferMaxMs: BUFFER_LIMIT,
    bufferLimitMs: BUFFER_LIMIT,
  } as const;
  return { type: 'extended-report', ssrc: leg.sender.ssrc, voipMetrics: leg.remoteSsrc < 0 ? [] : [metrics] };
}

/** What a thread's rated legs are like, added up. */
export interface Ratings {
  /** Legs by their conversational MOS, rounded down. */
  mos1: number;
  mos2: number;
  mos3: number;
  mos4: number;
  /** Of these legs, added up, ms. */
  jitterMs: number;
  bufferMs: number;
}

/** Nobody is rated. */
export const noRatings = (): Ratings => ({ mos1: 0, mos2: 0, mos3: 0, mos4: 0, jitterMs: 0, bufferMs: 0 });

/** Adds a leg as it was rated when it reported last; to rate anew all of them at once would make a tick late. */
export function addRating(sum: Ratings, { mos, statistics, voice }: Leg): void {
  if (mos === 0) return;
  if (mos >= 4) sum.mos4 += 1;
  else if (mos >= 3) sum.mos3 += 1;
  else if (mos >= 2) sum.mos2 += 1;
  else sum.mos1 += 1;
  sum.jitterMs += statistics?.jitterMs ?? 0;
  sum.bufferMs += voice.delayMs;
}
