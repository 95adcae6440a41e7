import { isObject, type JsonObject } from '../../../base/index.ts';
import {
  type Effect as EntryEffect,
  type Input as EntryInput,
  type State as EntryState,
  entryMachine,
  newEntry,
  TRIES,
} from '../../entry/entry.machine.ts';
import { invitedOf } from '../../entry/invited.ts';
import { isSameStage, stageOf } from '../../entry/stage.ts';
import type { ConferenceId } from '../../ids.ts';
import type { PlaySource } from '../../playing.ts';
import { type PromptName, prompt } from '../../prompts.ts';
import type { LeaveReason } from '../../reasons.ts';
import { type Around, act, type EntryWish, type RunEffect, type RunInput, type Turn } from '../act.ts';
import { textOf } from './option.ts';

/** Somebody is asked what his conference wants to know of him, by the machine of `entry`. */
interface Entering {
  readonly wish: EntryWish;
  readonly language: string;
  readonly entry: EntryState;
  /** Keys that came before it was known how he is received. */
  readonly early: string;
  /** What is being said to him. */
  readonly saying: number | undefined;
  /** Questions that were asked and not answered. */
  readonly asked: readonly number[];
  readonly isIn: boolean;
  /** What he hears while he waits to be admitted. */
  readonly waiting: readonly number[];
  /** He is told that he does not get in, and then hung up. */
  readonly leaving?: { readonly play: number; readonly reason: LeaveReason };
}

/** Welcome, number, PIN, name: KAZOO's way into a conference (kazoo-facts §7). */
export const conferenceEnter = act<EntryWish, Entering>({
  answers: true,
  secret: true,
  read: wishOf,
  begin(wish, { next: ask, ahead }) {
    const state: Entering = {
      wish,
      language: 'en-us',
      entry: newEntry,
      early: ahead,
      saying: undefined,
      asked: [ask],
      isIn: false,
      waiting: [],
    };
    return { turn: 'stay', state, taken: ahead.length, effects: [{ do: 'ask', ask, question: { what: 'reception', wish } }] };
  },
  hear(state, input, around) {
    if (input.type === 'left') return departed(state, input.reason, around);
    if (state.leaving !== undefined) return told(state.leaving, input);
    if (state.isIn) return undefined;
    if (state.entry.at === 'new') return received(state, input, around);
    const heard = meant(state, input);
    if (heard === undefined) return undefined;
    const turn = new Asking(settled(state, input), around).feed([heard]);
    return input.type === 'waiting' ? waitingRoom(turn, input.music, around) : turn;
  },
  deadline: ({ entry }) => entryMachine.deadline(entry),
  wake: (state, around) => new Asking(state, around).feed([{ type: 'time' }]),
});

/** While he waits he is told so, and hears what the conference has for those who wait. */
function waitingRoom(turn: Turn<Entering>, music: PlaySource | undefined, { next }: Around): Turn<Entering> {
  if (turn.turn !== 'stay') return turn;
  const effects: RunEffect[] = [
    { do: 'stage', stage: { at: 'admission' } },
    { do: 'play', play: next, sources: [prompt('conf-waiting_admission', turn.state.language)], loops: 1 },
  ];
  if (music !== undefined) effects.push({ do: 'play', play: next + 1, sources: [music], loops: 0 });
  const waiting = music === undefined ? [next] : [next, next + 1];
  return { ...turn, state: { ...turn.state, waiting }, effects: [...(turn.effects ?? []), ...effects] };
}

/** What is said to who waits and is turned away. He was in nobody's ear: whatever else ends him needs no words. */
const TURNED_AWAY: Readonly<Partial<Record<LeaveReason, PromptName>>> = {
  denied: 'conf-admission_denied',
  'no-moderator': 'conf-admission_denied',
  'time-up': 'conf-ends_now',
  'conference-deleted': 'conf-ends_now',
};

/** Out again, or not let in: the flow goes on, or he is told why not and hung up. */
function departed(state: Entering, reason: LeaveReason, { goesOn, next }: Around): Turn<Entering> {
  const effects = state.waiting.map((play): RunEffect => ({ do: 'hush', play }));
  if (goesOn) return { turn: 'go', effects };
  const words = state.waiting.length > 0 ? TURNED_AWAY[reason] : undefined;
  if (words === undefined) return { turn: 'end', reason, effects };
  return {
    turn: 'stay',
    state: { ...state, waiting: [], leaving: { play: next, reason } },
    effects: [...effects, { do: 'play', play: next, sources: [prompt(words, state.language)], loops: 1 }],
  };
}

const told = ({ play, reason }: NonNullable<Entering['leaving']>, input: RunInput): Turn<Entering> | undefined =>
  input.type === 'played' && input.play === play ? { turn: 'end', reason } : undefined;

/** What the module's `data`, or a route, says of the entry. */
function wishOf(option: JsonObject): EntryWish {
  const conference = textOf(option, 'conference');
  const { role, forced, welcome, ad_hoc: adHoc } = option;
  const [tones, invited] = [tonesOf(option), invitedOf(option['invited'])];
  return {
    ...(conference === '' ? {} : { conference: conference as ConferenceId }),
    ...(role === 'member' || role === 'moderator' ? { role } : {}),
    ...(forced === 'member' || forced === 'moderator' ? { forced } : {}),
    ...(welcome === false || typeof welcome === 'string' ? { welcome: welcome as false | PlaySource } : {}),
    ...(adHoc !== undefined && isObject(adHoc) ? { adHoc } : {}),
    ...(tones === undefined ? {} : { tones }),
    ...(invited === undefined ? {} : { invited }),
  };
}

/** Callflow data's `play_entry_tone` and `play_exit_tone` (kazoo-facts §3.7). */
function tonesOf({ play_entry_tone: entry, play_exit_tone: exit }: JsonObject): EntryWish['tones'] {
  const isTone = (value: unknown): value is boolean | string => typeof value === 'boolean' || (typeof value === 'string' && value !== '');
  if (!isTone(entry) && !isTone(exit)) return undefined;
  return { ...(isTone(entry) ? { entry } : {}), ...(isTone(exit) ? { exit } : {}) };
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
  const language = plan?.language ?? reception.language;
  return new Asking({ ...state, language, early: '', asked: [] }, around).feed([begun, ...early]);
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
    const before = stageOf(this.#state.entry, TRIES);
    for (const input of inputs) {
      // From here on it is known where he wants to go.
      const plan = input.type === 'begun' || input.type === 'found' ? input.plan : undefined;
      if (plan !== undefined) this.#effects.push({ do: 'joining', conference: plan.conference });
      const { state, effects } = entryMachine.step(this.#state.entry, input, this.#around.now);
      this.#state = { ...this.#state, entry: state };
      for (const effect of effects) this.#perform(effect);
    }
    const stage = stageOf(this.#state.entry, TRIES);
    if (stage !== undefined && !isSameStage(before, stage)) this.#effects.push({ do: 'stage', stage });
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
        this.#effects.push({ do: 'stage', stage: { at: 'leaving', code: effect.reason } });
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
    const { adHoc, tones } = this.#state.wish;
    const wished = { ...(adHoc === undefined ? {} : { adHoc }), ...(tones === undefined ? {} : { tones }) };
    const entrance = { role, ...known, ...wished, joinExisting, goesOn: this.#around.goesOn };
    this.#effects.push({ do: 'enter', conference, entrance });
  }

  #hush(): void {
    const { saying } = this.#state;
    if (saying === undefined) return;
    this.#effects.push({ do: 'hush', play: saying });
    this.#state = { ...this.#state, saying: undefined };
  }
}
