import type { Json, JsonObject } from '../../src/base/index.ts';
import type { Answer, RunInput } from '../../src/conference/flow/act.ts';
import { readActions } from '../../src/conference/flow/read-actions.ts';
import { type Effect, newRun, runMachine, type State } from '../../src/conference/flow/run.machine.ts';
import type { Call } from '../../src/conference/index.ts';

const call: Call = {
  id: '1'.repeat(32) as Call['id'],
  leg: '1'.repeat(32) as Call['leg'],
  sipCallId: 'a@b',
  direction: 'inbound',
  callerName: 'Ann',
  callerNumber: '+4930123',
  channelVars: {},
};

/** A variable, as options name it. */
export const of = (name: string): string => `\${${name}}`;

/** 2026-11-21 22:30 UTC, a Saturday. */
const EPOCH = Date.UTC(2026, 10, 21, 22, 30);

/** A run with a clock of its own that remembers what it wanted. */
export class Drive {
  readonly machine = runMachine(() => EPOCH + this.now);
  state: State;
  now = 0;
  effects: Effect[] = [];

  constructor(actions: readonly Json[], variables: Readonly<Record<string, string>> = {}) {
    this.state = newRun({ actions: readActions(actions, 'a'), variables }, call, { run: 'run', dialled: '1000' });
  }

  /** Begins; unless told otherwise the call is answered as soon as that is wanted. */
  begin({ answered = true } = {}): this {
    this.feed({ type: 'begun' });
    if (answered && this.state.at === 'answering') this.feed({ type: 'answered' });
    return this;
  }

  feed(input: RunInput): this {
    const { state, effects } = this.machine.step(this.state, input, this.now);
    this.state = state;
    this.effects.push(...effects);
    return this;
  }

  press(digits: string): this {
    for (const digit of digits) this.feed({ type: 'digit', digit });
    return this;
  }

  /** Lets time pass, waking the machine when it wants to be. */
  pass(ms: number): this {
    const until = this.now + ms;
    for (;;) {
      const at = this.machine.deadline(this.state);
      if (at === undefined || at > until) break;
      this.now = Math.max(this.now, at);
      const { state, effects } = this.machine.step(this.state, { type: 'time' }, this.now);
      this.state = state;
      this.effects.push(...effects);
    }
    this.now = until;
    return this;
  }

  /** What was wanted since the last look; what is for the log alone is left out. */
  wanted(): Effect[] {
    const wanted = this.effects.filter((each) => each.do !== 'note');
    this.effects = [];
    return wanted;
  }

  /** The play that was asked for last has ended. */
  played(reason: 'finished' | 'failed' = 'finished'): this {
    const play = this.effects.findLast((each) => each.do === 'play')?.play ?? 0;
    return this.feed({ type: 'played', play, reason });
  }

  answer(answer: Answer | { readonly what: 'nothing'; readonly refusal: { readonly code: string; readonly words: string } }): this {
    const ask = this.effects.findLast((each) => each.do === 'ask')?.ask ?? 0;
    return this.feed({ type: 'answer', ask, answer });
  }

  get variable(): Readonly<Record<string, string>> {
    return this.state.variables;
  }

  /** What is said, by the texts of `talk`. */
  said(): string[] {
    return this.effects.flatMap((each) =>
      each.do === 'play' ? each.sources.map((source) => (typeof source === 'string' ? source : source.say)) : [],
    );
  }
}

/** A run that has begun, on a call that is answered as soon as that is wanted. */
export const run = (...actions: readonly Json[]): Drive => new Drive(actions).begin();
/** Says a text. */
export const talk = (text: string, more: JsonObject = {}): JsonObject => ({ type: 'talk', option: { text }, ...more });
/** The last that a run wants. */
export const END: Effect = { do: 'hang-up', reason: 'flow-ended' };
