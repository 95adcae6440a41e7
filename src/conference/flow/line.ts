import type { AccountId } from '../../accounts/index.ts';
import type { Call } from '../conference.ts';

/** How a call sounds to us, and how its packets come. */
export interface HeardLine {
  /** RFC 3551's name of what it sends; absent: nothing is known of it. */
  readonly codec?: string;
  /** dBFS of the effective value while he spoke; absent: nothing was heard. */
  readonly level?: number;
  /** So much of what he said, 0 … 1, was as loud as can be: it is distorted. */
  readonly clipped: number;
  /** Per cent of the packets since the call began; absent: none came. */
  readonly loss?: number;
  readonly encrypted: boolean;
}

/** Listens to calls. Rejects when it cannot. */
export interface Line {
  /** To a call in its lobby that is among the sources there, for so many ms. */
  listen(account: AccountId, call: Call, ms: number): Promise<HeardLine>;
}
