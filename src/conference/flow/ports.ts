import type { AccountId } from '../../accounts/index.ts';
import type { CallId } from '../ids.ts';
import type { FlowPlan } from './plan.ts';

/** What was dialled. */
export interface Dialled {
  /** The user part. */
  readonly dialled: string;
  /** The host of the request URI, in lower case. */
  readonly domain?: string;
}

/** What an account has put on what can be dialled. Outer rooms implement it; what is absent was never put there. */
export interface Numbers {
  /** Extension or device, callflow number, VoIPBIN number, in this order (rulings "Whose call is it"); undefined: none of them. */
  find(account: AccountId, dialled: Dialled): Promise<FlowPlan | undefined>;
  /** Whether dialling this asks for the number of a conference: an access number of the server, or of the account. */
  isAccessNumber(account: AccountId, dialled: Dialled): Promise<boolean>;
  /** A stored flow (`fetch_flow`). */
  flow(account: AccountId, id: string): Promise<FlowPlan | undefined>;
}

/** A request of a flow to a server of its owner's. */
export interface WebRequest {
  readonly method: string;
  readonly uri: string;
  /** Content-Type of the body. */
  readonly type: string;
  readonly body: string;
}

/** Calls out over HTTP for flows. Rejects with a Failure what may not be called, is too slow, or answers too much. */
export interface Web {
  /** Gives the body of the answer. */
  request(account: AccountId, request: WebRequest): Promise<string>;
}

/** Keys that are pressed at a far end. */
export interface Keys {
  /** Resolves when the last one is up. */
  send(call: CallId, digits: string, times: { readonly durationMs: number; readonly intervalMs: number }): Promise<void>;
}
