// What is said on `/api/join`, as docs/join.md has it. Unknown fields are passed over, unknown frames too.

export type Role = 'member' | 'moderator';

export interface IceServer {
  readonly urls: string[];
  readonly username?: string;
  readonly credential?: string;
}

/** `GET /api/invitations/{code}`. */
export interface Invitation {
  readonly conference: { readonly name: string };
  readonly name: string;
  readonly role: Role;
  readonly language: string;
  readonly pin: boolean;
  readonly records_name: boolean;
  readonly starts_at?: string;
  readonly ends_at?: string;
  readonly time_zone?: string;
  readonly numbers: readonly string[];
  readonly ice_servers: readonly IceServer[];
}

export interface Person {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly role: Role;
  readonly kind: 'phone' | 'browser' | 'program';
  readonly talking: boolean;
  readonly muted: boolean;
  readonly deaf: boolean;
  readonly hand: boolean;
  readonly hand_raised_at?: string;
}

export interface Conference {
  readonly name: string;
  readonly language: string;
  readonly locked: boolean;
  readonly recording: boolean;
  readonly transcribing: boolean;
  readonly members_muted: boolean;
  readonly waits_for_moderator: boolean;
  readonly ends_at: string | null;
}

export type MuteReason = 'self' | 'moderator' | 'room' | 'hold';
export type Waiting = 'welcome' | 'name' | 'checking' | 'admission';

/** The own state, as the server has it. */
export interface Self {
  readonly role: Role;
  readonly muted: boolean;
  readonly mute_reasons: readonly MuteReason[];
  readonly can_unmute: boolean;
  readonly deaf: boolean;
  readonly hand: boolean;
  /** Whether he agrees to be recorded; absent: he was never asked. */
  readonly consent?: 'asked' | 'given' | 'refused';
}

export interface Caption {
  readonly who: string | null;
  readonly name: string;
  readonly text: string;
  readonly final: boolean;
  readonly language: string;
}

/** Somebody who waits to be let in; told to moderators alone. */
export interface Caller {
  readonly id: string;
  readonly name: string;
  readonly since: string;
}

/** What a moderator does: to a person, to a caller, or to the conference. */
export type ModeratorAct = 'mute' | 'unmute' | 'lower_hand' | 'remove' | 'admit' | 'deny' | 'lock' | 'unlock' | 'mute_all' | 'unmute_all';

export type FromServer =
  | { readonly type: 'answer'; readonly sdp: string; readonly resume: string; readonly ice_servers: readonly IceServer[] }
  | { readonly type: 'pin'; readonly wrong: boolean }
  | { readonly type: 'waiting'; readonly why: Waiting }
  | { readonly type: 'joined'; readonly participant: string; readonly role: Role; readonly conference: Conference }
  | { readonly type: 'people'; readonly people: readonly Person[] }
  | { readonly type: 'person'; readonly person: Person }
  | { readonly type: 'left'; readonly id: string }
  | { readonly type: 'callers'; readonly callers: readonly Caller[] }
  | ({ readonly type: 'self' } & Self)
  | { readonly type: 'conference'; readonly conference: Conference }
  | ({ readonly type: 'caption' } & Caption)
  | { readonly type: 'ended'; readonly cause: string; readonly text: string }
  | {
      readonly type: 'problem';
      readonly title: string;
      readonly detail: string;
      readonly status: number;
      readonly code: string;
      /** Of `resume_over`: the server was started anew. */
      readonly restarted?: boolean;
    }
  | { readonly type: 'pong' };

export type ToServer =
  | {
      readonly type: 'join';
      readonly code: string;
      readonly sdp: string;
      readonly name?: string;
      readonly pin?: string;
      readonly resume?: string;
      /** Of a call that is over: he is no further guest of his invitation. */
      readonly back?: string;
    }
  | { readonly type: 'offer'; readonly sdp: string }
  | { readonly type: 'pin'; readonly pin: string }
  | { readonly type: 'key'; readonly key: string }
  | { readonly type: 'mute'; readonly muted: boolean }
  | { readonly type: 'deaf'; readonly deaf: boolean }
  | { readonly type: 'hand'; readonly raised: boolean }
  | { readonly type: 'moderate'; readonly act: ModeratorAct; readonly who?: string }
  | { readonly type: 'leave' }
  | { readonly type: 'ping' };
