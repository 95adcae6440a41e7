import type { Answer, SipRequest, SipResponse } from '../sip/index.ts';
import type { Flow } from './flow.ts';

/** One request that waits for our answers. */
export interface ServerTransaction {
  /** As it came, with the Via stamped. */
  readonly request: SipRequest;
  readonly flow: Flow;
  /** The To tag of our answers. */
  readonly tag: string;
  /** A final answer is out. */
  readonly answered: () => boolean;
  /** Its status; undefined before. */
  readonly final: () => number | undefined;
  /** Sends an answer; after a final one the rest is silence. `Server` and the To tag are added. */
  readonly respond: (status: number, answer?: Answer) => SipResponse;
  /** A 2xx of an INVITE again. */
  readonly again: (response: SipResponse) => void;
}

/** Who listens to all answers to a request of ours: `final` as below, and `provisional` 1xx of any. */
export interface Listening {
  readonly final: (answer: FinalAnswer) => void;
  readonly provisional: (answer: SipResponse) => void;
}

/** The final answer to a request of ours; undefined when none came. */
export type FinalAnswer = SipResponse | undefined;
