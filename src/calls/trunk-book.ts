import type { AccountDocument, AccountId, Documents, Trunk, TrunkId } from '../accounts/index.ts';
import { trunkOf } from '../accounts/index.ts';
import type { Clock, IsIn, Log } from '../base/index.ts';
import { readNetworks } from '../base/index.ts';
import { owns } from './dialling/numbers.ts';

/** How long what was read is believed, in ms; a change made here is seen at once. */
const BELIEVED = 5_000;

/** How a trunk does. */
export interface TrunkState {
  readonly id: TrunkId;
  readonly account: AccountId;
  /** Of its registration; absent: it does not register. */
  readonly registration?: 'registered' | 'failed' | 'trying';
  /** By OPTIONS and by calls; absent: not known. */
  readonly reachable?: boolean;
  /** Calls that are up or ring. */
  readonly calls: number;
  /** Epoch ms of the last change of the above. */
  readonly since?: number;
  /** Why it does not do, for people. */
  readonly words?: string;
}

interface Known {
  readonly trunk: Trunk;
  readonly isOurs: IsIn;
}

/** The trunks of all accounts as they are stored, and which of them somebody comes from. */
export class TrunkBook {
  readonly #documents: Pick<Documents, 'all'> | undefined;
  readonly #clock: Clock;
  readonly #log: Log;
  #known: readonly Known[] = [];
  #until = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor({ documents, clock, log }: { documents: Pick<Documents, 'all'> | undefined; clock: Clock; log: Log }) {
    this.#documents = documents;
    this.#clock = clock;
    this.#log = log;
  }

  /** The enabled ones, as they were a moment ago. */
  get now(): readonly Trunk[] {
    return this.#known.map(({ trunk }) => trunk).filter(({ enabled }) => enabled);
  }

  /** The enabled ones, as they are stored now or were a moment ago. */
  async all(): Promise<readonly Trunk[]> {
    if (this.#clock.now() >= this.#until) await this.refresh();
    return this.now;
  }

  /** Those of an account, in the order in which they are tried. */
  async of(account: AccountId): Promise<readonly Trunk[]> {
    const all = (await this.all()).filter((each) => each.account === account);
    return [...all].sort((one, other) => (one.weight ?? 0) - (other.weight ?? 0));
  }

  /** The trunk that calls from an address come over; of several the one that owns the number. */
  async from(address: string, number: (trunk: Trunk) => string | undefined): Promise<Trunk | undefined> {
    await this.all();
    const here = this.#known.filter(({ trunk, isOurs }) => trunk.enabled && isOurs(address)).map(({ trunk }) => trunk);
    return (
      here.find((each) => {
        const dialled = number(each);
        return dialled !== undefined && owns(each.numbers, dialled);
      }) ?? here[0]
    );
  }

  /** Reads them anew. What cannot be read leaves things as they are. */
  async refresh(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  async #read(): Promise<void> {
    if (this.#documents === undefined) return;
    try {
      this.#known = (await this.#documents.all('trunk')).map(known);
      this.#until = this.#clock.now() + BELIEVED;
    } catch (error) {
      this.#log.warn('trunks could not be read, the known ones stay', { error });
    }
  }
}

function known(document: AccountDocument): Known {
  const trunk = trunkOf(document);
  return { trunk, isOurs: readNetworks(trunk.addresses) ?? (() => false) };
}
