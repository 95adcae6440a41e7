import { Limiter } from '../../audio/index.ts';
import type { RecordingEnd } from '../../conference/index.ts';
import { type TapFrame, type TapItem, TapReader } from '../../media/taps.ts';
import { type GapReason, type Head, JOURNAL, type Line } from '../journal.ts';
import { type Disk, inWords } from './disk.ts';
import { RoomTime } from './room-time.ts';
import type { Syncs } from './syncs.ts';
import { Track, type TrackHome } from './track.ts';

/** What is held is written this often, ms: what a crash takes is this, and what waits in the ring. */
const FLUSH_EVERY = 500;
/** So long the end of the last ticks may take to be there, ms. */
const PATIENCE = 60;
/** Ticks that may be missing before it is worth a word. */
const STANDSTILL = 3;
const LARGEST = 960;

/** What a recording in the making needs and whom it tells. */
export interface WritingOptions {
  readonly head: Head;
  readonly folder: string;
  readonly disk: Disk;
  readonly syncs: Syncs;
  readonly now: () => number;
  readonly epoch: () => number;
  /** How long the disk may refuse before the recording ends, ms. */
  readonly patience: number;
  readonly onGap: (gap: { from: number; lostMs: number; words: string }) => void;
  readonly onEnd: (end: { at: number; reason: RecordingEnd; words?: string }) => void;
}

type Switch =
  | { readonly do: 'pause' | 'resume'; readonly at: number }
  | { readonly do: 'end'; readonly at: number; readonly reason: RecordingEnd };

/** One recording: reads the taps of its room's lives, and writes their sound where it belongs. */
export class Writing {
  readonly #options: WritingOptions;
  readonly #home: TrackHome;
  readonly #time = new RoomTime();
  readonly #tracks = new Map<string, Track>();
  readonly #mix: Track;
  readonly #sum = new Int32Array(LARGEST);
  readonly #mixed = new Int16Array(LARGEST);
  readonly #switches: Switch[] = [];
  #readers: TapReader[] = [];
  #limiter = new Limiter();
  #rate = 0;
  /** Tick whose sum is being made; -1: nothing was said in it yet. */
  #summed = -1;
  #hasBegun = false;
  /** Frame behind the last one in which somebody talked. */
  #talkedTo = 0;
  #lastAt = 0;
  #isPaused = false;
  #hasEnded = false;
  #flushAt: number;
  #lines: string[] = [];
  #journal: number | undefined;
  #journalBytes = 0;
  /** The disk refuses since then; from that frame on sound is lost. */
  #trouble: { readonly since: number; readonly frame: number; words: string } | undefined;
  #written = 0;

  constructor(options: WritingOptions) {
    this.#options = options;
    const { head, folder, disk, syncs, now } = options;
    this.#home = { folder, format: head.format, disk, syncs, now, note: (line) => this.#note(line), commit: () => this.#flushJournal() };
    this.#mix = new Track(this.#home, 0, 0);
    this.#flushAt = now() + FLUSH_EVERY;
    this.#note(head);
    this.#note({ do: 'track', track: 0, source: null, frame: 0 });
    this.#attempt(() => disk.folder(folder));
    this.flush();
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** A life of the room begins. */
  listen(memory: SharedArrayBuffer): void {
    this.#readers.push(new TapReader(memory));
  }

  /** Something that is not heard is to be in the journal. */
  note(line: Line): void {
    this.#note(line);
  }

  /** Pauses, goes on or ends at this moment (epoch ms) of the room. */
  switch(change: Switch): void {
    this.#switches.push(change);
  }

  /** Reads and writes what came. */
  turn(): void {
    if (this.#hasEnded) return;
    this.#read();
    if (this.#hasEnded) return;
    const epoch = this.#options.epoch();
    if (this.#readers.length > 0 && this.#hasBegun) this.#time.calibrate(epoch);
    while (this.#switches.length > 0 && this.#switches[0]!.at <= epoch - PATIENCE && !this.#hasEnded) this.#apply(this.#switches.shift()!);
    if (!this.#hasEnded && this.#options.now() >= this.#flushAt) this.flush();
  }

  /** Everything that is held goes to the disk. */
  flush(): void {
    const { now } = this.#options;
    this.#flushAt = now() + FLUSH_EVERY;
    const { frames } = this.#time;
    const was = this.#trouble;
    let isRight = this.#attempt(() => this.#flushJournal());
    isRight = this.#attempt(() => this.#mix.flush(frames)) && isRight;
    for (const track of this.#tracks.values()) isRight = this.#attempt(() => track.flush()) && isRight;
    if (isRight) {
      this.#written = frames;
      this.#trouble = undefined;
      if (was !== undefined) this.#gap(was.frame, frames, 'disk', was.words);
    } else if (this.#trouble !== undefined && now() - this.#trouble.since >= this.#options.patience) {
      this.end('failed', this.#trouble.words);
    }
  }

  /** Nothing more is recorded. */
  end(reason: RecordingEnd, words?: string): void {
    if (this.#hasEnded) return;
    this.#addUp();
    this.#hasEnded = true;
    const at = this.#hasBegun ? Math.round(this.#time.at(this.#time.next)) : this.#options.epoch();
    const end = { at, reason, ...(words === undefined ? {} : { words }) };
    this.#note({ do: 'end', frame: this.#time.frames, ...end });
    const { frames } = this.#time;
    if (this.#trouble !== undefined) this.#gap(this.#trouble.frame, frames, 'disk', this.#trouble.words);
    this.#attempt(() => this.#mix.flush(frames));
    this.#mix.close();
    for (const track of this.#tracks.values()) {
      this.#attempt(() => track.flush());
      track.close();
    }
    this.#attempt(() => this.#flushJournal());
    if (this.#journal !== undefined) this.#options.syncs.close(this.#journal);
    for (const reader of this.#readers) reader.close();
    this.#options.onEnd(end);
  }

  #read(): void {
    for (;;) {
      const reader = this.#readers[0];
      if (reader === undefined) return;
      reader.each((item) => {
        this.#take(item);
        return !this.#hasEnded;
      });
      if (this.#hasEnded || !reader.isOver) return;
      this.#readers.shift();
    }
  }

  #take(item: TapItem): void {
    const { index } = item;
    if (item.type === 'began') {
      this.#begin(index, item.epoch);
      return;
    }
    const at = this.#time.at(index);
    while (item.type !== 'ended' && this.#switches.length > 0 && this.#switches[0]!.at <= at) this.#apply(this.#switches.shift()!, index);
    if (this.#hasEnded) return;
    if (this.#summed >= 0 && this.#summed !== index) this.#addUp();
    this.#look(item);
    this.#lastAt = at;
    if (item.type === 'frame') this.#hear(item);
    else if (item.type === 'came' && item.source.kind === 'leg') this.#came(item.source);
    else if (item.type === 'left') this.#left(`${item.source.kind} ${item.source.id}`);
    else if (item.type === 'tick') this.#pass(index);
  }

  #begin(index: number, epoch: number): void {
    const { head } = this.#options;
    const since = this.#hasBegun ? this.#lastAt + 20 : head.startedAt;
    // Nobody was there: silence if that was asked for, nothing else.
    const skipped = head.silence && !this.#isPaused ? Math.max(0, Math.round((epoch - since) / 20)) : 0;
    this.#time.begin(index, epoch, skipped);
    this.#hasBegun = true;
    this.#note({ do: 'run', frame: this.#time.frames, at: Math.round(epoch) });
  }

  /** Is anything missing before this item? */
  #look({ index, lost, type }: TapItem): void {
    if (this.#isPaused || type === 'ended') return;
    const missing = index - this.#time.next;
    if (lost > 0) {
      const frame = this.#time.frames;
      this.#gap(frame, Math.max(frame + 1, this.#time.frameOf(index)), 'slow', 'the recorder was too slow');
    } else if (missing >= STANDSTILL) {
      this.#gap(this.#time.frames, this.#time.frameOf(index), 'stood-still', 'the machine stood still');
    } else return;
    if (missing > 0) this.#time.pass(index - 1);
  }

  #pass(index: number): void {
    if (this.#isPaused) {
      this.#time.next = index + 1;
      return;
    }
    this.#addUp();
    this.#time.pass(index);
    const { maxSeconds, maxSilence } = this.#options.head;
    const { frames } = this.#time;
    if (maxSeconds !== undefined && frames >= 50 * maxSeconds) this.end('limit');
    else if (maxSilence !== undefined && frames - this.#talkedTo >= 50 * maxSilence) this.end('silence');
  }

  #hear({ index, source, samples, rate, talking }: TapFrame & { index: number }): void {
    if (this.#isPaused) return;
    const frame = this.#time.frameOf(index);
    // What is played is nobody's voice.
    if (talking && source?.kind !== 'prompt') this.#talkedTo = frame + 1;
    if (rate !== this.#rate) this.#change(rate, frame);
    if (source === null) {
      this.#attempt(() => this.#mix.write(frame, samples));
      return;
    }
    this.#attempt(() => this.#came(source).write(frame, samples));
    const sum = this.#sum;
    if (this.#summed < 0) for (let i = 0; i < samples.length; i++) sum[i] = samples[i]!;
    else for (let i = 0; i < samples.length; i++) sum[i]! += samples[i]!;
    this.#summed = index;
  }

  /** The sum of the tick's stems is the mix, limited as what the room hears is. */
  #addUp(): void {
    const index = this.#summed;
    if (index < 0) return;
    this.#summed = -1;
    const count = this.#rate / 50;
    this.#limiter.process(this.#sum, count, this.#mixed);
    this.#attempt(() => this.#mix.write(this.#time.frameOf(index), this.#mixed.subarray(0, count)));
  }

  #change(rate: number, frame: number): void {
    this.#rate = rate;
    const limiter = new Limiter({ rate });
    limiter.follow(this.#limiter);
    this.#limiter = limiter;
    this.#note({ do: 'rate', rate, frame });
  }

  #came(source: { readonly kind: string; readonly id: string }): Track {
    const name = `${source.kind} ${source.id}`;
    const known = this.#tracks.get(name);
    if (known !== undefined) {
      if (known.isLeft) this.#note({ do: 'back', track: known.track, frame: this.#time.frames, at: this.#stamp() });
      known.isLeft = false;
      return known;
    }
    const track = new Track(this.#home, this.#tracks.size + 1, this.#time.frames);
    this.#tracks.set(name, track);
    this.#note({ do: 'track', track: track.track, source: { kind: source.kind, id: source.id }, frame: track.frame });
    return track;
  }

  #left(name: string): void {
    const track = this.#tracks.get(name);
    if (track === undefined || track.isLeft) return;
    track.isLeft = true;
    this.#note({ do: 'left', track: track.track, frame: this.#time.frames, at: this.#stamp() });
  }

  #stamp(): number {
    return Math.round(this.#time.at(this.#time.next));
  }

  #apply(change: Switch, index = this.#time.next): void {
    this.#addUp();
    if (change.do === 'end') {
      this.end(change.reason);
      return;
    }
    if (this.#isPaused === (change.do === 'pause')) return;
    this.#isPaused = change.do === 'pause';
    if (!this.#isPaused) this.#time.goOn(index);
    this.#note({ do: change.do, frame: this.#time.frames, at: Math.round(change.at) });
    if (!this.#isPaused) this.#note({ do: 'run', frame: this.#time.frames, at: Math.round(this.#time.at(index)) });
  }

  /** Positional, because it is asked rarely and reads like a sentence: from frame, to frame, why. */
  #gap(from: number, to: number, reason: GapReason, words: string): void {
    if (to <= from) return;
    const at = Math.round(this.#time.at(this.#time.next) - 20 * (this.#time.frames - from));
    this.#note({ do: 'gap', frame: from, frames: to - from, at, reason, words });
    this.#options.onGap({ from: at, lostMs: 20 * (to - from), words });
  }

  #note(line: Line): void {
    this.#lines.push(`${JSON.stringify(line)}\n`);
  }

  #flushJournal(): void {
    if (this.#lines.length === 0) return;
    const { disk, folder, syncs, now } = this.#options;
    this.#journal ??= disk.open(`${folder}/${JOURNAL}`);
    const bytes = Buffer.from(this.#lines.join(''));
    // What was written halfway is written again in the same place.
    disk.write(this.#journal, bytes, this.#journalBytes);
    this.#journalBytes += bytes.length;
    this.#lines = [];
    syncs.mark(this.#journal, now());
  }

  /** Does something with the disk, and says whether the disk did it. */
  #attempt(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      const words = inWords(error);
      if (this.#trouble === undefined) this.#trouble = { since: this.#options.now(), frame: this.#written, words };
      else this.#trouble.words = words;
      return false;
    }
  }
}
