import type { IncomingHttpHeaders } from 'node:http';
import type { AccountId, Accounts, Documents } from '../accounts/index.ts';
import type { Chance, Clock, Closable, Log } from '../base/index.ts';
import type { Bus } from '../bus/index.ts';
import type {
  CallHistory,
  CallTraces,
  Chronicle,
  Dialling,
  EntryDoors,
  Errands,
  Execute,
  Keeping,
  LegId,
  MediaLibrary,
  PhoneCalls,
  RecordingScribe,
  Recordings,
  Transcripts,
} from '../conference/index.ts';
import type { LineDoors } from '../line/index.ts';
import type { Streams } from '../streams/index.ts';
import type { Webhooks } from '../webhooks/index.ts';
import type { BrowserDoors } from './native/join/doors.ts';
import type { IceSettings } from './native/join/ice.ts';
import type { Pages } from './pages.ts';

/** Where the key that signs tokens is kept, so that tokens outlive a restart. */
export interface TokenKey {
  load(): Promise<string | undefined>;
  /** `jwk` is a private key as JSON text: seal it at rest. */
  save(jwk: string): Promise<void>;
}

/** A certificate with its chain and its key, in PEM. */
export interface CertificateContext {
  readonly cert: string;
  readonly key: string;
}

/** Who this server is: asked at the start and after every change. */
export interface Certificates {
  context(): CertificateContext;
  /** Calls `tell` after every change, until the returned function is called. */
  onChange(tell: () => void): () => void;
}

/** HTTPS and wss. */
export interface SecureOptions {
  /** 0 means any free one. */
  readonly port: number;
  readonly certificates: Certificates;
}

/** An upgraded websocket, as whoever takes it sees it. It is his from now on: he closes it. */
export interface AcceptedSocket {
  /** Text or binary, one frame each. */
  send(data: string | Uint8Array): void;
  /** A text frame whose UTF-8 is at hand already: what goes to many is encoded once. */
  sendText(utf8: Uint8Array): void;
  /** `code` and `reason` as RFC 6455 §7.4 has them, 1000 by default; the far end has `patience` ms to take them, 1000 by default. */
  close(how?: { readonly code?: number; readonly reason?: string; readonly patience?: number }): void;
  /** Called for each frame: text as a string, binary as bytes. */
  onMessage(take: (frame: string | Uint8Array) => void): void;
  /** Called once, also after an error. */
  onClose(gone: () => void): void;
  /** Bytes that the far end has not taken yet. */
  readonly bufferedAmount: number;
}

/** The far end of an upgraded websocket, past trusted proxies; `secure` for wss. */
export interface SocketPeer {
  readonly address: string;
  readonly port: number;
  readonly secure: boolean;
}

/** What a client said when it asked for the upgrade. */
export interface SocketRequest {
  /** Path and query, as they came. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** What stood in the place of each `:name` of the row's path. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** A refusal in HTTP, before there is a websocket. */
export interface SocketRefusal {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Somebody who may come in and is waited for. */
export interface AdmittedSocket {
  take(socket: AcceptedSocket): void;
  /** He never came. */
  drop(): void;
}

/** One row of the upgrade door: who upgrades is taken, or first asked whether he may. */
export type UpgradeRoute = UpgradePlace &
  (
    | { readonly take: (socket: AcceptedSocket, peer: SocketPeer, request: SocketRequest) => void }
    | { readonly admit: (peer: SocketPeer, request: SocketRequest) => Promise<AdmittedSocket | SocketRefusal> }
  );

/** Where a row is, and its bounds. */
export interface UpgradePlace {
  /** The path; a part `:name` is anything, `*` every path that no other row has. */
  readonly path: string;
  /** The path is also served to requests that do not upgrade; else these are answered 426. */
  readonly isAlsoHttp?: true;
  /** A subprotocol that the client must offer (RFC 6455 §1.9); absent: none is asked for or answered; null: who offers any is refused. */
  readonly subprotocol?: string | null;
  /** Longest frame in bytes. Default 65 536. */
  readonly maxFrameBytes?: number;
  /** Open sockets of one address. Default 200. */
  readonly maxPerAddress?: number;
}

/** A session of KAZOO's websocket, as `GET /websockets` shows it. */
export interface SocketView {
  readonly id: string;
  /** Epoch ms. */
  readonly openedAt: number;
  readonly bindings: readonly string[];
  /** `host:port` of this server, and of the far end. */
  readonly destination: string;
  readonly source: string;
}

/** The sessions of people of an account. */
export type Sockets = (account: AccountId) => readonly SocketView[];

/** How a trunk does, as the signalling tells it. */
export interface TrunkHealth {
  readonly id: string;
  readonly registration?: 'registered' | 'failed' | 'trying';
  readonly reachable?: boolean;
  readonly calls: number;
  /** Epoch ms. */
  readonly since?: number;
  readonly words?: string;
}

/** The trunks of accounts while they are served. */
export interface TrunkDoors {
  states(account: AccountId): readonly TrunkHealth[];
  changed(): void;
}

/** How the sound of a leg does just now. */
export interface LegQuality {
  readonly codec: string | null;
  readonly packetsIn: number;
  readonly packetsOut: number;
  readonly lost: number;
  readonly late: number;
  readonly concealed: number;
  /** ms. */
  readonly jitter: number;
  readonly roundTrip: number | null;
  readonly bufferMs: number;
  /** 1 to 4.5. */
  readonly mosCq: number | null;
  /** ms since its last packet, and since it was heard above the noise; null: never. */
  readonly lastPacketMs?: number | null;
  readonly lastSoundMs?: number | null;
}

/** Where the sound of a leg comes from and goes to. */
export interface LegPlace {
  readonly address: string;
  readonly port: number;
  readonly remote: { readonly address: string; readonly port: number } | null;
  readonly codec: { readonly name: string } | null;
  /** Ours (RFC 3264). */
  readonly direction: string;
  readonly crypto: object | null;
  readonly webrtc?: boolean;
}

/** The header of an RTP packet (RFC 3550 §5.1), and how much was in it. */
export interface SeenHeader {
  /** Epoch ms. */
  readonly at: number;
  readonly sent: boolean;
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly length: number;
}

/** Undefined: there is no such leg. */
export type LegQualities = (leg: LegId) => Promise<LegQuality | undefined>;

/** What the HTTP server needs. */
export interface ApiOptions {
  readonly execute: Execute;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** Address to listen on. */
  readonly address: string;
  /** 0 means any free one. */
  readonly port: number;
  /** This node's name, as envelopes and participants show it. */
  readonly node: string;
  /** Parley's version, as envelopes and `/api/openapi.json` show it. */
  readonly version: string;
  /** What `/metrics` answers: Prometheus text. */
  readonly metrics: () => Promise<string>;
  /** What `/readyz` answers. */
  readonly ready: () => boolean;
  readonly tokenKey: TokenKey;
  /** Absent: no HTTPS. */
  readonly secure?: SecureOptions;
  /** Who takes telephones that come over `GET /sip` (RFC 7118). Absent: nobody, and 404. */
  readonly onSipSocket?: (socket: AcceptedSocket, peer: SocketPeer) => void;
  /** Where programs that listen and speak are let in. Absent: nowhere, and 404. */
  readonly programs?: Pick<Streams, 'open'>;
  /** Who follows over KAZOO's websocket: `Blackhole.sessions`. Absent: nobody. */
  readonly sockets?: Sockets;
  /** Where `GET /api/events` gets its events from. Absent: there are none, and 404. */
  readonly follow?: Bus['follow'];
  /** Absent: `/api/webhooks` is not there. */
  readonly webhooks?: Webhooks;
  /** Who takes browsers that join without SIP. Absent: nobody, and 404. */
  readonly browsers?: BrowserDoors;
  /** By which servers browsers find a way through firewalls. Absent: by none. */
  readonly iceServers?: IceSettings;
  /** CDRs, for both dialects. Absent: there are none, and 404. */
  readonly history?: CallHistory;
  /** Recordings with their files, for all dialects. Absent: there are none, and 404. */
  readonly recordings?: Recordings;
  /** Callflows, numbers … of accounts. Absent: there are none, and 404. */
  readonly documents?: Documents;
  /** Who is invited, and who may try no more. Absent: 404. */
  readonly entry?: EntryDoors;
  /** Calls one by one, for VoIPBIN's calls and activeflows. Absent: 404. */
  readonly phones?: PhoneCalls;
  /** Runs of flows without a call. Absent: there are none. */
  readonly errands?: Errands;
  /** Who writes down recordings. Absent: nobody, and 400. */
  readonly written?: RecordingScribe;
  /** Calls people into conferences. Absent: nobody can be called, and 501. */
  readonly dialling?: Dialling;
  /** How telephones do. Absent: nobody knows, and 404. */
  readonly qualityOf?: LegQualities;
  /** How trunks do, and who must know when they change. Absent: there are none, and 404. */
  readonly trunks?: TrunkDoors;
  /** What accounts can have played. Absent: there is none, and 404. */
  readonly media?: MediaLibrary;
  /** What was said. Absent: 404. */
  readonly transcripts?: Transcripts;
  /** Who took part, and what was written down, for VoIPBIN's conferencecalls and transcribes. Absent: 404. */
  readonly chronicle?: Chronicle;
  /** Most conferences that an account may have by VoIPBIN's API. Default 0: any number. */
  readonly maxConferences?: number;
  /** Channels of LINE. Absent: 404. */
  readonly line?: LineDoors;
  /** Requests of one address to VoIPBIN's API: so many at once, so many in a second from then on. Default 400 and 200. */
  readonly requestRate?: { readonly capacity: number; readonly perSecond: number };
  /** How calls are signalled. Absent: 404. */
  readonly traces?: CallTraces;
  /** Where the sound of a leg goes, for explanations. Absent: nobody knows. */
  readonly legOf?: (leg: LegId) => Promise<LegPlace | undefined>;
  /** The headers of the packets of a leg in the next ms, for capture files. Absent: these have none. */
  readonly headersOf?: (leg: LegId, ms: number) => Promise<readonly SeenHeader[] | undefined>;
  /** Erases callers. Absent: 404. */
  readonly keeping?: Keeping;
  /** Addresses and networks (CIDR) whose X-Forwarded headers are believed. Default none. */
  readonly trustedProxies?: readonly string[];
  /** The base of links that are handed out, without a slash at the end. Default: as the request came. */
  readonly publicUrl?: string;
  /** The pages for people. Absent: `/console` is not there, and an invitation is a page without scripts. */
  readonly pages?: Pages;
  /** The answer to an ACME HTTP-01 challenge (RFC 8555 §8.3), if there is such a challenge now. */
  readonly acmeAnswer?: (token: string) => string | undefined;
  /** Longest request body in bytes. Default 8 000 000. */
  readonly maxBodyBytes?: number;
}

/** The running HTTP server. `close` leaves upgraded sockets to those who took them. */
export interface Api extends Closable {
  /** `http://address:port` as it really listens, without a slash at the end. */
  readonly url: string;
  /** `https://address:port` as it really listens; undefined without HTTPS. */
  readonly secureUrl: string | undefined;
}
