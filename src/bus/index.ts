export { openAmqp } from './amqp.ts';
export type {
  Amqp,
  AmqpCounts,
  AmqpDelivery,
  AmqpExchange,
  AmqpMessage,
  AmqpOptions,
  AmqpProperties,
  AmqpSubscription,
  AmqpSubscriptionOptions,
} from './amqp-types.ts';
export { brokersOf } from './amqp-url.ts';
export { openBus } from './bus.ts';
export type { Bus, BusCounts, BusOptions, Consumer, Following, FollowOptions, Item } from './bus-types.ts';
