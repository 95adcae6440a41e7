import type { Clock, Log } from '../base/index.ts';
import type { Execute, MediaDocuments } from '../conference/index.ts';
import type { Fetch } from '../fetch/index.ts';
import type { Engine } from '../media/index.ts';

/** How a text is spoken. */
export interface SayHow {
  readonly language?: string;
  readonly voice?: string;
}

/** Sound in one piece. */
export interface Said {
  readonly rate: number;
  readonly samples: Int16Array;
}

/** A text as sound. Rejects with a Failure what cannot be spoken. */
export type Say = (text: string, how: SayHow) => Promise<Said>;

/** The same sentence by sentence, so that a long text begins at once. */
export interface Sayings {
  /** Rejects what could never be spoken. */
  check(text: string, how: SayHow): Promise<void>;
  /** Every piece has the same rate. */
  sentences(text: string, how: SayHow): AsyncIterable<Said>;
}

/** What the player needs. */
export interface PlayerOptions {
  readonly engine: Pick<Engine, 'feed'>;
  readonly execute: Execute;
  readonly clock: Clock;
  readonly log: Log;
  readonly documents: MediaDocuments;
  /** The folder of uploaded sounds. */
  readonly folder: string;
  /** The folder of prompts (`docs/playing.md` says how it is laid out). */
  readonly prompts: string;
  /** The folder of the prompts that come with the server, laid out alike; absent: there are none. */
  readonly shipped?: string;
  readonly fetch: Pick<Fetch, 'stream' | 'refuses'>;
  /** Who speaks texts, at once or by sentences, which come first; both absent: no text can be spoken. */
  readonly say?: Say;
  readonly sayings?: Sayings;
  /** Bytes of decoded sound that are kept for the next time. Default 64 000 000. */
  readonly keepBytes?: number;
  /** Longest answer of a URL that is played, bytes. Default 200 000 000: three hours of MP3 at 128 kbit/s. */
  readonly maxUrlBytes?: number;
}

/** How the player is doing. */
export interface PlayerCounts {
  readonly playing: number;
  /** Bytes of decoded sound in memory. */
  readonly keptBytes: number;
  readonly finished: number;
  readonly failed: number;
}
