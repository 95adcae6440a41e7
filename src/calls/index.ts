export { openCalls } from './open-calls.ts';
export type { CallCounts, Calls, CallsLimits, CallsOptions, SipWebSocket, TlsIdentity, TlsOptions, WebSocketPeer } from './options.ts';
