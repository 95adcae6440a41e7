import { type Clock, Runner } from '../../base/index.ts';
import type { Input as CommandInput, Execute } from '../commands.ts';
import type { Conference, Participant } from '../conference.ts';
import type { CallId } from '../ids.ts';
import type { Media } from '../ports.ts';
import { consentTo } from '../rules/presence.ts';
import { people, speaking } from '../rules/which.ts';
import { keypadOf } from './controls.ts';
import { type Effect, type Input, idle, type State, sequence } from './sequence.machine.ts';

/** What keys are followed with. */
export interface KeypadsOptions {
  readonly clock: Clock;
  readonly execute: Execute;
  readonly media: Pick<Media, 'sendDigits'>;
}

/** What a key has set going. */
export interface Going {
  readonly done: Promise<unknown>;
}

/** He is asked whether he agrees to be recorded, and says: nobody else can say it for him, whatever his other keys are for. */
const answers = (conference: Conference, one: Participant, digit: string): boolean =>
  consentTo(conference.room?.recording, one)?.state === 'asked' && (digit === '1' || digit === '2');

/** The keys that were pressed and are no action yet, of everybody. In memory only: nobody is to read them. */
export class Keypads {
  readonly #options: KeypadsOptions;
  /** By account, conference and call; nobody who has pressed nothing is in it. */
  readonly #pressers = new Map<string, Runner<State, Input, Effect>>();

  /** What the newest key has set going. */
  #going: Promise<unknown>[] = [];

  constructor(options: KeypadsOptions) {
    this.#options = options;
  }

  /** Somebody in a conference pressed a key. Of nobody: nothing happens. */
  press(conference: Conference, { call, digit }: Pick<CommandInput<'call.digit'>, 'call' | 'digit'>): Going {
    const one = speaking(conference, call);
    if (one === undefined || one.call.stream !== undefined) return { done: Promise.resolve() };
    if (one.flags?.distributesDigits === true && !answers(conference, one, digit)) {
      // His keys are for machines at the other ends: they steer nothing here (so does mod_conference's dist-dtmf).
      for (const other of people(conference)) {
        if (other !== one && other.call.stream === undefined) this.#options.media.sendDigits?.(other.call.leg, digit);
      }
      return { done: Promise.resolve() };
    }
    this.#going = [];
    this.#runnerOf(conference, call).feed({ type: 'digit', digit, map: keypadOf(conference, one.role, one) });
    return { done: Promise.all(this.#going) };
  }

  /** Forgets them all. */
  close(): void {
    for (const each of this.#pressers.values()) each.close();
    this.#pressers.clear();
  }

  #runnerOf({ account, id }: Conference, call: CallId): Runner<State, Input, Effect> {
    for (const [other, { state }] of this.#pressers) if (state.at === 'idle') this.#pressers.delete(other);
    const key = `${account}/${id}/${call}`;
    const known = this.#pressers.get(key);
    if (known !== undefined) return known;
    const { clock, execute } = this.#options;
    const runner = new Runner(sequence, idle, clock, (effect: Effect) => {
      // What is refused is said to the one who pressed; what is left are a server that stops and a conference that is gone.
      this.#going.push(execute('keypad.act', { conference: id, call, ...effect }, { account, kind: 'call' }).catch(() => {}));
    });
    this.#pressers.set(key, runner);
    return runner;
  }
}
