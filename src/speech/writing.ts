import { type Alarm, type Clock, Failure, type Log } from '../base/index.ts';
import type {
  Call,
  Execute,
  Input,
  Interim,
  LegId,
  LiveSpeech,
  Participant,
  RoomOf,
  Source,
  Transcription,
  UtteranceSpeaker,
} from '../conference/index.ts';
import type { Engine, Tap, TapItem } from '../media/index.ts';
import { Cutter, type Stretch } from './cutter.ts';
import type { Gate } from './gate.ts';
import { tagOf } from './language.ts';
import { EAR_RATE, type EarProvider, type LiveHearing } from './speech-types.ts';

/** How often the tap is read, ms; its ring holds some seconds of several talkers. */
const EVERY = 200;
const RING = 2_000_000;
const TICK = 20;
/** Stretches in a row that fail before it is given up, and the pause before one is tried again, ms. */
const GIVE_UP = 5;
const AGAIN = 1000;
/** What stands where speech was not recognised. */
const GAP = '[…]';

/** What one transcription needs. */
export interface WritingOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly tap: Engine['tap'];
  readonly execute: Execute;
  readonly interim: (leg: LegId, words: Interim) => void;
  readonly speech: () => Pick<LiveSpeech, 'on' | 'off'>;
  readonly provider: EarProvider;
  readonly gate: Gate;
  readonly room: RoomOf;
  readonly transcription: Transcription;
  readonly waitingSeconds: number;
  /** The provider does not do it any more. Called once. */
  readonly onFailed: (words: string) => void;
}

/** One source that is listened to. */
interface Voice {
  readonly source: Source;
  readonly cutter: Cutter;
  /** What is recognised of it goes in its order. */
  turn: Promise<void>;
  /** It was told that he says something. */
  isSaying: boolean;
  live: LiveHearing | undefined;
  /** Up to which tick the one who follows has heard it. */
  liveTo: number;
}

/** One transcription of one room: reads the tap, cuts what each one says, has it recognised, and tells the domain. */
export class Writing {
  readonly #options: WritingOptions;
  #room: RoomOf;
  #tap: Tap;
  readonly #voices = new Map<string, Voice>();
  /** By leg; those who have left stay, because their words may come later. */
  readonly #people = new Map<string, Participant>();
  /** Epoch ms of tick 0 of the room's present life. */
  #zero = 0;
  #alarm: Alarm | undefined;
  #waiting = 0;
  #failures = 0;
  #isOver = false;

  constructor(options: WritingOptions) {
    this.#options = options;
    this.#room = options.room;
    this.#tap = this.#listen();
    this.#again();
  }

  /** The call that is written down is at another place, whose clock is another. */
  moved(room: RoomOf): void {
    if (this.#isOver) return;
    this.#read();
    this.#endAll();
    this.#tap.close();
    this.#room = room;
    this.#tap = this.#listen();
  }

  /** To the room, or to the call where it is. */
  #listen(): Tap {
    const { account, conference, followed } = this.#room;
    const what = followed === undefined ? 'legs' : { call: followed.call.leg };
    return this.#options.tap(account, followed?.place ?? conference, { what, bytes: RING });
  }

  /** Listens no more; resolves when everything that was said is written down. */
  async end(): Promise<void> {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#alarm?.cancel();
      this.#read();
      this.#endAll();
      this.#tap.close();
    }
    await Promise.all(Array.from(this.#voices.values(), ({ turn }) => turn));
  }

  #again(): void {
    const { clock } = this.#options;
    this.#alarm = clock.wake(clock.now() + EVERY, () => {
      this.#read();
      this.#follow();
      if (!this.#isOver) this.#again();
    });
  }

  #read(): void {
    let index: number | undefined;
    for (const item of this.#tap.read()) {
      this.#take(item);
      ({ index } = item);
    }
    if (index === undefined) return;
    for (const voice of this.#voices.values()) {
      this.#ended(voice, voice.cutter.pass(index));
      this.#saying(voice);
    }
  }

  #take(item: TapItem): void {
    switch (item.type) {
      case 'began':
        this.#zero = item.epoch - item.index * TICK;
        break;
      case 'frame': {
        const voice = item.source === null ? undefined : this.#voice(item.source);
        if (voice === undefined) break;
        this.#ended(voice, voice.cutter.take(item));
        if (!voice.isSaying) this.#saying(voice);
        break;
      }
      case 'left': {
        const voice = this.#voices.get(item.source.id);
        if (voice !== undefined) this.#ended(voice, voice.cutter.end());
        break;
      }
      case 'ended':
        this.#endAll();
        break;
      default:
    }
  }

  #endAll(): void {
    for (const voice of this.#voices.values()) this.#ended(voice, voice.cutter.end());
  }

  /** Prompts are nobody's words. */
  #voice(source: Source): Voice | undefined {
    if ((source.kind !== 'leg' && source.kind !== 'stream') || !this.#isWanted(source.id)) return undefined;
    let voice = this.#voices.get(source.id);
    if (voice === undefined) {
      voice = { source, cutter: new Cutter(), turn: Promise.resolve(), isSaying: false, live: undefined, liveTo: 0 };
      this.#voices.set(source.id, voice);
      // Whoever is known now is known still when he has left.
      const { id } = source;
      void this.#person(id).catch(() => {});
    }
    return voice;
  }

  /** Of a call it may be that only one way is to be written down. */
  #isWanted(leg: string): boolean {
    const { direction = 'both' } = this.#options.transcription;
    const way = this.#wayOf(leg);
    return way === undefined || direction === 'both' || direction === way;
  }

  /** Of a call: whether it says this, or hears it. */
  #wayOf(leg: string): 'in' | 'out' | undefined {
    const { followed } = this.#room;
    return followed === undefined ? undefined : leg === followed.call.leg ? 'in' : 'out';
  }

  /** Who follows along hears what came since, and says what it seems to be. */
  #follow(): void {
    const { provider, transcription, interim } = this.#options;
    if (provider.follow === undefined) return;
    for (const voice of this.#voices.values()) {
      const { cutter, source } = voice;
      if (!cutter.isTalking) continue;
      voice.live ??= provider.follow(transcription.language);
      for (const samples of cutter.since16k(voice.liveTo)) voice.live.take(samples);
      voice.liveTo = cutter.end16k;
      const text = voice.live.partial();
      if (text === undefined || text === '') continue;
      const from = this.#zero + cutter.since * TICK;
      const way = this.#wayOf(source.id);
      const words = { transcription: transcription.id, text, language: transcription.language, from };
      interim(source.id as LegId, { ...words, ...(way && { way }) });
    }
  }

  #ended(voice: Voice, stretch: Stretch | undefined): void {
    if (stretch !== undefined || !voice.cutter.isTalking) this.#said(voice);
    if (stretch === undefined) {
      if (!voice.cutter.isTalking) this.#dropLive(voice);
      return;
    }
    const { live } = voice;
    voice.live = undefined;
    const seconds = stretch.samples.length / EAR_RATE;
    const zero = this.#zero;
    if (this.#waiting + seconds > this.#options.waitingSeconds) {
      live?.drop();
      this.#options.log.warn('speech comes faster than it is recognised; some of it is left out', { ...this.#options.room, seconds });
      voice.turn = voice.turn.then(() => this.#add(voice, stretch, zero, GAP));
      return;
    }
    this.#waiting += seconds;
    voice.turn = voice.turn.then(async () => {
      const text = await this.#recognise(stretch, live);
      this.#waiting -= seconds;
      await this.#add(voice, stretch, zero, text);
    });
  }

  /** Whoever is not heard is not told to say anything; so it is told again, for he may be heard meanwhile. */
  #saying(voice: Voice): void {
    const { source, cutter } = voice;
    if (!cutter.isTalking) return;
    voice.isSaying = true;
    const { transcription, speech } = this.#options;
    const leg = source.id as LegId;
    const way = this.#wayOf(leg);
    const from = this.#zero + cutter.since * TICK;
    speech().on({ room: this.#room, leg, transcription: transcription.id, from, ...(way && { way }) });
  }

  #said(voice: Voice): void {
    if (!voice.isSaying) return;
    voice.isSaying = false;
    const { transcription, speech } = this.#options;
    speech().off({ leg: voice.source.id as LegId, transcription: transcription.id });
  }

  #dropLive(voice: Voice): void {
    voice.live?.drop();
    voice.live = undefined;
  }

  /** Twice, then a gap; never rejects. */
  async #recognise(stretch: Stretch, live: LiveHearing | undefined): Promise<string> {
    const { gate, provider, transcription, log, room } = this.#options;
    const heard = { samples: stretch.samples, language: tagOf(transcription.language) };
    const words = live === undefined ? () => provider.recognise(heard) : () => live.end();
    try {
      const text = await gate
        .pass(words)
        .catch((error: unknown) => this.#tryAgain(error, () => gate.pass(() => provider.recognise(heard))));
      this.#failures = 0;
      return stretch.lost > 0 && text !== '' ? `${text} ${GAP}` : text;
    } catch (error) {
      log.warn('speech could not be recognised', { ...room, error });
      this.#failures += 1;
      if (this.#failures === GIVE_UP)
        this.#options.onFailed(error instanceof Failure ? error.message : 'the provider of speech to text fails');
      return GAP;
    }
  }

  async #tryAgain(error: unknown, again: () => Promise<string>): Promise<string> {
    const { clock } = this.#options;
    if (this.#isOver || this.#failures > 0) throw error;
    await new Promise<void>((resolve) => clock.wake(clock.now() + AGAIN, resolve));
    return again();
  }

  /** Tells the domain; never rejects. */
  async #add({ source }: Voice, { from, to }: Stretch, zero: number, text: string): Promise<void> {
    if (text === '') return;
    const { execute, room, transcription, log } = this.#options;
    try {
      const who = await this.#whoSaid(source.id);
      if (who === undefined) return;
      await execute(
        'transcript.add',
        {
          conference: room.conference,
          transcription: transcription.id,
          participant: who.participant,
          text,
          language: transcription.language,
          from: zero + from * TICK,
          to: zero + to * TICK,
          tick: from,
          speaker: who.speaker,
          ...(who.way === undefined ? {} : { way: who.way }),
          ...(text.endsWith(GAP) ? { gap: true } : {}),
        },
        { account: room.account, kind: 'system' },
      );
    } catch (error) {
      log.warn('what somebody said could not be kept', { ...room, error });
    }
  }

  /** What a call hears is nobody's whom it knows. */
  async #whoSaid(
    leg: string,
  ): Promise<(Pick<Input<'transcript.add'>, 'participant' | 'way'> & { readonly speaker: UtteranceSpeaker }) | undefined> {
    const { followed } = this.#options.room;
    if (followed === undefined) {
      const person = await this.#person(leg);
      return person && { participant: person.id, speaker: speakerOf(person.call) };
    }
    const { call } = followed;
    const way = this.#wayOf(leg);
    const nobody = { direction: call.direction, callerNumber: '', callerName: '' };
    return { participant: call.id as string as Participant['id'], speaker: way === 'in' ? speakerOf(call) : nobody, ...(way && { way }) };
  }

  async #person(leg: string): Promise<Participant | undefined> {
    const known = this.#people.get(leg);
    if (known !== undefined) return known;
    const { execute, room } = this.#options;
    if (room.followed !== undefined) return undefined;
    const { conference } = await execute('conference.read', { conference: room.conference }, { account: room.account, kind: 'system' });
    for (const each of conference.room?.participants ?? []) this.#people.set(each.call.leg, each);
    return this.#people.get(leg);
  }
}

const speakerOf = ({ direction, callerNumber, callerName }: Call): UtteranceSpeaker => ({ direction, callerNumber, callerName });
