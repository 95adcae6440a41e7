export { eventNames as kazooEventNames } from './kazoo/events.ts';
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
  TokenKey,
  UpgradeRoute,
} from './options.ts';
