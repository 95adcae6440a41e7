/**
 * Why a call left. `restart`: the server went down under it; `denied`: a moderator did not admit him; `no-moderator`: the last one had left, or none came;
 * `time-up`: the conference lasts no longer; `flow-ended`: its flow had nothing more for it to do;
 * `transferred`: it was sent elsewhere; `no-consent`: he did not agree to be recorded.
 */
export type LeaveReason =
  | 'hung-up'
  | 'denied'
  | 'no-moderator'
  | 'no-consent'
  | 'time-up'
  | 'flow-ended'
  | 'transferred'
  | 'kicked'
  | 'conference-deleted'
  | 'media-lost'
  | 'refused'
  | 'failed'
  | 'shutdown'
  | 'restart';

/** Why a call that was let in could not be answered. */
export interface Refusal {
  /** A code of `docs/errors.md`. */
  readonly code: string;
  /** The same for people. */
  readonly words: string;
  /** The SIP status that a far end gave, or that tells the same. */
  readonly status?: number;
}
