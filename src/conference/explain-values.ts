import type { TracedHappening } from './call-trace.ts';
import type { Participant, Role } from './conference.ts';

/** What may keep somebody from being heard, or from hearing. */
export type FindingCode =
  | 'waiting'
  | 'lobby'
  | 'muted_by_self'
  | 'muted_by_moderator'
  | 'muted_by_room'
  | 'muted_by_hold'
  | 'deaf'
  | 'relation_mute'
  | 'relation_deaf'
  | 'alone'
  | 'no_rtp'
  | 'wrong_address'
  | 'wrong_payload'
  | 'not_decrypted'
  | 'malformed'
  | 'one_way'
  | 'not_sending'
  | 'not_receiving'
  | 'silent_mic'
  | 'comfort_noise_only'
  | 'codec_mismatch'
  | 'loss'
  | 'late_packets'
  | 'jitter'
  | 'delay'
  | 'quiet'
  | 'ice_failed'
  | 'dtls_failed'
  | 'program_direction'
  | 'healthy'
  | 'unknown';

/** How much a finding explains: silence, by itself; harm; something worth knowing; that nothing is wrong. */
export type Severity = 'cause' | 'warning' | 'hint' | 'fine';

/** What is so, and what to do about it. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** What is harmed: that others hear him, or that he hears them. */
  readonly direction: 'speaks' | 'hears' | 'both';
  readonly text: string;
  readonly advice: string;
  /** Whom it concerns; absent: everybody. */
  readonly others?: readonly Participant[];
}

/** What is known of the sound of a leg. */
export interface LegFacts {
  readonly codec: string | null;
  readonly direction: string | null;
  readonly isBrowser: boolean;
  readonly packetsIn: number;
  readonly packetsOut: number;
  /** Just now; undefined: not known. */
  readonly perSecondIn?: number;
  readonly perSecondOut?: number;
  readonly lost: number;
  readonly late: number;
  /** ms. */
  readonly jitter: number | null;
  readonly roundTrip: number | null;
}

/** What an explanation is made of. */
export interface ExplainNeeds {
  /** Undefined: he waits to be admitted. */
  readonly participant: Participant | undefined;
  readonly role: Role;
  /** The others in the room. */
  readonly others: readonly Participant[];
  /** Who of them hears him, and whom he hears, by mutes, deafness and relations. */
  readonly heardBy: readonly Participant[];
  readonly hears: readonly Participant[];
  readonly energy: number | undefined;
  readonly talking: boolean;
  /** Undefined: nothing is known of it, or it is a program. */
  readonly leg: LegFacts | undefined;
  readonly happenings: readonly TracedHappening[];
  /** Of a program: which way its sound goes. */
  readonly stream: 'in' | 'out' | 'both' | undefined;
}
