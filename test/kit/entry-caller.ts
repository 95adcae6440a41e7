import { entryMachine, newEntry, type State } from '../../src/conference/entry/entry.machine.ts';
import type { EntryPlan, Recognised } from '../../src/conference/entry/entry-plan.ts';
import type { Effect, Input } from '../../src/conference/entry/entry-values.ts';
import type { Role } from '../../src/conference/index.ts';

/** A plan without anything asked. */
export const openPlan = (more: Partial<EntryPlan> = {}): EntryPlan => ({
  conference: 'c1' as EntryPlan['conference'],
  language: 'en-us',
  role: 'member',
  joinExisting: false,
  ...more,
});

/** Somebody who is asked: gives inputs, lets time pass, remembers what was done and when. */
export class EntryCaller {
  now = 0;
  state: State = newEntry;
  readonly done: (Effect & { readonly at: number })[] = [];

  give(input: Input): this {
    this.#step(input);
    return this;
  }

  /** Presses keys. */
  press(digits: string): this {
    for (const digit of digits) this.#step({ type: 'digit', digit });
    return this;
  }

  /** Lets so many ms pass; deadlines strike on the way. */
  pass(ms: number): this {
    const end = this.now + ms;
    for (;;) {
      const at = entryMachine.deadline(this.state);
      if (at === undefined || at > end) break;
      this.now = Math.max(this.now, at);
      this.#step({ type: 'time' });
    }
    this.now = end;
    return this;
  }

  judged(as?: Role | Recognised, delay = 0): this {
    const who = typeof as === 'string' ? { role: as } : as;
    return this.give({ type: 'judged', delay, ...(who === undefined ? {} : { as: who }) });
  }

  /** What was done last of this sort. */
  last<Do extends Effect['do']>(what: Do): (Extract<Effect, { do: Do }> & { readonly at: number }) | undefined {
    return this.done.findLast((each) => each.do === what) as (Extract<Effect, { do: Do }> & { readonly at: number }) | undefined;
  }

  /** The names of the prompts that were said last. */
  get heard(): readonly string[] {
    return (this.last('say')?.sources ?? []).map((each) =>
      typeof each === 'string' ? each.replace(/^prompt:\/\/system_media\/(.*)\/.*$/, '$1') : each.say,
    );
  }

  #step(input: Input | { readonly type: 'time' }): void {
    const { state, effects } = entryMachine.step(this.state, input, this.now);
    this.state = state;
    this.done.push(...effects.map((each) => ({ ...each, at: this.now })));
  }
}
