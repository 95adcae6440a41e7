import type { AccountId } from '../accounts/index.ts';
import { type Alarm, type Chance, type Clock, dashed, type Log, newId } from '../base/index.ts';
import { lobbyOf, type MediaId, type MediaLibrary, type Names, type PlaySource, type Visitor } from '../conference/index.ts';
import type { Engine, Tap, TapFrame } from '../media/index.ts';
import { wavHeader } from './writing/wav-part.ts';

/** What names are recorded with. */
export interface NamesOptions {
  readonly engine: Pick<Engine, 'tap'>;
  readonly library: Pick<MediaLibrary, 'create' | 'upload' | 'remove' | 'list'>;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** How the name of this user is pronounced. */
  pronounced(account: AccountId, owner: string): Promise<PlaySource | undefined>;
  /** From now on this is how the name of this user is pronounced. */
  keep(account: AccountId, owner: string, media: MediaId): Promise<void>;
}

/** How often it is looked for what was said, ms. */
const EVERY = 40;
const TICK = 20;
/** ms of silence after which nobody is expected to say anything, and after which he has said it. */
const SILENT_BEFORE = 5_000;
const SILENT_AFTER = 1_500;
/** ms that are kept before the first word and behind the last. */
const AROUND = 200;
/** ms after the end of the call for which others may still be told its name. */
const LINGER = 60_000;
/** Bytes of the tap's ring: more than is said between two looks at 48 kHz. */
const RING = 65_536;
/** What recorded names are called. */
const PREFIX = 'conf_announce_';

/** What somebody says, as it comes. */
class Take {
  readonly #frames: { readonly index: number; readonly samples: Int16Array }[] = [];
  #rate = 0;
  #from: number | undefined;
  #first: number | undefined;
  #last = 0;
  #now = 0;

  /** Everything up to this tick is known. */
  pass(index: number): void {
    this.#from ??= index;
    this.#now = Math.max(this.#now, index);
  }

  hear({ index, rate, samples, talking }: TapFrame & { readonly index: number }): void {
    this.pass(index);
    if (this.#rate === 0) this.#rate = rate;
    // A room changes its rate once, when its only telephone has said what it can; what came before is too short to be a name.
    if (this.#rate !== rate) {
      this.#frames.length = 0;
      this.#rate = rate;
      this.#first = undefined;
    }
    this.#frames.push({ index, samples: samples.slice() });
    if (!talking) return;
    this.#first ??= index;
    this.#last = index;
  }

  /** Whether he has said it, or will say nothing. */
  get isOver(): boolean {
    const since = this.#first === undefined ? (this.#from ?? this.#now) : this.#last;
    return (this.#now - since) * TICK >= (this.#first === undefined ? SILENT_BEFORE : SILENT_AFTER);
  }

  /** A WAV file of what was said; undefined: nothing. */
  wav(): Uint8Array | undefined {
    if (this.#first === undefined) return undefined;
    const [from, to] = [this.#first - AROUND / TICK, this.#last + AROUND / TICK];
    const each = (this.#rate * TICK) / 1000;
    const kept = this.#frames.filter(({ index }) => index >= from && index <= to);
    const start = kept[0]?.index ?? from;
    const sound = new Int16Array(((kept.at(-1)?.index ?? start) - start + 1) * each);
    for (const { index, samples } of kept) sound.set(samples.subarray(0, each), (index - start) * each);
    const head = wavHeader(this.#rate, sound.length);
    const bytes = new Uint8Array(head.length + 2 * sound.length);
    bytes.set(head);
    bytes.set(new Uint8Array(sound.buffer), head.length);
    return bytes;
  }
}

/** One recording under way. */
interface Going {
  readonly tap: Tap;
  alarm: Alarm | undefined;
  end(): void;
}

/** Records the names that callers say in their lobbies, as media of their accounts. */
export class RecordedNames implements Names {
  readonly #options: NamesOptions;
  readonly #going = new Map<string, Going>();
  /** What was recorded in each call and belongs to nobody. */
  readonly #kept = new Map<string, MediaId[]>();
  readonly #alarms = new Set<Alarm>();

  constructor(options: NamesOptions) {
    this.#options = options;
  }

  /** Removes what a crash left behind. */
  async tidy(accounts: readonly { readonly id: AccountId }[]): Promise<void> {
    for (const { id: account } of accounts) {
      const left = (await this.#options.library.list(account)).filter(({ document }) => isLeftBehind(document));
      for (const { id } of left) await this.#remove(account, id);
    }
  }

  async record(visitor: Visitor, longest: number): Promise<PlaySource | undefined> {
    const bytes = await this.#listen(visitor, longest);
    return bytes === undefined ? undefined : this.#store(visitor, bytes);
  }

  stop({ call }: Visitor): void {
    this.#going.get(call)?.end();
  }

  forget({ account, call }: Visitor, name: PlaySource): void {
    const mine = this.#kept.get(call);
    if (mine === undefined || typeof name !== 'string' || !mine.includes(name as MediaId)) return;
    this.#kept.set(
      call,
      mine.filter((each) => each !== name),
    );
    void this.#remove(account, name as MediaId);
  }

  over({ account, call, owner }: Visitor): void {
    this.#going.get(call)?.end();
    const mine = this.#kept.get(call) ?? [];
    this.#kept.delete(call);
    const last = mine.at(-1);
    if (last !== undefined && owner !== undefined) {
      const { keep, log } = this.#options;
      keep(account, owner, last).catch((error: unknown) => log.warn('a name was not kept', { account, error }));
    }
    const gone = owner === undefined ? mine : mine.slice(0, -1);
    if (gone.length === 0) return;
    const { clock } = this.#options;
    const alarm = clock.wake(clock.now() + LINGER, () => {
      this.#alarms.delete(alarm);
      for (const id of gone) void this.#remove(account, id);
    });
    this.#alarms.add(alarm);
  }

  async pronounced({ account, owner }: Visitor): Promise<PlaySource | undefined> {
    return owner === undefined ? undefined : this.#options.pronounced(account, owner);
  }

  /** Records nothing any more; what is left is removed by the next start. */
  close(): void {
    for (const each of this.#going.values()) each.end();
    for (const each of this.#alarms) each.cancel();
    this.#alarms.clear();
  }

  #listen({ account, call }: Visitor, longest: number): Promise<Uint8Array | undefined> {
    this.#going.get(call)?.end();
    const { engine, clock } = this.#options;
    const take = new Take();
    const tap = engine.tap(account, lobbyOf(call), { what: 'legs', bytes: RING });
    const until = clock.now() + longest;
    return new Promise((resolve) => {
      const going: Going = {
        tap,
        alarm: undefined,
        end: () => {
          if (this.#going.get(call) !== going) return;
          this.#going.delete(call);
          going.alarm?.cancel();
          read(tap, call, take);
          tap.close();
          resolve(take.wav());
        },
      };
      const look = (): void => {
        read(tap, call, take);
        if (take.isOver || clock.now() >= until) going.end();
        else going.alarm = clock.wake(clock.now() + EVERY, look);
      };
      this.#going.set(call, going);
      going.alarm = clock.wake(clock.now() + EVERY, look);
    });
  }

  async #store({ account, call }: Visitor, bytes: Uint8Array): Promise<PlaySource | undefined> {
    const { library, clock, chance, log } = this.#options;
    try {
      const name = `${PREFIX}${dashed(newId(chance, clock.epoch()))}`;
      const made = await library.create(account, { name, media_source: 'recording', description: 'the name of a caller' });
      this.#kept.set(call, [...(this.#kept.get(call) ?? []), made.id]);
      await library.upload(made, { type: 'audio/wav', bytes });
      return made.id;
    } catch (error) {
      log.warn('a name was not recorded', { call, error });
      return undefined;
    }
  }

  async #remove(account: AccountId, id: MediaId): Promise<void> {
    try {
      await this.#options.library.remove(account, id);
    } catch (error) {
      this.#options.log.info('a recorded name was not removed', { account, error: String(error) });
    }
  }
}

/** Only the caller is listened to, not what is played to him. */
function read(tap: Tap, call: string, take: Take): void {
  for (const item of tap.read()) {
    if (item.type === 'frame' && item.source?.kind === 'leg' && item.source.id === call) take.hear(item);
    else take.pass(item.index);
  }
}

const isLeftBehind = ({ name, media_source: source, owner_id: owner }: Readonly<Record<string, unknown>>): boolean =>
  typeof name === 'string' && name.startsWith(PREFIX) && source === 'recording' && owner === undefined;
