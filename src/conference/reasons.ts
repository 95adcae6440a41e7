/** Why a call left. `restart`: the server went down under it. */
export type LeaveReason = 'hung-up' | 'kicked' | 'conference-deleted' | 'media-lost' | 'refused' | 'failed' | 'shutdown' | 'restart';

/** Why a call that was let in could not be answered. */
export interface Refusal {
  /** A code of `docs/errors.md`. */
  readonly code: string;
  /** The same for people. */
  readonly words: string;
}
