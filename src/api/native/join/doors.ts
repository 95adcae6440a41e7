import type { AccountId } from '../../../accounts/index.ts';
import type { Bus } from '../../../bus/index.ts';
import type { CallId, ConferenceId, EntryStage, Invited, LeaveReason, Place } from '../../../conference/index.ts';

/** What the call of a browser tells its page. */
export interface JoinedPage {
  answered(sdp: string): void;
  connected(): void;
  stage(stage: EntryStage): void;
  brought(place: Place): void;
  ended(end: { readonly reason: LeaveReason; readonly why?: { readonly code: string; readonly words: string } }): void;
}

/** The call of a browser. */
export interface JoinedCall {
  readonly id: CallId;
  /** A new offer: the answer. Refuses with invalid/bad_offer, conflict/call_not_up. */
  offer(sdp: string): string;
  press(key: string): void;
  leave(): void;
}

/** Who takes browsers that join without SIP. */
export interface BrowserDoors {
  join(wish: {
    readonly account: AccountId;
    readonly conference: ConferenceId;
    readonly invited: Invited;
    readonly address: string;
    readonly offer: string;
    readonly page: JoinedPage;
  }): Promise<JoinedCall>;
  /** By what number the guest of an invitation is known. */
  guestNumber(invitation: string): string;
}

/** What is needed where browsers join. */
export interface JoinOptions {
  readonly browsers: BrowserDoors;
  readonly follow: Bus['follow'];
}
