import type { AccountId } from '../../accounts/index.ts';
import { type Chance, type Clock, dashed, Failure, type Log, newId, Runner, undashed } from '../../base/index.ts';
import type { Refusal } from '../reasons.ts';
import type { Question } from './act.ts';
import type { PhoneCalls } from './phone-calls.ts';
import type { Action, FlowPlan, RunHook } from './plan.ts';
import { type Effect, type Input, newErrand, runMachine, type State } from './run.machine.ts';
import { askWorld, isOfWorld, type World } from './world.ts';

/** What an errand is about: nothing but a request, a call that is over, a recording, a transcription. */
export interface ErrandReference {
  readonly type: 'api' | 'call' | 'recording' | 'transcribe';
  /** 32 hex digits; empty: nothing. */
  readonly id: string;
}

/** Something that a flow does without a call. */
export interface ErrandWish {
  readonly account: AccountId;
  readonly plan: FlowPlan;
  readonly reference: ErrandReference;
  /** 32 hex digits; absent: a fresh one. */
  readonly id?: string;
  /** The run behind which it comes, 32 hex digits, and how many came one behind the other. */
  readonly behind?: { readonly run: string; readonly count: number };
}

/** An errand as it is shown. */
export interface Errand {
  /** 32 hex digits. */
  readonly id: string;
  readonly account: AccountId;
  readonly flow?: string;
  readonly onComplete?: string;
  readonly reference: ErrandReference;
  /** 32 hex digits; absent: none. */
  readonly behind?: string;
  /** Who is told of it. */
  readonly hook?: RunHook;
  readonly current?: Action;
  readonly executed: readonly Action[];
  /** Epoch ms. */
  readonly startedAt: number;
  readonly changedAt: number;
  readonly endedAt?: number;
}

/** What errands need. */
export interface ErrandsNeeds extends World {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** Absent: they call nobody. */
  readonly phones?: () => Pick<PhoneCalls, 'make'>;
}

interface Going {
  readonly wish: ErrandWish;
  readonly errand: Omit<Errand, 'current' | 'executed' | 'changedAt' | 'endedAt'>;
  readonly runner: Runner<State, Input, Effect>;
  changedAt: number;
  endedAt: number | undefined;
}

/** Told of every change of an errand: that it began, that it is over, that it is shown no more. */
export type ErrandTold = (errand: Errand, what: ErrandChange) => void;
export type ErrandChange = 'created' | 'ended' | 'removed';

/** Chained runs (voipbin-facts §4.3). */
const MOST_BEHIND = 5;
/** Of one account at once; and of all that are over, those that are remembered. */
const MOST_LIVE = 1000;
const MOST_ENDED = 2000;

/** Runs of flows that have no call: asked for by a request, or by what another run, a recording or a transcription ends with. */
export class Errands {
  readonly #needs: ErrandsNeeds;
  readonly #going = new Map<string, Going>();
  readonly #ended: string[] = [];
  readonly #followers = new Set<{ readonly account: AccountId | undefined; readonly take: ErrandTold }>();

  constructor(needs: ErrandsNeeds) {
    this.#needs = needs;
  }

  /** Newest first. */
  list(account: AccountId): readonly Errand[] {
    return [...this.#going.values()]
      .filter(({ wish }) => wish.account === account)
      .map(shown)
      .reverse();
  }

  find(account: AccountId, id: string): Errand | undefined {
    const found = this.#going.get(id);
    return found?.wish.account === account ? shown(found) : undefined;
  }

  follow(account: AccountId | undefined, take: ErrandTold): () => void {
    const follower = { account, take };
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }

  /** Refuses with conflict/errand_exists, limit/too_many_errands. */
  start(wish: ErrandWish): Errand {
    const { clock, chance } = this.#needs;
    const { account, plan, reference, behind } = wish;
    const id = wish.id ?? newId(chance, clock.epoch());
    if (this.#going.has(id)) throw new Failure('conflict', 'errand_exists', 'there is a run with this id already');
    const live = [...this.#going.values()].filter((each) => each.wish.account === account && each.endedAt === undefined);
    if (live.length >= MOST_LIVE)
      throw new Failure('limit', 'too_many_errands', `an account has at most ${MOST_LIVE} runs without a call at once`);
    const now = clock.epoch();
    const going: Going = {
      wish,
      errand: {
        ...{ id, account, reference, startedAt: now },
        ...(plan.flow === undefined ? {} : { flow: undashed(plan.flow) }),
        ...(plan.onComplete === undefined ? {} : { onComplete: plan.onComplete }),
        ...(behind === undefined ? {} : { behind: behind.run }),
        ...(plan.hook === undefined ? {} : { hook: plan.hook }),
      },
      runner: new Runner(
        runMachine(() => clock.epoch()),
        newErrand(plan, known(id, wish)),
        clock,
        (effect) => this.#perform(going, effect),
      ),
      changedAt: now,
      endedAt: undefined,
    };
    this.#going.set(id, going);
    this.#tell(going, 'created');
    going.runner.feed({ type: 'begun' });
    return shown(going);
  }

  /** A stored flow behind something that is over; that there is none any more is no reason to stop. */
  async after(
    wish: Omit<ErrandWish, 'plan' | 'id'> & { readonly flow: string; readonly variables?: FlowPlan['variables'] },
  ): Promise<void> {
    const { account, flow, variables = {}, reference, behind } = wish;
    if (behind !== undefined && behind.count > MOST_BEHIND) return;
    try {
      const plan = await this.#needs.numbers?.flow(account, flow);
      if (plan === undefined) throw new Failure('not-found', 'flow_not_found', 'there is no such flow');
      const all = { ...plan, variables: { ...variables, ...plan.variables } };
      this.start({ account, plan: all, reference, ...(behind === undefined ? {} : { behind }) });
    } catch (error) {
      this.#needs.log.info('a flow that was to come behind something was not run', { account, flow, error: String(error) });
    }
  }

  /** Once is as good as twice. Undefined: there is none. */
  stop(account: AccountId, id: string): Errand | undefined {
    const found = this.#going.get(id);
    if (found === undefined || found.wish.account !== account) return undefined;
    this.#over(found);
    return shown(found);
  }

  /** It is shown no more. */
  remove(account: AccountId, id: string): void {
    const found = this.#going.get(id);
    if (found === undefined || this.stop(account, id) === undefined) return;
    this.#going.delete(id);
    this.#tell(found, 'removed');
  }

  close(): void {
    for (const { runner } of this.#going.values()) runner.close();
    this.#going.clear();
    this.#followers.clear();
  }

  #perform(going: Going, effect: Effect): void {
    const { log } = this.#needs;
    const { account } = going.wish;
    switch (effect.do) {
      case 'hang-up':
        this.#over(going);
        return;
      case 'ask':
        void this.#ask(going, effect.ask, effect.question);
        return;
      case 'tell':
        void this.#answer(account, effect.question).catch((error: unknown) =>
          log.info('a flow could not tell', { account, error: String(error) }),
        );
        return;
      case 'call':
        void this.#call(account, effect).catch((error: unknown) => log.info('a flow could not call', { account, error: String(error) }));
        return;
      case 'note':
        log.info('an action was skipped', { account, action: effect.action, type: effect.type, words: effect.words });
        return;
      default:
    }
  }

  async #call(account: AccountId, { target, actions, callerId }: Extract<Effect, { do: 'call' }>): Promise<void> {
    await this.#needs.phones?.().make({ account, target, plan: { actions }, source: callerId });
  }

  async #ask(going: Going, ask: number, question: Question): Promise<void> {
    const { runner, wish } = going;
    try {
      runner.feed({ type: 'answer', ask, answer: await this.#answer(wish.account, question) });
    } catch (error) {
      const refusal: Refusal =
        error instanceof Failure ? { code: error.code, words: error.message } : { code: 'failed', words: 'an unexpected error' };
      if (!(error instanceof Failure)) this.#needs.log.error('a flow could not go on as it should', { error });
      runner.feed({ type: 'answer', ask, answer: { what: 'nothing', refusal } });
    }
  }

  async #answer(account: AccountId, question: Question) {
    if (!isOfWorld(question)) throw new Failure('conflict', 'call_not_up', 'there is no call for it');
    return askWorld(account, question, this.#needs);
  }

  /** The flow that comes behind it is given what it knew. */
  #over(going: Going): void {
    if (going.endedAt !== undefined) return;
    const { runner, wish, errand } = going;
    going.endedAt = this.#needs.clock.epoch();
    going.changedAt = going.endedAt;
    const { variables } = runner.state;
    runner.feed({ type: 'ended' });
    runner.close();
    this.#tell(going, 'ended');
    this.#ended.push(errand.id);
    while (this.#ended.length > MOST_ENDED) this.#going.delete(this.#ended.shift() ?? '');
    const { account, plan, reference, behind } = wish;
    if (plan.onComplete === undefined) return;
    void this.after({ account, flow: plan.onComplete, variables, reference, behind: { run: errand.id, count: (behind?.count ?? 0) + 1 } });
  }

  #tell(going: Going, what: ErrandChange): void {
    for (const { account, take } of this.#followers) if (account === undefined || account === going.wish.account) take(shown(going), what);
  }
}

/** What a run knows of itself (voipbin-facts §4.3). */
function known(id: string, { plan, reference, behind }: ErrandWish): Readonly<Record<string, string>> {
  const none = '00000000-0000-0000-0000-000000000000';
  return {
    'voipbin.activeflow.id': dashed(id),
    'voipbin.activeflow.flow_id': plan.flow ?? none,
    'voipbin.activeflow.reference_id': reference.id === '' ? none : dashed(reference.id),
    'voipbin.activeflow.reference_type': reference.type,
    'voipbin.activeflow.reference_activeflow_id': behind === undefined ? none : dashed(behind.run),
    'voipbin.activeflow.complete_count': String(behind?.count ?? 0),
  };
}

function shown({ errand, runner, changedAt, endedAt }: Going): Errand {
  const { state } = runner;
  const current = endedAt === undefined && state.at === 'acting' ? { current: state.doing.action } : {};
  return { ...errand, ...current, executed: state.executed, changedAt, ...(endedAt === undefined ? {} : { endedAt }) };
}
