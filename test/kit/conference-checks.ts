import assert from 'node:assert/strict';
import {
  type ConferenceId,
  type Fact,
  fold,
  isSpeech,
  type Live,
  liveThen,
  type ParticipantId,
  type Signal,
  stateAt,
} from '../../src/conference/index.ts';
import type { Told } from './conference-fakes.ts';

const personOf = (fact: Fact): ParticipantId | undefined => {
  if (fact.type === 'participant.joined') return fact.participant.id;
  return 'participant' in fact ? fact.participant : undefined;
};

/** Facts of one conference, each looked at once: no gaps, numbers given once, whatever opens closes before it opens again, and every stamp true. */
export class FactCheck {
  readonly facts: Fact[] = [];
  readonly #open = new Set<string>();
  #highest = 0;
  /** Whom everything that was ever played was for. */
  readonly #plays = new Map<string, string>();
  #instance: string | undefined;
  /** What the newest fact of each who is in said of him. */
  readonly #newest = new Map<ParticipantId, Fact['about']>();
  readonly #moments: { readonly sequence: number; readonly at: number; readonly live: Live }[] = [];

  take(fact: Fact): void {
    this.facts.push(fact);
    assert.equal(fact.sequence, this.facts.length, 'the sequence has no gaps');
    this.#pairs(fact);
    if (fact.type === 'room.opened') this.#instance = fact.instance;
    assert.equal(fact.instance, this.#instance, `${fact.type} names the run of the room`);
    if (fact.type === 'room.closed') this.#instance = undefined;
    const person = personOf(fact);
    // Recognising takes its time: who said it may have left meanwhile.
    if (fact.type === 'transcript.created' && !this.#newest.has(fact.participant)) return;
    assert.equal(fact.about?.id, person, `${fact.type} carries whom it names`);
    if (person === undefined) return;
    if (fact.type === 'participant.left') {
      assert.deepEqual(fact.about, this.#newest.get(person), 'who left was as he had been told to be');
      this.#newest.delete(person);
    } else this.#newest.set(person, fact.about);
  }

  /** The live state, when nothing is under way, is what was told; it is kept as a moment that can be asked for later. */
  settled(live: Live, at: number): void {
    for (const each of live.participants) assert.deepEqual(this.#newest.get(each.id), each, 'the newest fact tells how he is');
    this.#moments.push({ sequence: this.facts.length, at, live });
  }

  /** Of any fact that names somebody, folding up to it tells how he was; and any moment that was seen can be told again. */
  looksBack(samples: number): void {
    for (const index of spread(this.facts.length, samples)) {
      const fact = this.facts[index] as Fact;
      if (fact.type === 'transcript.created' && fact.about === undefined) continue;
      const then = fold(this.facts.slice(0, fact.type === 'participant.left' ? index : index + 1));
      assert.deepEqual(
        fact.about,
        then.participants.find((each) => each.id === personOf(fact)),
        'who is named is as he was then',
      );
    }
    for (const index of spread(this.#moments.length, samples)) {
      const { sequence, at, live } = this.#moments[index]!;
      assert.deepEqual(liveThen(stateAt(this.facts, { sequence })), live, `as it was after fact ${sequence}`);
      assert.deepEqual(liveThen(stateAt(this.facts, { at })), live, `as it was at ${at}`);
    }
  }

  #pairs(fact: Fact): void {
    if (fact.type === 'conference.created') this.#opens('conference');
    else if (fact.type === 'room.opened') this.#opens(`room ${fact.instance}`);
    else if (fact.type === 'conference.locked') this.#opens('lock');
    else if (fact.type === 'conference.unlocked') this.#closes('lock');
    else if (fact.type === 'participant.left') {
      this.#closes(fact.participant);
      assert.ok(!this.#open.has(`play to ${fact.participant}`), 'what is played to one ends before he leaves');
    } else if (fact.type === 'room.closed') {
      this.#closes(`room ${fact.instance}`);
      const inside = [...this.#open].filter((each) => each !== 'conference');
      assert.deepEqual(inside, [], 'a room closes last');
    } else if (fact.type === 'conference.deleted') {
      this.#closes('conference');
      assert.equal(this.#open.size, 0, 'a conference is deleted last');
    } else this.#sounds(fact);
    if (fact.type === 'participant.joined') {
      this.#opens(fact.participant.id);
      assert.ok(fact.participant.number > this.#highest, 'numbers are never given twice');
      this.#highest = fact.participant.number;
    }
  }

  /** What is recorded, played and written down; what is for one ends before he leaves. */
  #sounds(fact: Fact): void {
    if (fact.type === 'recording.started') this.#opens('recording');
    else if (fact.type === 'recording.stopped') this.#closes('recording');
    else if (fact.type === 'transcription.started') this.#opens('transcription');
    else if (fact.type === 'transcription.stopped') this.#closes('transcription');
    else if (fact.type === 'recording.paused') this.#opens('pause');
    else if (fact.type === 'recording.resumed') this.#closes('pause');
    else if (fact.type === 'play.queued') this.#opens(`queue ${fact.playing.id}`);
    else if (fact.type === 'play.started') {
      this.#open.delete(`queue ${fact.playing.id}`);
      this.#opens(`play to ${fact.playing.to}`);
      this.#plays.set(fact.playing.id, fact.playing.to);
    } else if (fact.type === 'play.ended') {
      if (!this.#open.delete(`queue ${fact.playing}`)) this.#closes(`play to ${this.#plays.get(fact.playing)}`);
    }
    if (fact.type === 'recording.stopped') this.#open.delete('pause');
  }

  #opens(what: string): void {
    assert.ok(!this.#open.has(what), `${what} opened twice`);
    this.#open.add(what);
  }

  #closes(what: string): void {
    assert.ok(this.#open.delete(what), `${what} closed without being open`);
  }
}

/** At most so many whole numbers below `length`, spread evenly, the last one among them. */
export const spread = (length: number, most: number): readonly number[] => {
  const step = Math.max(1, Math.floor(length / most));
  return Array.from({ length: Math.ceil(length / step) }, (_, index) => length - 1 - index * step);
};

/** Signals among facts, in the order in which anybody could know of them: paired, only of people who are heard, a stop before the end of being heard is stored. */
export class SignalCheck {
  readonly #talking = new Map<ParticipantId, Signal>();
  /** Who was told to say something and has not been told to have said it. */
  readonly #saying = new Set<ParticipantId>();
  /** How people were told to be; kept by what was published. */
  readonly #people = new Map<ParticipantId, NonNullable<Fact['about']>>();
  readonly #instances = new Map<ConferenceId, string>();

  take(told: Told): void {
    if (told.kind === 'signal') this.#signal(told.signal);
    else if (told.kind === 'stored') this.#stored(told.fact);
    else this.#published(told.fact);
  }

  /** The server went down: nobody is left to tell a stop. */
  crashed(): void {
    this.#talking.clear();
    this.#saying.clear();
  }

  /** Who was told to talk and has not been told to stop. */
  get talking(): ReadonlySet<ParticipantId> {
    return new Set(this.#talking.keys());
  }

  #signal(signal: Signal): void {
    const { about, conference, instance } = signal;
    assert.ok(about !== undefined);
    if (signal.type === 'speech.ended') {
      assert.ok(this.#saying.delete(about.id), 'what is said ends after its begin');
      return;
    }
    assert.deepEqual(about, this.#people.get(about.id), 'a signal shows its participant as he is');
    assert.equal(instance, this.#instances.get(conference), 'a signal names the run of the room');
    assert.deepEqual(about.muted, [], 'only of people who are heard');
    if (signal.type === 'transcript.interim') return;
    if (isSpeech(signal)) {
      assert.ok(!this.#saying.has(about.id), 'what is said begins after the end of what was said');
      this.#saying.add(about.id);
    } else if (signal.type === 'participant.started-talking') {
      assert.ok(!this.#talking.has(about.id), 'a start comes after the stop');
      this.#talking.set(about.id, signal);
    } else assert.ok(this.#talking.delete(about.id), 'a stop comes after its start');
  }

  #stored(fact: Fact): void {
    if (fact.type !== 'participant.left' && fact.type !== 'participant.muted') return;
    assert.ok(!this.#talking.has(fact.participant), `the stop is told before ${fact.type} is stored`);
    assert.ok(!this.#saying.has(fact.participant), `the end of what is said is told before ${fact.type} is stored`);
  }

  #published(fact: Fact): void {
    this.#stored(fact);
    if (fact.type === 'room.opened') this.#instances.set(fact.conference, fact.instance);
    if (fact.about === undefined) return;
    if (fact.type === 'participant.left') this.#people.delete(fact.about.id);
    else this.#people.set(fact.about.id, fact.about);
  }
}
