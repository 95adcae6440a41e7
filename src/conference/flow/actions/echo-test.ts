import type { PlaySource } from '../../playing.ts';
import { prompt } from '../../prompts.ts';
import { type Around, act, type RunEffect, type RunInput, type Staying, type Turn } from '../act.ts';
import { lineResult } from './line-result.ts';
import { DAY, numberOf } from './option.ts';

/** He may begin to speak. */
const TONE = 'tone_stream://v=-14;%(250,0,880)';
/** How long he hears himself, and how long it is waited for a key behind the result, ms. */
const LISTENING = 8000;
const CHOOSING = 10_000;
const AGAIN = '1';

/** Where a test stands. `number`: of the play, or of the question, that is under way. */
interface Testing {
  readonly at: 'receiving' | 'welcoming' | 'listening' | 'telling' | 'choosing' | 'leaving';
  readonly ms: number;
  readonly language: string;
  readonly number: number;
  /** Of `choosing`: monotonic ms. */
  readonly until: number;
}

type Testings = Turn<Testing>;
type Stay = Staying<Testing>;

/** What is done before something else, and what is played. */
interface Besides {
  readonly before?: readonly RunEffect[];
  readonly sources?: readonly PlaySource[];
}

/**
 * The echo and level test: says what it is, lets the caller hear himself, tells how loud he is, his codec and what was lost, as often as he presses one; then the
 * flow goes on.
 */
export const echoTest = act<number, Testing>({
  answers: true,
  read: (option) => numberOf(option, 'duration', { least: 1000, most: DAY, otherwise: LISTENING }),
  begin(ms, { next }) {
    // The desk knows the account's language.
    const state: Testing = { at: 'receiving', ms, language: 'en-us', number: next, until: 0 };
    return { turn: 'stay', state, effects: [{ do: 'ask', ask: next, question: { what: 'reception', wish: {} } }] };
  },
  hear(state, input, around) {
    if (input.type === 'digit') return pressed(state, input.digit, around);
    return isMeant(state, input) ? onward(state, input, around) : undefined;
  },
  deadline: (state) => (state.at === 'choosing' ? state.until : undefined),
  wake: (state, around) => (around.now < state.until ? { turn: 'stay', state } : bye(state, around)),
});

const isMeant = (state: Testing, input: RunInput): boolean =>
  (input.type === 'played' && input.play === state.number && state.at !== 'receiving' && state.at !== 'listening') ||
  (input.type === 'answer' && input.ask === state.number && (state.at === 'receiving' || state.at === 'listening'));

/** What was under way has come to its end. */
function onward(state: Testing, input: RunInput, around: Around): Testings {
  const answer = input.type === 'answer' ? input.answer : undefined;
  switch (state.at) {
    case 'receiving':
      return welcome(answer?.what === 'reception' ? { ...state, language: answer.reception.language } : state, around);
    case 'welcoming':
      return listen(state, around);
    case 'listening': {
      const heard = answer?.what === 'line' ? lineResult(state.language, answer.heard) : [prompt('conf-not_possible', state.language)];
      const sources = [...heard, prompt('echo-again', state.language)];
      return say({ ...state, at: 'telling' }, around, { sources, before: [{ do: 'echo', on: false }] });
    }
    case 'telling':
      return { turn: 'stay', state: { ...state, at: 'choosing', until: around.now + CHOOSING } };
    default:
      return { turn: 'go' };
  }
}

/** Keys are for this test alone, and all but one mean nothing. */
function pressed(state: Testing, digit: string, around: Around): Testings {
  const taken = around.ahead.length;
  if (state.at === 'welcoming') return { ...listen(state, around, { before: [{ do: 'hush', play: state.number }] }), taken };
  if (digit !== AGAIN || (state.at !== 'telling' && state.at !== 'choosing')) return { turn: 'stay', state, taken };
  const hush: readonly RunEffect[] = state.at === 'telling' ? [{ do: 'hush', play: state.number }] : [];
  return { ...listen(state, around, { before: hush, sources: [TONE] }), taken };
}

/** He hears himself, and somebody listens to him. */
function listen(state: Testing, { next }: Around, { before = [], sources = [] }: Besides = {}): Stay {
  const tone: readonly RunEffect[] = sources.length === 0 ? [] : [{ do: 'play', play: next, sources, loops: 1 }];
  const number = next + tone.length;
  const question: RunEffect = { do: 'ask', ask: number, question: { what: 'line', ms: state.ms } };
  return { turn: 'stay', state: { ...state, at: 'listening', number }, effects: [...before, ...tone, { do: 'echo', on: true }, question] };
}

const welcome = (state: Testing, around: Around): Testings =>
  say({ ...state, at: 'welcoming' }, around, { sources: [prompt('echo-welcome', state.language), TONE] });

const bye = (state: Testing, around: Around): Testings =>
  say({ ...state, at: 'leaving' }, around, { sources: [prompt('conf-goodbye', state.language)] });

function say(state: Testing, { next }: Around, { before = [], sources = [] }: Besides): Stay {
  return { turn: 'stay', state: { ...state, number: next }, effects: [...before, { do: 'play', play: next, sources, loops: 1 }] };
}
