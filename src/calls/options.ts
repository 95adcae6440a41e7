import type { AccountId, Accounts, Documents, Registrations } from '../accounts/index.ts';
import type { Chance, Clock, Closable, Log } from '../base/index.ts';
import type { Bus } from '../bus/index.ts';
import type { CallHistory, CallRecords, ConferenceId, Dialling, Execute, Telephony } from '../conference/index.ts';
import type { Engine, EngineEvent } from '../media/index.ts';
import type { BrowserCall, BrowserWish } from './browsers/page.ts';
import type { Names } from './dialling/names.ts';
import type { DialRules } from './dialling/policy.ts';
import type { Traces } from './trace/traces.ts';
import type { TrunkState } from './trunk-book.ts';

/** What the signalling takes before it says 503. */
export interface CallsLimits {
  /** Calls at once. Default 2000. */
  readonly maxCalls?: number;
  /** Server transactions at once, of any method. Default 20000. */
  readonly maxTransactions?: number;
  /** TCP connections at once, and as many of TLS. Default 1000. */
  readonly maxConnections?: number;
  /** Websockets at once. Default 10000. */
  readonly maxWebSockets?: number;
  /** Bindings of one device. Default 10. */
  readonly maxContacts?: number;
  /** Subscriptions to conferences at once (RFC 4575). Default 10000. */
  readonly maxSubscriptions?: number;
}

/** A certificate with the chain above it, and its key, in PEM. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

/** SIP over TLS (RFC 3261 §26). */
export interface TlsOptions {
  /** Usually 5061; 0 means any that is free. */
  readonly port: number;
  /** Who we are. Asked at every connection, so that a renewed certificate needs no restart. */
  readonly context: () => TlsIdentity;
  /** Whether connections of ours check the far end's certificate (RFC 5922 §7). Default true. */
  readonly verify?: boolean;
  /** Further authorities that are trusted, in PEM. */
  readonly trust?: readonly string[];
}

/** One websocket with subprotocol `sip` (RFC 7118), as whoever upgraded it hands it over. One SIP message per frame. */
export interface SipWebSocket {
  /** A frame of text, or of bytes that are no UTF-8. */
  send(data: string | Uint8Array): void;
  close(): void;
  /** Called for each text or binary frame. */
  onMessage(take: (frame: string | Uint8Array) => void): void;
  /** Called once, also after an error. */
  onClose(gone: () => void): void;
  /** Bytes that the far end has not taken yet. */
  readonly bufferedAmount?: number;
}

/** The far end of a websocket; `secure` for wss. */
export interface WebSocketPeer {
  readonly address: string;
  readonly port: number;
  readonly secure: boolean;
}

/** What conferences say of how they are called. */
export interface ConferenceAddresses {
  /** Whose conferences answer under this SIP domain, which is no realm; undefined: nobody's. */
  accountOf(domain: string): Promise<AccountId | undefined>;
  /** By which name and password another media server brings calls into this conference (kazoo-facts §7.1), the nearest first; none: by none. */
  bridges(account: AccountId, conference: ConferenceId): Promise<readonly BridgeCredentials[]>;
}

/** A name and password of SIP digest. */
export interface BridgeCredentials {
  readonly username: string;
  readonly password: string;
}

/** What the signalling needs to live. */
export interface CallsOptions {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** The address to listen on and, unless told otherwise, to advertise; IPv4 or IPv6, never a wildcard. */
  readonly address: string;
  /** Behind NAT: the name or address that telephones find in Contact and Via. */
  readonly advertise?: string;
  /** Behind NAT: the address that telephones find in SDP. */
  readonly advertiseMedia?: string;
  /** UDP and TCP; 0 means any that is free for both. */
  readonly port: number;
  /** Absent or null: no TLS. */
  readonly tls?: TlsOptions | null;
  /** Offer and take keys of encrypted media (SDES) also over SIP that others can read. Default false. */
  readonly keysInClear?: boolean;
  readonly engine: Engine;
  readonly execute: Execute;
  readonly accounts: Accounts;
  /** Absent: conferences have no domains and no bridges. */
  readonly addresses?: ConferenceAddresses;
  readonly records: CallRecords;
  readonly registrations: Registrations;
  /** Keeps one CDR per leg, and knows the minutes that accounts have used. Absent: no CDRs, and no limit of minutes. */
  readonly history?: CallHistory;
  /** Epoch ms at which the last run was alive for certain: calls that a crash cut ended then. Absent: when they were answered. */
  readonly lastAlive?: number;
  /** Tells what happens in conferences, so that telephones can subscribe to them (RFC 4575). Absent: they cannot. */
  readonly follow?: Bus['follow'];
  /** What `Server` and `User-Agent` say. */
  readonly userAgent: string;
  /** Signs digest nonces; the same after a restart, so that phones need not be challenged anew. */
  readonly nonceSecret: Uint8Array;
  readonly limits?: CallsLimits;
  /** The trunks of accounts are in here (kind `trunk`). Absent: none. */
  readonly documents?: Pick<Documents, 'all'>;
  /** Notes how calls are signalled. Absent: nobody does. */
  readonly traces?: Traces;
  /** Where calls of ours may go, unless an account says so itself. Absent: anywhere. */
  readonly dialRules?: DialRules;
  /** The domain name system. Default: the machine's. */
  readonly names?: Names;
}

/** What an operator asks of the signalling. */
export interface CallCounts {
  /** Calls that are arriving, being answered or up. */
  readonly calls: number;
  readonly registrations: number;
  /** Calls of ours that nobody has answered yet. */
  readonly ringing: number;
  /** Telephones' subscriptions to conferences. */
  readonly subscriptions: number;
  /** Datagrams and streams that were no SIP. */
  readonly malformed: number;
  /** Refused and broken calls by cause, for example `404` or `media-lost`. */
  readonly failures: Readonly<Record<string, number>>;
  /** Calls refused because their account had used up what it may, by which limit. */
  readonly overLimit: Readonly<Record<'legs' | 'minutes', number>>;
  /** How each trunk does. */
  readonly trunks: readonly TrunkState[];
}

/** The signalling: sockets, transactions, calls, registrar. */
export interface Calls extends Telephony, Closable {
  /** host:port that is really bound (UDP and TCP). */
  readonly address: string;
  /** host:port of the TLS socket; undefined when there is none. */
  readonly tlsAddress: string | undefined;
  /** Finds whom endpoints mean, and calls them. */
  readonly dialling: Dialling;
  /** How the trunks do: of an account, or all. */
  trunkStates(account?: AccountId): readonly TrunkState[];
  /** Documents of trunks have changed: they are read anew. */
  trunksChanged(): void;
  /** Lets the browser of an invited guest in, without SIP. Refuses with invalid/bad_offer, unavailable/overloaded and what limits an account. */
  join(wish: BrowserWish): Promise<BrowserCall>;
  /** What the engine told. */
  engineEvent(event: EngineEvent): void;
  /** Serves a telephone over a websocket that somebody else upgraded; the socket is ours from now on. */
  adopt(socket: SipWebSocket, peer: WebSocketPeer): void;
  /** Ends what a crash left behind: BYE from the stored dialog, `call.ended` with reason `restart`. Resolves when every end is told; a record goes when its BYE was answered or timed out. */
  recover(): Promise<void>;
  counts(): CallCounts;
  /** 503 for new calls, BYE for the others, at most 1.5 s; then closes every socket and alarm. */
  close(): Promise<void>;
}
