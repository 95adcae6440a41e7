import type { AccountId, DeviceId } from '../accounts/index.ts';
import type { JsonObject } from '../base/index.ts';
import type { Call, CallId, ConferenceId, LegId, Role } from './conference.ts';
import type { DialFlags } from './dial-flags.ts';
import type { Refusal } from './reasons.ts';

/** One way to reach whom a target means. */
export type DialWay =
  /** Everything that a device has registered. */
  | { readonly by: 'device'; readonly device: DeviceId }
  /** A SIP URI; with what its far end may ask for. The password is kept nowhere. */
  | { readonly by: 'uri'; readonly uri: string; readonly username?: string; readonly password?: string; readonly media?: JsonObject }
  /** A number out through the account's trunks, as it was dialled. */
  | { readonly by: 'trunk'; readonly number: string }
  /** A number that something inside of the account answers: a callflow, a conference. */
  | { readonly by: 'inside'; readonly number: string };

/** Whom a call of ours goes to. All ways ring together; the first that answers has the call, the others are cancelled. */
export interface DialTarget {
  /** As it was asked for: a number, a URI, an id. */
  readonly dialled: string;
  readonly ways: readonly DialWay[];
  /** How long it may ring, in seconds. Default 20. */
  readonly timeoutSeconds?: number;
  /** The Replaces header of the INVITE (RFC 3891): the call takes the place of another one at the far end. */
  readonly replaces?: string;
  /** Who is said to call; left out: the server's, the device's or the trunk's own. */
  readonly callerId?: CallerId;
}

/** Who is said to call. */
export interface CallerId {
  readonly name?: string;
  readonly number?: string;
  readonly hidden?: boolean;
  /** The number that was dialled before the call was sent on; only trunks that are trusted hear it (RFC 5806). */
  readonly diverted?: string;
  /** What another network said of its check of the number (ATIS-1000074); likewise. */
  readonly verstat?: string;
}

/** A call that is to be made, as `Telephony.dial` gets it. */
export interface DialRequest {
  readonly account: AccountId;
  /** A conference, or a lobby. Its commands `call.answered` and `call.ended` tell what becomes of the call. */
  readonly place: ConferenceId;
  /** Of direction `outbound`; its `sipCallId` is the Call-ID of the INVITE (with `-2` and so on where several ring). */
  readonly call: Call;
  readonly target: DialTarget;
  /** ms per packet that the conference wants on its legs. */
  readonly interval?: number;
}

/** Whom an endpoint means: a string (device or user id, number, SIP URI) or an inline KAZOO device document. */
export type DialEndpoint = string | JsonObject;

/** What is said of a dial as a whole. */
export interface DialOrder {
  readonly account: AccountId;
  readonly conference: ConferenceId;
  readonly endpoints: readonly DialEndpoint[];
  readonly role?: Role;
  readonly flags?: DialFlags;
  readonly callerId?: NonNullable<DialTarget['callerId']>;
  readonly timeoutSeconds?: number;
  /** The Call-ID of the leg; `-2`, `-3` … is appended where a live leg has it or several endpoints share it. */
  readonly outboundCallId?: string;
  /** As `DialTarget.replaces`. */
  readonly replaces?: string;
  /** The media thread of this live call is to mix the room, where it can be chosen; unknown ones are ignored. */
  readonly targetCallId?: string;
  /** KAZOO's `custom_application_vars`: go with the call into its `channelVars`. */
  readonly vars?: Readonly<Record<string, string>>;
  /** The document of the ad-hoc room that this opens where there is neither document nor room; absent: not-found/conference_not_found. */
  readonly adHoc?: JsonObject;
}

/** What became of one endpoint. */
export interface DialOutcome {
  /** The text of the request; of an inline device its id. */
  readonly endpoint: string;
  readonly jobId: string;
  /** The SIP Call-ID of the leg; absent: none was made. */
  readonly callId?: string;
  readonly call?: CallId;
  /** Absent: he is in. */
  readonly refusal?: Refusal;
}

/** An endpoint that names nobody who can be called; `index` counts from 1 (kazoo-facts §10.3). */
export interface BadEndpoint {
  readonly index: number;
  readonly endpoint: string;
  readonly why: 'enum' | 'not_found' | 'minItems';
}

/** What an endpoint came to. */
export type Resolved =
  | { readonly endpoint: string; readonly name: string; readonly target: DialTarget; readonly vars: Readonly<Record<string, string>> }
  | { readonly endpoint: string; readonly refusal: Refusal; readonly why?: BadEndpoint['why'] };

/** The call to somebody who was found; its leg has its name. */
export const outboundCall = (id: CallId, to: Pick<Call, 'callerName' | 'callerNumber' | 'channelVars'> & Partial<Call>): Call => ({
  id,
  leg: id as string as LegId,
  sipCallId: id,
  direction: 'outbound',
  ...to,
});

/** Finds whom endpoints mean, asks the account's dialling rules, and calls. Built by `calls`. */
export interface Dialling {
  /** Whom an endpoint means. Reads devices, registrations, our own numbers and trunks; judges by the account's rules (the refusal's words name the rule). */
  resolve(
    account: AccountId,
    endpoint: DialEndpoint,
    wish?: Pick<DialOrder, 'callerId' | 'timeoutSeconds' | 'replaces'> & { readonly notInto?: ConferenceId },
  ): Promise<Resolved>;
  /**
   * Calls everybody; resolves when each is in or has failed, at latest when the last timeout has passed. Refuses with invalid/no_endpoint (details
   * {endpoints: BadEndpoint[]}) when nothing resolves, denied/dialling_denied, limit/dial_limit, not-found/conference_not_found.
   */
  dial(order: DialOrder): Promise<readonly DialOutcome[]>;
}
