import type { Alarm, Clock } from './clock.ts';

/** What one input does: the next state, and what the runner must carry out. */
export interface Step<State, Effect> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** The input that says: a deadline has come. */
export interface Time {
  readonly type: 'time';
}

/** A pure state machine. Time is an input; a deadline is an output; it never touches a clock or a socket. */
export interface Machine<State, Input, Effect> {
  /** Never throws, never logs; an input that does not fit leaves the state as it was. */
  step(state: State, input: Input | Time, now: number): Step<State, Effect>;
  /** When the runner must feed `time` next, if at all. */
  deadline(state: State): number | undefined;
}

/** Drives one machine with a real or a fake clock: one alarm, armed at the nearest deadline. */
export class Runner<State, Input, Effect> {
  #alarm: Alarm | undefined;
  #state: State;
  #closed = false;
  readonly #machine: Machine<State, Input, Effect>;
  readonly #clock: Clock;
  readonly #perform: (effect: Effect) => void;

  constructor(machine: Machine<State, Input, Effect>, initial: State, clock: Clock, perform: (effect: Effect) => void) {
    this.#machine = machine;
    this.#state = initial;
    this.#clock = clock;
    this.#perform = perform;
    this.#arm();
  }

  get state(): State {
    return this.#state;
  }

  feed(input: Input | Time): void {
    if (this.#closed) return;
    const { state, effects } = this.#machine.step(this.#state, input, this.#clock.now());
    this.#state = state;
    this.#arm();
    for (const effect of effects) this.#perform(effect);
  }

  /** Forgets the alarm; later inputs do nothing. */
  close(): void {
    this.#closed = true;
    this.#alarm?.cancel();
    this.#alarm = undefined;
  }

  #arm(): void {
    this.#alarm?.cancel();
    const at = this.#machine.deadline(this.#state);
    this.#alarm = at === undefined ? undefined : this.#clock.wake(at, () => this.feed({ type: 'time' }));
  }
}
