export { type BrowserCall, type BrowserWish, guestNumber, type Page, type PageEnd } from './browsers/page.ts';
export type { Names, PointerRecord, ServiceRecord } from './dialling/names.ts';
export type { DialRules } from './dialling/policy.ts';
export { openCalls } from './open-calls.ts';
export type {
  BridgeCredentials,
  CallCounts,
  Calls,
  CallsLimits,
  CallsOptions,
  ConferenceAddresses,
  SipWebSocket,
  TlsIdentity,
  TlsOptions,
  WebSocketPeer,
} from './options.ts';
export { type HepCollector, HepExport } from './trace/hep.ts';
export { type TraceOptions, Traces } from './trace/traces.ts';
export type { TrunkState } from './trunk-book.ts';
