import type { AccountId } from '../../src/accounts/index.ts';
import { noLog } from '../../src/base/index.ts';
import { type Bus, type BusOptions, type Item, openBus } from '../../src/bus/index.ts';
import {
  type ConferenceId,
  type Fact,
  type Happening,
  isSpeech,
  type Participant,
  type Signal,
  type TranscriptionId,
} from '../../src/conference/index.ts';
import { aConferenceId, anAccount, aParticipant } from './conference-fakes.ts';
import { FakeClock } from './fake-clock.ts';
import { MemoryJournal } from './memory-journal.ts';

/** Which conference a fact belongs to. */
export interface InRoom {
  readonly account?: AccountId;
  readonly conference?: ConferenceId;
}

/** A bus over a journal in memory, with facts and signals by the handful. */
export class BusHouse {
  readonly clock = new FakeClock();
  readonly journal = new MemoryJournal();
  readonly bus: Bus;
  readonly #sequences = new Map<string, number>();

  constructor(options: Partial<BusOptions> = {}) {
    this.bus = openBus({ clock: this.clock, log: noLog, journal: this.journal, ...options });
  }

  /** A fact with the next number of its conference. */
  fact(happening: Happening = { type: 'conference.locked' }, { account = anAccount, conference = aConferenceId }: InRoom = {}): Fact {
    const key = `${account} ${conference}`;
    const sequence = (this.#sequences.get(key) ?? 0) + 1;
    this.#sequences.set(key, sequence);
    return { ...happening, at: this.clock.epoch(), account, conference, sequence };
  }

  /** Stores facts and publishes them at once; gives the position of the last one. */
  happen(...facts: readonly Fact[]): number {
    const entries = this.journal.store(facts);
    this.bus.publish(facts);
    return entries.at(-1)?.position ?? 0;
  }

  signal(type: 'started' | 'stopped', about: Participant, { account = anAccount, conference = aConferenceId }: InRoom = {}): Signal {
    const at = this.clock.epoch();
    return { type: `participant.${type}-talking`, at, account, conference, instance: 'i', about, energy: 100 };
  }

  /** Somebody begins to say something that is written down, or has said it. */
  speech(type: 'started' | 'ended', about: Participant, transcription = 'f'): Signal {
    const what = { transcription: transcription.repeat(32) as TranscriptionId, leg: about.call.leg, from: 1, about };
    return { type: `speech.${type}`, at: this.clock.epoch(), account: anAccount, conference: aConferenceId, instance: 'i', ...what };
  }

  /** Somebody seems to be saying something. */
  interim(about: Participant, text: string): Signal {
    const words = { transcription: 'f'.repeat(32) as TranscriptionId, text, language: 'en', from: 1 };
    const place = { account: anAccount, conference: aConferenceId, instance: 'i' };
    return { type: 'transcript.interim', at: this.clock.epoch(), ...place, about, ...words };
  }
}

/** Lets everything run that needs no time. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 12; i++) await new Promise((next) => setImmediate(next));
}

/** An item in a word: its position, or what was signalled of whom. */
export function word(item: Item): string {
  if (item.kind === 'fact') return String(item.entry.position);
  if (item.signal.type === 'transcript.interim') return item.signal.text;
  if (isSpeech(item.signal)) return `${item.signal.type === 'speech.started' ? 'says' : 'said'} ${item.signal.about?.number}`;
  return `${item.signal.type === 'participant.started-talking' ? 'start' : 'stop'} ${item.signal.about.number}`;
}

export { aParticipant };
