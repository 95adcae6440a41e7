import type { BusCounts } from '../bus/index.ts';
import type { CallCounts } from '../calls/index.ts';
import type { EngineLoad, EngineMetrics } from '../media/index.ts';
import { followerReadings } from './follower-readings.ts';
import type { FollowerCounts } from './followers.ts';
import type { Reading } from './metrics.ts';
import { trunkReadings } from './trunk-readings.ts';

/** Every number that /metrics shows, with its meaning. */
export function readings({
  engine,
  load,
  calls,
  bus,
  followers,
  queueDepth,
  lobbies,
  certificateExpiresAt,
}: {
  engine: EngineMetrics;
  load: EngineLoad;
  calls: CallCounts;
  bus: BusCounts;
  followers: FollowerCounts;
  queueDepth: number;
  /** Calls whose flow runs. */
  lobbies: number;
  /** Epoch ms; undefined without TLS. */
  certificateExpiresAt: number | undefined;
}): readonly Reading[] {
  const { p50, p99, max } = engine.tickLateness;
  const lateness = (quantile: string, ms: number): Reading => ({
    name: 'media_tick_lateness_seconds',
    help: 'How late media ticks began since the last scrape; quantile 1 is the worst.',
    value: ms / 1000,
    labels: { quantile },
  });
  return [
    { name: 'media_legs', help: 'Legs in the media engine.', value: engine.legs },
    { name: 'media_rooms', help: 'Rooms being mixed.', value: engine.mixes },
    { name: 'media_ports', help: 'Local RTP ports in use.', value: engine.ports },
    { name: 'media_ticks_total', help: 'Media ticks.', value: engine.ticks },
    { name: 'media_late_ticks_total', help: 'Media ticks that began more than 5 ms late.', value: engine.lateTicks },
    {
      name: 'media_admitting',
      help: 'Whether calls of new rooms are taken: 1, or 0 while there is too much to do.',
      value: load.admits ? 1 : 0,
    },
    ...load.threads.map(({ thread, busy }) => ({
      name: 'media_thread_busy_ratio',
      help: "Share of a media thread's time that is used, over the last seconds.",
      value: busy,
      labels: { thread: String(thread) },
    })),
    lateness('0.5', p50),
    lateness('0.99', p99),
    lateness('1', max),
    { name: 'media_packets_received_total', help: 'RTP and RTCP packets received.', value: engine.packetsIn },
    { name: 'media_packets_sent_total', help: 'RTP and RTCP packets sent.', value: engine.packetsOut },
    { name: 'media_send_failures_total', help: 'Packets that the system refused to send.', value: engine.sendFailures },
    { name: 'media_malformed_packets_total', help: 'Packets that were no RTP or RTCP.', value: engine.malformed },
    { name: 'media_reports_dropped_total', help: 'RTCP packets that came in too great a flood to be read.', value: engine.reportsDropped },
    { name: 'media_stranger_packets_total', help: 'Packets from addresses that belong to no leg; dropped.', value: engine.strangers },
    { name: 'media_checks_refused_total', help: 'ICE checks that were not by who has the password.', value: engine.checksRefused },
    { name: 'media_dtls_ignored_total', help: 'DTLS datagrams from where no browser is, or too many of them.', value: engine.dtlsIgnored },
    { name: 'media_packets_lost_total', help: 'RTP packets that never came.', value: engine.lost },
    { name: 'media_packets_late_total', help: 'RTP packets that came too late to be heard.', value: engine.late },
    { name: 'media_frames_concealed_total', help: 'Frames made up in place of lost or late ones.', value: engine.concealed },
    { name: 'media_frames_encoded_total', help: 'Distinct sounds encoded; listeners who hear the same share one.', value: engine.encoded },
    ...qualityReadings(engine),
    ...followerReadings({ bus, followers }),
    { name: 'calls', help: 'Calls arriving, being answered or up.', value: calls.calls },
    { name: 'calls_ringing', help: 'Calls of ours that nobody has answered yet.', value: calls.ringing },
    { name: 'lobbies', help: 'Callers whose flow runs: they are asked, wait, or may come back out of a conference.', value: lobbies },
    { name: 'conference_subscriptions', help: 'Subscriptions of telephones to conferences (RFC 4575).', value: calls.subscriptions },
    { name: 'registrations', help: 'Registered contacts of devices.', value: calls.registrations },
    { name: 'sip_malformed_total', help: 'Datagrams and streams that were no SIP.', value: calls.malformed },
    ...Object.entries(calls.failures).map(([cause, value]) => ({
      name: 'call_failures_total',
      help: 'Calls refused or broken, by cause (SIP status or reason).',
      value,
      labels: { cause },
    })),
    ...Object.entries(calls.overLimit).map(([limit, value]) => ({
      name: 'calls_over_limit_total',
      help: 'Calls refused because their account had used up what it may: legs at once, or minutes of the month.',
      value,
      labels: { limit },
    })),
    ...trunkReadings(calls.trunks),
    ...(certificateExpiresAt === undefined
      ? []
      : [
          {
            name: 'certificate_expires_seconds',
            help: 'When the certificate that is shown expires, since 1970.',
            value: certificateExpiresAt / 1000,
          },
        ]),
    { name: 'command_queue_depth', help: 'Commands waiting in the queues of all conferences.', value: queueDepth },
  ];
}

/** How the legs sound, as their last reports had it. */
function qualityReadings({ mos1, mos2, mos3, mos4, jitterMs, bufferMs }: EngineMetrics): readonly Reading[] {
  const rated = mos1 + mos2 + mos3 + mos4;
  const mean = (sumMs: number): number => (rated === 0 ? 0 : sumMs / rated / 1000);
  return [
    ...Object.entries({ 1: mos1, 2: mos2, 3: mos3, 4: mos4 }).map(([mos, value]) => ({
      name: 'media_legs_by_mos',
      help: 'Legs by their estimated conversational MOS, rounded down.',
      value,
      labels: { mos },
    })),
    { name: 'media_jitter_seconds', help: 'Interarrival jitter, mean of all legs.', value: mean(jitterMs) },
    { name: 'media_buffer_delay_seconds', help: 'How long packets wait in the jitter buffer, mean of all legs.', value: mean(bufferMs) },
  ];
}
