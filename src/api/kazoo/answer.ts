import type { Account, Accounts, Documents } from '../../accounts/index.ts';
import type { Clock, Json, JsonObject, Log } from '../../base/index.ts';
import type {
  Actor,
  CallHistory,
  CommandName,
  Dialling,
  Execute,
  Input,
  MediaLibrary,
  Output,
  PhoneCalls,
  Recordings,
} from '../../conference/index.ts';
import type { ApiOptions, Sockets } from '../options.ts';
import type { Person } from '../tokens.ts';
import type { Written } from '../written.ts';

/** What a request came to, before it is put into an envelope. */
export interface Answer {
  readonly status: number;
  readonly data: Json | Written;
  /** `N-32hex`, or `automatic` for computed answers. */
  readonly revision?: string | undefined;
  /** A token that was made. */
  readonly token?: string;
  /** Further keys of the envelope, as lists have. */
  readonly more?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
  /** It shows what changes without a new revision: never answered 304. */
  readonly isLive?: true;
  /** Instead of the envelope, piece by piece; `headers` say of what type. */
  readonly text?: AsyncIterable<string | Uint8Array>;
}

/** A request after the checks that need nobody's permission. */
export interface Asked {
  /** After verb tunnelling. */
  readonly method: string;
  /** The path below `/v2`, decoded. */
  readonly path: readonly string[];
  readonly query: ReadonlyMap<string, string>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The whole body, top-level keys in lower case with `_`. */
  readonly envelope: JsonObject;
  /** The body's `data`; `{}` when there is no body. */
  readonly data: JsonObject | readonly Json[];
  /** The body where it is a file (`uploaded.ts`). */
  readonly file: Uint8Array | undefined;
  /** The content type is none that is read here. */
  readonly isUnreadable: boolean;
}

/** What the records of calls are read from. */
export interface Records {
  readonly history: CallHistory;
  readonly clock: Pick<Clock, 'epoch'>;
}

/** Where a route is and for whom. */
export interface Scene {
  readonly asked: Asked;
  readonly params: Readonly<Record<string, string>>;
  /** The account in the URL. */
  readonly account: Account;
  readonly person: Person;
  readonly accounts: Accounts;
  /** Callflows, numbers …; undefined where none are kept. */
  readonly documents: Documents | undefined;
  /** Whether the person is an admin of his own account. */
  readonly isAdmin: () => Promise<boolean>;
  /** Where CDRs are; undefined where none are kept. */
  readonly records: Records | undefined;
  /** What can be played; undefined where nothing is. */
  readonly media: MediaLibrary | undefined;
  /** Recordings with their files; undefined where there are none. */
  readonly recordings: Recordings | undefined;
  /** Calls people; undefined where nobody can be called. */
  readonly dialling: Dialling | undefined;
  /** Calls one by one; undefined where only those in conferences are known. */
  readonly phones: PhoneCalls | undefined;
  /** Tells what happens; undefined where nobody does. */
  readonly follow: ApiOptions['follow'];
  readonly log: Log;
  readonly clock: Pick<Clock, 'epoch'>;
  readonly node: string;
  /** Who follows over websockets. */
  readonly sockets: Sockets;
}

/** A decoded request, ready to run. */
export type Plan = (execute: Execute, actor: Actor) => Promise<Answer>;

/** Reads a request: pure. Throws what `refuse` understands. */
export type Decode = (scene: Scene) => Plan;

/** The plan that is one command and a way to say its answer. */
export const command =
  <Name extends CommandName>(name: Name, input: Input<Name>, encode: (output: Output<Name>) => Answer): Plan =>
  async (execute, actor) =>
    encode(await execute(name, input, actor));
