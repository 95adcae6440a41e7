import type { Brand } from '../base/index.ts';
import type { AccountId } from './account.ts';

/** 32 hex digits. */
export type TrunkId = Brand<'TrunkId'>;

/** How numbers are rewritten (no regular expressions): what begins with `prefix`, and has as many digits as said, loses it and gets `put` before the rest. */
export interface NumberRule {
  /** What the number begins with, perhaps `+`; empty: every number. */
  readonly prefix: string;
  /** How many characters it has in all; absent: any. */
  readonly length?: number;
  /** What stands before the rest instead of the prefix. */
  readonly put: string;
  /** Outgoing: this trunk does not take such numbers; incoming: they are refused. */
  readonly deny?: boolean;
}

/** A way to telephone networks: a provider or another switch. Kept as a document of kind `trunk`. */
export interface Trunk {
  readonly id: TrunkId;
  readonly account: AccountId;
  readonly name: string;
  readonly enabled: boolean;
  /** SIP URIs or host[:port] of the far end, the best first; where one does not answer the next is tried. */
  readonly servers: readonly string[];
  readonly transport?: 'udp' | 'tcp' | 'tls';
  /** Says REGISTER there with its credentials, so that calls come in; else calls come from `addresses`. */
  readonly register: boolean;
  readonly username?: string;
  /** In clear, because digest needs it; sealed at rest. */
  readonly password?: string;
  /** The host of From and To; default: that of the server. */
  readonly realm?: string;
  /** Networks (CIDR or address) whose calls belong to this trunk. */
  readonly addresses: readonly string[];
  /** Numbers that it brings in, E.164 with `+`; the account owns them. `*` at the end: every number that begins so. */
  readonly numbers: readonly string[];
  /** From what is dialled to what the far end wants; the first rule that fits is taken. Empty: E.164 with `+`. */
  readonly outbound: readonly NumberRule[];
  /** From what the far end says to E.164 with `+`. */
  readonly inbound: readonly NumberRule[];
  /** P-Asserted-Identity, Remote-Party-ID, Diversion, Privacy and verstat of its calls are believed, and told. */
  readonly trusted: boolean;
  /** Who calls where nobody says it. */
  readonly callerId?: { readonly name?: string; readonly number?: string };
  /** Seconds between OPTIONS; 0: its health is not asked for. Default 60. */
  readonly probeSeconds?: number;
  /** Calls at once; absent: any number. */
  readonly maxCalls?: number;
  /** Smaller ones are tried first. Default 0. */
  readonly weight?: number;
}
