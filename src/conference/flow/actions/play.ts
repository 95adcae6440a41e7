import type { JsonObject } from '../../../base/index.ts';
import type { PlaySource } from '../../playing.ts';
import { act, type RunInput, type Turn } from '../act.ts';
import { flagOf, textOf, textsOf } from './option.ts';

/** What is played, and what a key does meanwhile. */
interface Sound {
  readonly sources: readonly PlaySource[];
  /** A key ends it. */
  readonly interruptible: boolean;
  /** The flow does not wait for its end. */
  readonly aside: boolean;
  readonly loops: number;
}

/** Plays to the caller and waits for the end. */
const sounding = (read: (option: JsonObject) => Sound) =>
  act<Sound, { readonly play: number; readonly interruptible: boolean }>({
    answers: true,
    read,
    begin({ sources, interruptible, aside, loops }, around): Turn<{ play: number; interruptible: boolean }> {
      if (sources.length === 0) return { turn: 'go', failed: 'there is nothing to be played, or too much' };
      if (interruptible && around.ahead !== '') return { turn: 'go' };
      const effects = [{ do: 'play', play: around.next, sources, loops } as const];
      return aside ? { turn: 'go', effects } : { turn: 'stay', state: { play: around.next, interruptible }, effects };
    },
    hear: ({ play, interruptible }, input) => endOfPlay(play, interruptible, input),
  });

function endOfPlay(play: number, interruptible: boolean, input: RunInput): Turn<{ play: number; interruptible: boolean }> | undefined {
  if (input.type === 'digit' && interruptible) return { turn: 'go', effects: [{ do: 'hush', play }] };
  if (input.type !== 'played' || input.play !== play) return undefined;
  return input.reason === 'failed' ? { turn: 'go', failed: 'it could not be played' } : { turn: 'go' };
}

/** VoIPBIN's `play`; KAZOO's by `sources`, which may be media ids, URLs, tones or texts to be spoken. */
export const play = sounding((option) => ({
  sources: [...textsOf(option, 'stream_urls'), ...sourcesOf(option)],
  interruptible: textOf(option, 'digits_handle') === 'next',
  aside: flagOf(option, 'async'),
  loops: 1,
}));

/** Characters of a text that is spoken at once; providers of speech take no more. */
export const LONGEST_TALK = 5000;

/** Speaks a text. */
export const talk = sounding((option) => {
  const language = textOf(option, 'language');
  const voice = textOf(option, 'voice_id');
  const say = textOf(option, 'text').trim();
  const saying: PlaySource = { say, ...(language === '' ? {} : { language }), ...(voice === '' ? {} : { voice }) };
  const handled = textOf(option, 'digits_handle') === 'next';
  const sources = say === '' || say.length > LONGEST_TALK ? [] : [saying];
  return { sources, interruptible: handled, aside: flagOf(option, 'async'), loops: 1 };
});

/** One beep of 400 ms. */
export const beep = sounding(() => ({ sources: ['tone_stream://%(400,0,1000)'], interruptible: false, aside: false, loops: 1 }));

function sourcesOf(option: JsonObject): readonly PlaySource[] {
  const { sources } = option;
  return Array.isArray(sources) ? (sources as readonly PlaySource[]).filter(isSource) : [];
}

const isSource = (value: unknown): value is PlaySource =>
  typeof value === 'string' || (typeof value === 'object' && value !== null && 'say' in value && typeof value.say === 'string');
