import type { AccountId } from '../accounts/index.ts';
import { type Alarm, addressBits, type Chance, type Clock, newId } from '../base/index.ts';
import type { CallHistory, CallId, Cdr } from '../conference/index.ts';

/** Records of their own in a minute that one source gets, ms and counts: of whom nobody knows, and of a device or trunk that is known. */
const MINUTE = 60_000;
const OF_STRANGER = 10;
const OF_KNOWN = 600;
/** Records of their own that all strangers together get, per account. */
const OF_STRANGERS = 60;
/** So many sources of an account get a record for the rest each; what comes from others goes into one more. */
const SOURCES = 20;
/** More sources than this are not told apart: addresses of UDP packets are easily made up. */
const MOST = 2000;

/** What the bound on refused calls needs. */
export interface RefusedFloodsOptions {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly history: CallHistory | undefined;
  readonly insist: (work: () => Promise<unknown>) => Promise<void>;
  readonly follow: (work: Promise<unknown>) => void;
}

/** What one source did in this minute. */
interface Source {
  own: number;
  rest: Cdr | undefined;
}

/** The networks that one sender has at will count as one: an IPv4 address, the first 64 bits of an IPv6 one. */
export function sourceOf(address: string): string {
  const bits = addressBits(address);
  if (bits === undefined) return address;
  if (bits >> 32n === 0xffffn) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join('.');
  const groups = [112n, 96n, 80n, 64n].map((shift) => ((bits >> shift) & 0xffffn).toString(16));
  return `${groups.join(':')}::/64`;
}

/**
 * Keeps a flood of calls that are refused from filling the database: the first ones of a minute have a record each, the rest of them one per source that
 * counts them. A minute begins with the first refused call.
 */
export class RefusedFloods {
  readonly #options: RefusedFloodsOptions;
  readonly #strange = new Map<string, Source>();
  readonly #known = new Map<string, Source>();
  /** Records of strangers in this minute, and how many sources have one for the rest. */
  readonly #strangers = new Map<AccountId, number>();
  readonly #resting = new Map<AccountId, number>();
  readonly #others = new Map<AccountId, Cdr>();
  #alarm: Alarm | undefined;

  constructor(options: RefusedFloodsOptions) {
    this.#options = options;
  }

  /** Whether the next refused call of this source has a record, and an event, of its own. */
  hasRoom(account: AccountId, address: string, isKnown: boolean): boolean {
    const own = this.#sourceOf(account, address, isKnown)?.own;
    if (own === undefined) return false;
    return isKnown ? own < OF_KNOWN : own < OF_STRANGER && (this.#strangers.get(account) ?? 0) < OF_STRANGERS;
  }

  /** Takes the record of a call that was refused, to be counted among others; false: it is to be kept as it is. */
  takes(cdr: Cdr, address: string): boolean {
    const isKnown = cdr.channelVars['authorizing_id'] !== undefined;
    const source = this.#sourceOf(cdr.account, address, isKnown);
    if (source === undefined || !this.hasRoom(cdr.account, address, isKnown)) {
      this.#rest(cdr, source, address);
      return true;
    }
    source.own += 1;
    if (!isKnown) this.#strangers.set(cdr.account, (this.#strangers.get(cdr.account) ?? 0) + 1);
    return false;
  }

  /** Keeps what was counted. */
  async close(): Promise<void> {
    this.#alarm?.cancel();
    await this.#write();
  }

  /** Undefined: there are too many to tell them apart. */
  #sourceOf(account: AccountId, address: string, isKnown: boolean): Source | undefined {
    const sources = isKnown ? this.#known : this.#strange;
    const key = `${account} ${sourceOf(address)}`;
    const source = sources.get(key);
    if (source !== undefined || sources.size >= MOST) return source;
    const { clock } = this.#options;
    this.#alarm ??= clock.wake(clock.now() + MINUTE, () => this.#follow());
    const fresh: Source = { own: 0, rest: undefined };
    sources.set(key, fresh);
    return fresh;
  }

  #rest(cdr: Cdr, source: Source | undefined, address: string): void {
    const { account } = cdr;
    const resting = this.#resting.get(account) ?? 0;
    if (source === undefined || (source.rest === undefined && resting >= SOURCES)) {
      this.#others.set(account, joined(this.#others.get(account), cdr, undefined));
      return;
    }
    if (source.rest === undefined) this.#resting.set(account, resting + 1);
    source.rest = joined(source.rest, cdr, sourceOf(address));
  }

  #follow(): void {
    this.#options.follow(this.#write());
  }

  async #write(): Promise<void> {
    this.#alarm = undefined;
    const { chance, clock, history, insist } = this.#options;
    const counted = [...[...this.#strange.values(), ...this.#known.values()].flatMap(({ rest }) => rest ?? []), ...this.#others.values()];
    const rests = counted.map((rest) => ({ ...rest, id: newId(chance, clock.epoch()) as CallId }));
    for (const each of [this.#strange, this.#known, this.#strangers, this.#resting, this.#others]) each.clear();
    if (history === undefined) return;
    await Promise.all(rests.map((rest) => insist(() => history.add(rest))));
  }
}

/** One record for one more call: what they do not have in common is left out. */
function joined(rest: Cdr | undefined, cdr: Cdr, source: string | undefined): Cdr {
  if (rest === undefined) return { ...cdr, refusals: { calls: 1, ...(source === undefined ? {} : { source }) } };
  const { conference, role: _role, codec: _codec, ...first } = rest;
  const same = (one: string, other: string): string => (one === other ? one : '');
  return {
    ...first,
    ...(conference !== undefined && conference === cdr.conference ? { conference } : {}),
    callerName: same(rest.callerName, cdr.callerName),
    callerNumber: same(rest.callerNumber, cdr.callerNumber),
    calledNumber: same(rest.calledNumber, cdr.calledNumber),
    startedAt: Math.min(rest.startedAt, cdr.startedAt),
    endedAt: Math.max(rest.endedAt, cdr.endedAt),
    channelVars: Object.fromEntries(Object.entries(rest.channelVars).filter(([name, value]) => cdr.channelVars[name] === value)),
    refusals: { ...rest.refusals, calls: (rest.refusals?.calls ?? 1) + 1 },
  };
}
