import type { AccountId } from '../../accounts/index.ts';
import type { JsonObject } from '../../base/index.ts';
import type { CallId, ConferenceId } from '../ids.ts';
import type { FlowPlan } from './plan.ts';

/** Who asks what a dialled user part means. */
export interface Dialled {
  readonly dialled: string;
  /** The host of the request URI, in lower case. */
  readonly domain?: string;
}

/** What an account has put on what can be dialled. Outer rooms implement it; what is absent was never put there. */
export interface Numbers {
  /** Extension or device, callflow number, VoIPBIN number, in this order (rulings "Whose call is it"); undefined: none of them. */
  find(account: AccountId, dialled: Dialled): Promise<FlowPlan | undefined>;
  /** Dialling one of these of the account asks for the conference number. */
  accessNumbers(account: AccountId): Promise<readonly string[]>;
  /** A stored flow (`fetch_flow`). */
  flow(account: AccountId, id: string): Promise<FlowPlan | undefined>;
}

/** Calls out over HTTP for actions. Never throws but with a Failure. */
export interface Web {
  /** Gives the body as text; refuses what is too long, too slow, or may not be called. */
  request(
    account: AccountId,
    request: { readonly method: string; readonly uri: string; readonly type: string; readonly body: string },
  ): Promise<string>;
}

/** How the leg of a lobby is treated, as the engine does it. */
export interface LobbySound {
  /** He hears himself. */
  echo(account: AccountId, lobby: ConferenceId, call: CallId, on: boolean): void;
  /** Plays keys to his telephone. Resolves when the last one is played. */
  sendDigits(call: CallId, digits: string, times: { readonly durationMs: number; readonly intervalMs: number }): Promise<void>;
}

/** What is told of a flow's run. */
export interface RunReport {
  readonly account: AccountId;
  readonly call: CallId;
  readonly run: string;
  readonly event: 'began' | 'action' | 'ended';
  readonly action?: JsonObject;
}
