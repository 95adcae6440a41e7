import type { AccountId } from '../accounts/index.ts';
import type { Erased, Erasing, Forgetting, Forgotten, Keeping } from '../conference/index.ts';
import { eraseCdrs, eraseDeliveries, eraseFacts, liveCalls } from './erasing.ts';
import { accountAfter, forgetCdrs, forgetDeliveries, forgetFacts, forgetOwnFacts, START, type Step } from './forgetting.ts';
import { checkErasing } from './refusals.ts';
import { eraseTranscripts, forgetTranscripts } from './transcripts.ts';
import type { Engine, Work } from './work.ts';

/** A round of steps, each a transaction of its own: how much was done, from one place to the next. */
interface Round<Place> {
  readonly from: Place;
  readonly step: (place: Place) => Work<{ readonly done: number; readonly next?: Place | undefined }>;
}

type Accounted = 'journal' | 'cdrs' | 'webhook_deliveries' | 'transcripts';

/** Forgets and erases in tables, in steps, so that others come in between. */
export class TableKeeping implements Keeping {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async forget(what: Forgetting, limit: number): Promise<Forgotten> {
    const { account, factsBefore = 0, cdrsBefore = 0, deliveriesBefore = 0, transcriptsBefore = 0 } = what;
    const step = (of: AccountId, before: number): Step => ({ account: of, before, limit });
    const facts = await this.#each('journal', factsBefore, account, (of) => this.#facts(step(of, factsBefore), forgetFacts));
    // The journal's copy of a record goes with the record at the latest.
    const ownBefore = Math.max(factsBefore, cdrsBefore);
    const own = await this.#each('journal', ownBefore, account, (of) => this.#facts(step(of, ownBefore), forgetOwnFacts));
    const cdrs = await this.#each('cdrs', cdrsBefore, account, (of) => this.#untilNone(() => forgetCdrs(step(of, cdrsBefore))));
    const deliveries = await this.#each('webhook_deliveries', deliveriesBefore, account, (of) =>
      this.#messages(step(of, deliveriesBefore)),
    );
    const transcripts = await this.#each('transcripts', transcriptsBefore, account, (of) =>
      this.#untilNone(() => forgetTranscripts(step(of, transcriptsBefore))),
    );
    return { facts: facts + own, cdrs, deliveries, ...(transcripts === 0 ? {} : { transcripts }) };
  }

  async erase(whose: Erasing): Promise<Erased> {
    checkErasing(whose.number);
    let deliveries = 0;
    // In this order: what is pending may be delivered meanwhile.
    for (const state of ['pending', 'delivered', 'dead']) {
      deliveries += await this.#round({
        from: { position: 0, id: '' },
        step: function* (place) {
          const { erased, next } = yield* eraseDeliveries({ ...whose, state }, place);
          return { done: erased, next };
        },
      });
    }
    const facts = await this.#round({
      from: 0,
      step: function* (after) {
        const { erased, next } = yield* eraseFacts(whose, after);
        return { done: erased, next };
      },
    });
    const cdrs = await this.#untilNone(() => eraseCdrs(whose));
    const transcripts = await this.#untilNone(() => eraseTranscripts(whose));
    if (facts + cdrs + deliveries + transcripts > 0) await this.#engine.wipe?.();
    return {
      facts,
      cdrs,
      deliveries,
      ...(transcripts === 0 ? {} : { transcripts }),
      live: await this.#engine.read(() => liveCalls(whose)),
    };
  }

  #facts(step: Step, forget: typeof forgetFacts): Promise<number> {
    return this.#round({
      from: START,
      step: function* (place) {
        const { forgotten, next } = yield* forget(step, place);
        return { done: forgotten, next };
      },
    });
  }

  async #messages(step: Step): Promise<number> {
    let sum = 0;
    for (const state of ['delivered', 'dead']) {
      sum += await this.#round({
        from: { position: 0, id: '' },
        step: function* (place) {
          const { forgotten, next } = yield* forgetDeliveries({ ...step, state }, place);
          return { done: forgotten, next };
        },
      });
    }
    return sum;
  }

  /** Does it for the account that is meant, or for every account that has rows in the table; nothing when nothing is old enough. */
  async #each(
    table: Accounted,
    before: number,
    meant: AccountId | undefined,
    forget: (account: AccountId) => Promise<number>,
  ): Promise<number> {
    if (before <= 0) return 0;
    if (meant !== undefined) return forget(meant);
    let sum = 0;
    for (let account = await this.#after(table, ''); account !== undefined; account = await this.#after(table, account)) {
      sum += await forget(account);
    }
    return sum;
  }

  #after(table: Accounted, account: string): Promise<AccountId | undefined> {
    return this.#engine.read(() => accountAfter(table, account));
  }

  async #round<Place>({ from, step }: Round<Place>): Promise<number> {
    let sum = 0;
    for (let place: Place | undefined = from; place !== undefined; ) {
      const at: Place = place;
      const { done, next } = await this.#engine.write(() => step(at));
      sum += done;
      place = next;
    }
    return sum;
  }

  async #untilNone(step: () => Work<number>): Promise<number> {
    let sum = 0;
    for (let done = await this.#engine.write(step); done > 0; done = await this.#engine.write(step)) sum += done;
    return sum;
  }
}
