export { type KazooAmqp, type KazooAmqpCounts, type KazooAmqpOptions, kazooExchanges, openKazooAmqp } from './kazoo/amqp/kazoo-amqp.ts';
export {
  type Blackhole,
  type BlackholeCounts,
  type BlackholeOptions,
  openBlackhole,
  type ToldCommand,
} from './kazoo/blackhole/blackhole.ts';
export { eventNames as kazooEventNames } from './kazoo/events.ts';
export { factBody } from './native/events/event-body.ts';
export { readNetworks } from './networks.ts';
export { openApi } from './open-api.ts';
export type {
  AcceptedSocket,
  Api,
  ApiOptions,
  CertificateContext,
  Certificates,
  SecureOptions,
  SocketPeer,
  SocketRequest,
  Sockets,
  SocketView,
  TokenKey,
  UpgradeRoute,
} from './options.ts';
export type { PageFile, Pages } from './pages.ts';
export { callEvents, errandCut, errandEvent } from './voipbin/events/call-events.ts';
export { eventsOf as voipbinEvents } from './voipbin/events/event.ts';
export { type LookNeeds, openLook } from './voipbin/events/look.ts';
export type { VoipbinEvent } from './voipbin/events/voipbin-event.ts';
