import assert from 'node:assert/strict';
import type { AccountId } from '../../src/accounts/index.ts';
import { noLog } from '../../src/base/index.ts';
import type {
  ConferenceId,
  ConferenceView,
  Execute,
  Interim,
  LegId,
  RoomOf,
  Source,
  Transcription,
  TranscriptionId,
  Utterance,
} from '../../src/conference/index.ts';
import type { Tap, TapItem } from '../../src/media/index.ts';
import { type EarProvider, type Heard, openScribe, type ScribeOptions } from '../../src/speech/index.ts';
import { FakeClock } from './fake-clock.ts';

/** The room. */
export const room: RoomOf = { account: 'a'.repeat(32) as AccountId, conference: 'c'.repeat(32) as ConferenceId, instance: 'i' };
/** What is written down of it. */
export const transcription: Transcription = { id: 't'.repeat(32) as TranscriptionId, language: 'en-US', startedAt: 0 };
/** Epoch ms of tick 0. */
export const BEGAN = 1_700_000_000_000;

/** Somebody who may say something. */
export const leg = (id: string): Source => ({ kind: 'leg', id: id as LegId });

/** What is heard, put there by the test. */
export class FakeTap implements Tap {
  readonly #items: TapItem[] = [];
  readonly lost = 0;
  isClosed = false;
  index = 0;

  read(): TapItem[] {
    return this.#items.splice(0);
  }

  // biome-ignore lint/correctness/useYield: nobody reads it so.
  async *items(): AsyncGenerator<TapItem> {
    throw new Error('not read so');
  }

  close(): void {
    this.isClosed = true;
  }

  tell(item: TapItem): void {
    this.#items.push(item);
  }

  begin(): void {
    this.tell({ type: 'began', index: this.index, lost: 0, epoch: BEGAN + this.index * 20 });
  }

  /** So many ticks in which these say something, each its own sample value. */
  ticks(count: number, said: Readonly<Record<string, number>> = {}, { talking = true, lost = 0, rate = 16_000 } = {}): void {
    for (let n = 0; n < count; n++, this.index++) {
      for (const [id, value] of Object.entries(said)) {
        const samples = new Int16Array(rate / 50).fill(value);
        this.tell({
          type: 'frame',
          index: this.index,
          lost: n === 0 ? lost : 0,
          source: leg(id),
          rate,
          samples,
          talking,
          concealed: false,
        });
      }
      this.tell({ type: 'tick', index: this.index, lost: 0 });
    }
  }
}

const PEOPLE = { ann: { id: 'ann-person', number: '+491' }, ben: { id: 'ben-person', number: '+492' } } as const;

/** A scribe with a room of Ann and Ben. */
export function opened({
  recognise,
  ...options
}: Partial<Omit<ScribeOptions, 'provider'>> & { recognise?: EarProvider['recognise']; provider?: Partial<EarProvider> } = {}) {
  const clock = new FakeClock();
  const tap = new FakeTap();
  const added: Utterance[] = [];
  const ended: unknown[] = [];
  const interims: Interim[] = [];
  const turns: string[] = [];
  const saying = new Set<LegId>();
  const heard: Heard[] = [];
  const execute = (async (name: string, input: unknown) => {
    if (name === 'transcript.add') {
      added.push(input as Utterance);
      turns.push(`written ${(input as Utterance).text}`);
    }
    if (name === 'transcription.ended') ended.push(input);
    if (name !== 'conference.read') return undefined;
    const participants = Object.entries(PEOPLE).map(([id, person]) => ({
      id: person.id,
      call: { leg: id, direction: 'inbound', callerNumber: person.number, callerName: id },
    }));
    return { conference: { room: { participants } } } as unknown as ConferenceView;
  }) as unknown as Execute;
  const provider: EarProvider = {
    name: 'pocketsphinx',
    languages: ['en-us', 'en'],
    recognise: async (each) => {
      heard.push(each);
      return recognise === undefined ? `said ${each.samples[each.samples.length >> 1]}` : recognise(each);
    },
    ...options.provider,
  };
  const { provider: _, ...rest } = options;
  const scribe = openScribe({
    clock,
    log: noLog,
    tap: () => tap,
    execute,
    interim: (_leg, words) => {
      interims.push(words);
      turns.push(`interim ${words.text}`);
    },
    speech: () => ({
      // As `LiveSpeech`: told again it is no second begin.
      on: ({ leg, from, way = '' }) => {
        if (!saying.has(leg)) turns.push(`${leg} says ${from - BEGAN}${way}`);
        saying.add(leg);
      },
      off: ({ leg }) => {
        assert.ok(saying.delete(leg), 'what never began does not end');
        turns.push(`${leg} said`);
      },
    }),
    provider,
    ...rest,
  });
  /** Time passes, so that what was put there is read; and what follows from it happens. */
  const read = async () => {
    clock.advance(200);
    for (let n = 0; n < 20; n++) await new Promise((wake) => setImmediate(wake));
  };
  return { clock, tap, added, ended, interims, turns, heard, scribe, read };
}
