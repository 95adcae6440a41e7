import type { BusCounts } from '../bus/index.ts';
import type { FollowerCounts } from './followers.ts';
import type { Reading } from './metrics.ts';

/** How far those are who carry facts outside. */
export function followerReadings({ bus, followers }: { readonly bus: BusCounts; readonly followers: FollowerCounts }): readonly Reading[] {
  const { webhooks, blackhole, amqp } = followers;
  return [
    { name: 'event_followers', help: 'Followers of events: websockets, event streams, subscribed telephones, AMQP.', value: bus.followers },
    ...bus.consumers.map(({ name, lag }) => ({
      name: 'event_lag',
      help: 'How many places in the journal a follower who must get every fact is behind.',
      value: lag,
      labels: { consumer: name },
    })),
    ...bus.consumers.map(({ name, failures }) => ({
      name: 'event_failures_total',
      help: 'How often what such a follower took could not be passed on and was tried again.',
      value: failures,
      labels: { consumer: name },
    })),
    { name: 'event_read_errors_total', help: 'Reads of the journal that failed and were tried again.', value: bus.readErrors },
    {
      name: 'event_signals_dropped_total',
      help: 'Starts and stops of talking that too much work kept from followers.',
      value: bus.droppedSignals,
    },
    { name: 'webhook_deliveries_total', help: 'Messages that a webhook has taken.', value: webhooks.delivered },
    { name: 'webhook_failures_total', help: 'Attempts at webhooks that will be repeated.', value: webhooks.failed },
    { name: 'webhook_dead_total', help: 'Messages to webhooks that were given up.', value: webhooks.dead },
    { name: 'webhook_sending', help: 'Messages to webhooks that are under way.', value: webhooks.sending },
    ...(blackhole === undefined ? [] : blackholeReadings(blackhole)),
    ...(amqp === undefined ? [] : amqpReadings(amqp)),
  ];
}

const blackholeReadings = ({ sessions, bindings, tooSlow }: NonNullable<FollowerCounts['blackhole']>): readonly Reading[] => [
  { name: 'blackhole_sessions', help: 'Open Blackhole websockets.', value: sessions },
  { name: 'blackhole_bindings', help: 'Bindings of these.', value: bindings },
  { name: 'blackhole_slow_total', help: 'Blackhole websockets that were closed because they read too slowly.', value: tooSlow },
];

const amqpReadings = (counts: NonNullable<FollowerCounts['amqp']>): readonly Reading[] => [
  { name: 'amqp_connected', help: 'Whether there is a connection to the broker: 1 or 0.', value: counts.connected ? 1 : 0 },
  { name: 'amqp_blocked', help: 'Whether the broker has an alarm and takes nothing: 1 or 0.', value: counts.blocked ? 1 : 0 },
  { name: 'amqp_reconnects_total', help: 'Connections to the broker after the first one.', value: counts.reconnects },
  { name: 'amqp_confirmed_total', help: 'Messages that the broker has confirmed.', value: counts.confirmed },
  { name: 'amqp_rejected_total', help: 'Messages nacked, lost with a connection, or not confirmed in time.', value: counts.rejected },
  { name: 'amqp_unroutable_total', help: 'Replies that no queue took.', value: counts.returned },
  { name: 'amqp_received_total', help: 'Messages that came.', value: counts.received },
];
