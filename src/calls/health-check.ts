import type { FinalAnswer } from './server-transaction.ts';

/** What a check needs of its call. */
export interface HealthNeeds {
  readonly now: () => number;
  /** Asks the far end for nothing but a sign of life: OPTIONS in its dialog (RFC 3261 §11). */
  readonly ask: (done: (answer: FinalAnswer) => void) => void;
  /** The far end is dead, or knows nothing of the call any more. */
  readonly lost: () => void;
}

/** A question is given at least so long, ms: over UDP it is sent three times by then (RFC 3261 §17.1.2.2, T1). */
const PATIENCE = 1500;

/**
 * Whether a telephone of which nothing comes is still there. It has no alarm: the engine tells that nothing comes, and tells it again when that lasts; who
 * has not answered by then is gone. One that suppresses silence answers, and is asked again as long as it is silent.
 */
export class HealthCheck {
  readonly #needs: HealthNeeds;
  /** The question that was not answered yet, and when it was asked. */
  #asked: { readonly at: number } | undefined;

  constructor(needs: HealthNeeds) {
    this.#needs = needs;
  }

  /** Nothing has come for so long, ms. */
  quiet(silentMs: number): void {
    const now = this.#needs.now();
    // A silence that began after the question is another one: something came in between.
    if (this.#asked === undefined || now - silentMs > this.#asked.at) this.#ask({ at: now });
    else if (now - this.#asked.at >= PATIENCE) this.#needs.lost();
  }

  #ask(question: { readonly at: number }): void {
    this.#asked = question;
    this.#needs.ask((answer) => {
      // RFC 3261 §12.2.1.2: whoever knows no such dialog has none. Whoever cannot be reached may yet be heard.
      if (answer?.status === 481) this.#needs.lost();
      else if (answer !== undefined && answer.status !== 408 && this.#asked === question) this.#asked = undefined;
    });
  }
}
