import { isObject, type JsonObject } from '../../../base/index.ts';
import {
  type Effect as EntryEffect,
  type Input as EntryInput,
  type State as EntryState,
  entryMachine,
  newEntry,
} from '../../entry/entry.machine.ts';
import type { ConferenceId } from '../../ids.ts';
import type { PlaySource } from '../../playing.ts';
import { type Around, act, type EntryWish, type RunEffect, type RunInput, type Turn } from '../act.ts';
import { textOf } from './option.ts';

/** Somebody is asked what his conference wants to know of him, by the machine of `entry`. */
interface Entering {
  readonly entry: EntryState;
  /** Keys that came before it was known how he is received. */
  readonly early: string;
  /** What is being said to him. */
  readonly saying: number | undefined;
  /** Questions that were asked and not answered. */
  readonly asked: readonly number[];
  readonly isIn: boolean;
}

/** Welcome, number, PIN, name: KAZOO's way into a conference (kazoo-facts §7). */
export const conferenceEnter = act<EntryWish, Entering>({
  answers: true,
  secret: true,
  read: wishOf,
  begin(wish, { next: ask, ahead }) {
    const state: Entering = { entry: newEntry, early: ahead, saying: undefined, asked: [ask], isIn: false };
    return { turn: 'stay', state, taken: ahead.length, effects: [{ do: 'ask', ask, question: { what: 'reception', wish } }] };
  },
  hear(state, input, around) {
    if (input.type === 'left') return { turn: 'go' };
    if (state.isIn) return undefined;
    if (state.entry.at === 'new') return received(state, input, around);
    const heard = meant(state, input);
    return heard === undefined ? undefined : new Asking(settled(state, input), around).feed([heard]);
  },
  deadline: ({ entry }) => entryMachine.deadline(entry),
  wake: (state, around) => new Asking(state, around).feed([{ type: 'time' }]),
});

/** What the module's `data`, or a route, says of the entry. */
function wishOf(option: JsonObject): EntryWish {
  const conference = textOf(option, 'conference');
  const { role, forced, welcome, ad_hoc: adHoc } = option;
  return {
    ...(conference === '' ? {} : { conference: conference as ConferenceId }),
    ...(role === 'member' || role === 'moderator' ? { role } : {}),
    ...(forced === 'member' || forced === 'moderator' ? { forced } : {}),
    ...(welcome === false || typeof welcome === 'string' ? { welcome: welcome as false | PlaySource } : {}),
    ...(adHoc !== undefined && isObject(adHoc) ? { adHoc } : {}),
  };
}

/** Before it is known how he is received, only keys count. */
function received(state: Entering, input: RunInput, around: Around): Turn<Entering> | undefined {
  if (input.type === 'digit') return { turn: 'stay', state: { ...state, early: state.early + input.digit } };
  if (input.type !== 'answer' || !state.asked.includes(input.ask)) return undefined;
  const { answer } = input;
  if (answer.what !== 'reception') return { turn: 'end', reason: 'refused', status: 404 };
  const { reception, plan } = answer;
  const early = [...state.early].map((digit): EntryInput => ({ type: 'digit', digit }));
  const begun: EntryInput = { type: 'begun', reception, ...(plan === undefined ? {} : { plan }) };
  return new Asking({ ...state, early: '', asked: [] }, around).feed([begun, ...early]);
}

/** What a run hears, in the words of `entry`. */
function meant({ saying, asked }: Entering, input: RunInput): EntryInput | undefined {
  switch (input.type) {
    case 'digit':
      return { type: 'digit', digit: input.digit };
    case 'played':
      return input.play === saying ? { type: 'said' } : undefined;
    case 'answer':
      return asked.includes(input.ask) && input.answer.what === 'entry' ? input.answer.input : undefined;
    case 'joined':
    case 'waiting':
      return { type: input.type };
    case 'refused':
      return { type: 'refused', code: input.refusal.code };
    default:
      return undefined;
  }
}

function settled(state: Entering, input: RunInput): Entering {
  if (input.type === 'played') return { ...state, saying: undefined };
  return input.type === 'answer' ? { ...state, asked: state.asked.filter((each) => each !== input.ask) } : state;
}

/** Feeds the machine and gathers what comes of it. */
class Asking {
  #state: Entering;
  readonly #around: Around;
  readonly #effects: RunEffect[] = [];
  #next: number;
  #over: Turn<Entering> | undefined;

  constructor(state: Entering, around: Around) {
    this.#state = state;
    this.#around = around;
    this.#next = around.next;
  }

  feed(inputs: readonly (EntryInput | { readonly type: 'time' })[]): Turn<Entering> {
    for (const input of inputs) {
      const { state, effects } = entryMachine.step(this.#state.entry, input, this.#around.now);
      this.#state = { ...this.#state, entry: state };
      for (const effect of effects) this.#perform(effect);
    }
    return this.#over ?? { turn: 'stay', state: this.#state, effects: this.#effects };
  }

  #perform(effect: EntryEffect): void {
    switch (effect.do) {
      case 'say':
        this.#hush();
        this.#state = { ...this.#state, saying: this.#next };
        this.#effects.push({ do: 'play', play: this.#next, sources: effect.sources, loops: 1 });
        this.#next += 1;
        return;
      case 'hush':
        this.#hush();
        return;
      case 'enter':
        this.#enter(effect);
        return;
      case 'finish':
        this.#state = { ...this.#state, isIn: true };
        return;
      case 'hang-up':
        this.#over = { turn: 'end', reason: 'refused', effects: this.#effects };
        return;
      default:
        this.#state = { ...this.#state, asked: [...this.#state.asked, this.#next] };
        this.#effects.push({ do: 'ask', ask: this.#next, question: { what: 'entry', effect } });
        this.#next += 1;
    }
  }

  #enter({ conference, role, name, guest, joinExisting }: Extract<EntryEffect, { do: 'enter' }>): void {
    const known = { ...(name === undefined ? {} : { announcedAs: name }), ...(guest === undefined ? {} : { guest }) };
    const entrance = { role, ...known, joinExisting, goesOn: this.#around.goesOn };
    this.#effects.push({ do: 'enter', conference, entrance });
  }

  #hush(): void {
    const { saying } = this.#state;
    if (saying === undefined) return;
    this.#effects.push({ do: 'hush', play: saying });
    this.#state = { ...this.#state, saying: undefined };
  }
}
