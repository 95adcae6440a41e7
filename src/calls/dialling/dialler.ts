import type { Account, AccountId, Accounts, Device, DeviceId, UserId } from '../../accounts/index.ts';
import { type Chance, type Clock, Failure, isObject, type Json, type JsonObject, newId } from '../../base/index.ts';
import {
  type BadEndpoint,
  type CallId,
  type ConferenceId,
  type DialEndpoint,
  type Dialling,
  type DialOrder,
  type DialOutcome,
  type DialTarget,
  type DialWay,
  type Execute,
  outboundCall,
  type Refusal,
  type Resolved,
} from '../../conference/index.ts';
import { isSipUri, parseUri } from '../../sip/index.ts';
import type { TrunkBook } from '../trunk-book.ts';
import { isNumber, plainNumber, spellings } from './numbers.ts';
import type { Outgoing } from './outgoing.ts';

/** What dialling needs. */
export interface DiallerOptions {
  readonly accounts: Accounts;
  readonly book: TrunkBook;
  readonly outgoing: Outgoing;
  readonly execute: Execute;
  readonly clock: Clock;
  readonly chance: Chance;
  /** Some live call, ours or not, has this Call-ID. */
  readonly isTaken: (sipCallId: string) => boolean;
}

type Wish = Parameters<Dialling['resolve']>[2];

/** What a URI is called with. */
type Means = Partial<Pick<Extract<DialWay, { by: 'uri' }>, 'username' | 'password' | 'media'>> & { readonly name?: string };

/** What answers inside of the account, and under which spelling of the number. */
interface Inside {
  readonly conference?: ConferenceId | undefined;
  readonly flow?: unknown;
  readonly number: string;
}

/** Somebody who can be called. */
type Found = Extract<Resolved, { readonly target: DialTarget }>;

const no = (endpoint: string, refusal: Refusal, why?: BadEndpoint['why']): Resolved => ({
  endpoint,
  refusal,
  ...(why === undefined ? {} : { why }),
});

/** What must not stand in a URI, or would end it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get into a header.
const UNFIT = /[\x00-\x20\x7f<>"\\^`{|}]/;

/** Finds whom endpoints mean, and calls them into conferences. */
export class Dialler implements Dialling {
  readonly #options: DiallerOptions;

  constructor(options: DiallerOptions) {
    this.#options = options;
  }

  async resolve(account: AccountId, endpoint: DialEndpoint, wish: Wish = {}): Promise<Resolved> {
    if (typeof endpoint !== 'string') return this.#inline(account, endpoint, wish);
    if (/^sips?:/i.test(endpoint)) return this.#uri(endpoint, {}, wish);
    if (endpoint.length === 32) return this.#byId(account, endpoint, wish);
    return this.#number(account, endpoint, wish);
  }

  async dial(order: DialOrder): Promise<readonly DialOutcome[]> {
    const { account, conference, endpoints } = order;
    const owner = await this.#options.accounts.account(account);
    if (owner === undefined) throw new Failure('not-found', 'account_not_found', 'there is no such account');
    const wish = { ...order, notInto: conference };
    const resolved = await Promise.all(endpoints.map((each) => this.resolve(account, each, wish)));
    const found = resolved.filter((each): each is Found => 'target' in each);
    if (found.length === 0) throw nobody(resolved);
    const outcomes: Promise<DialOutcome>[] = [];
    for (const each of resolved) {
      const jobId = newId(this.#options.chance, this.#options.clock.epoch());
      if ('target' in each) outcomes.push((await this.#make(each, { order, owner, jobId })).outcome);
      else outcomes.push(Promise.resolve({ endpoint: each.endpoint, jobId, refusal: each.refusal }));
    }
    return Promise.all(outcomes);
  }

  /** Makes one call; what is given resolves when the domain has it on its way, its `outcome` when it is in or has failed. */
  async #make(
    { endpoint, name, target, vars }: Found,
    { order, owner, jobId }: { readonly order: DialOrder; readonly owner: Account; readonly jobId: string },
  ): Promise<{ readonly outcome: Promise<DialOutcome> }> {
    const { outgoing, execute, clock, chance } = this.#options;
    const { account, conference, role, flags, adHoc } = order;
    const id = newId(chance, clock.epoch()) as CallId;
    const callId = this.#callId(order.outboundCallId);
    const call = outboundCall(id, {
      sipCallId: callId,
      callerName: name,
      callerNumber: numberShown(target),
      channelVars: {
        account_id: owner.id,
        account_name: owner.name,
        account_realm: owner.realm,
        realm: owner.realm,
        is_conference: 'true',
        ...vars,
      },
      ...(order.vars === undefined || Object.keys(order.vars).length === 0 ? {} : { applicationVars: order.vars }),
    });
    const settled = outgoing.outcome(id);
    const row = { endpoint, jobId, callId, call: id };
    try {
      await execute(
        'call.dial',
        {
          conference,
          call,
          target,
          ...(role === undefined ? {} : { role }),
          ...(flags === undefined ? {} : { flags }),
          ...(adHoc === undefined ? {} : { adHoc }),
        },
        { account, kind: 'api' },
      );
    } catch (error) {
      outgoing.forgetOutcome(id);
      if (!(error instanceof Failure) || error.code === 'conference_not_found') throw error;
      return { outcome: Promise.resolve({ endpoint, jobId, refusal: { code: error.code, words: error.message } }) };
    }
    return { outcome: settled.then((refusal) => (refusal === undefined ? row : { ...row, refusal })) };
  }

  /** The one that was asked for, with `-2`, `-3` … where a live leg has it; else a fresh one. */
  #callId(wished: string | undefined): string {
    const { chance, clock, isTaken } = this.#options;
    if (wished === undefined) return newId(chance, clock.epoch());
    let callId = wished;
    for (let n = 2; isTaken(callId); n++) callId = `${wished}-${n}`;
    return callId;
  }

  #uri(uri: string, { username, password, media, name }: Means, wish: Wish): Resolved {
    const parsed = isSipUri(uri) && !UNFIT.test(uri) ? parseUri(uri) : undefined;
    if (parsed === undefined || parsed.host === '' || parsed.headers !== undefined) {
      return no(uri, { code: 'bad_endpoint', words: `${uri.slice(0, 100)} is no SIP URI that can be called` }, 'not_found');
    }
    const way: DialWay = {
      by: 'uri',
      uri,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(media === undefined ? {} : { media }),
    };
    return { endpoint: uri, name: name ?? parsed.user ?? parsed.host, target: targetOf(uri, [way], wish), vars: {} };
  }

  async #byId(account: AccountId, id: string, wish: Wish): Promise<Resolved> {
    const { accounts } = this.#options;
    const devices = await accounts.devices(account);
    const device = devices.find((each) => each.id === id);
    if (device !== undefined) return this.#device(id, device, wish);
    const owned = devices.filter((each) => each.owner === id && canRing(each));
    const [first] = owned;
    if (first !== undefined) {
      const ways = owned.map((each): DialWay => ({ by: 'device', device: each.id as DeviceId }));
      return { endpoint: id, name: first.name, target: targetOf(id, ways, wish), vars: { owner_id: id } };
    }
    if (await accounts.isEnabled(account, id as UserId)) {
      return no(id, { code: 'bad_endpoint', words: `user ${id} failed to resolve to route-able destinations` }, 'minItems');
    }
    return no(id, { code: 'bad_endpoint', words: `ID ${id} not found` }, 'not_found');
  }

  #device(endpoint: string, device: Device, wish: Wish): Resolved {
    if (!canRing(device)) return no(endpoint, { code: 'bad_endpoint', words: `ID ${endpoint} not found` }, 'not_found');
    const { id, name, username, owner } = device;
    const vars = { authorizing_id: id, authorizing_type: 'device', username, ...(owner === undefined ? {} : { owner_id: owner }) };
    return { endpoint, name, target: targetOf(endpoint, [{ by: 'device', device: id }], wish), vars };
  }

  /** Parley's own numbers first, then the trunks (rulings "dial"). */
  async #number(account: AccountId, text: string, wish: Wish): Promise<Resolved> {
    const { accounts, book } = this.#options;
    const number = plainNumber(text);
    if (number === '' || number.length > 64 || UNFIT.test(number)) return notAny(text);
    const device = await accounts.device(account, number);
    if (device !== undefined) return this.#device(text, device, wish);
    const inside = await this.#inside(account, number);
    if (inside !== undefined && (await this.#leadsTo(inside, { account, into: wish?.notInto, depth: 0 }))) {
      return no(text, { code: 'dial_into_itself', words: `${text} leads back into the same conference` });
    }
    if (inside !== undefined) {
      return { endpoint: text, name: text, target: targetOf(text, [{ by: 'inside', number: inside.number }], wish), vars: {} };
    }
    if (!isNumber(number)) return notAny(text);
    if ((await book.of(account)).length === 0) {
      return no(text, { code: 'dial_no_trunk', words: `nothing answers under ${text} here, and the account has no trunk` });
    }
    return { endpoint: text, name: text, target: targetOf(text, [{ by: 'trunk', number }], wish), vars: {} };
  }

  /** What the account has put under a number, however it is spelt; undefined: nothing. */
  async #inside(account: AccountId, dialled: string): Promise<Inside | undefined> {
    for (const number of spellings(dialled)) {
      try {
        return { ...(await this.#options.execute('call.route', { dialled: number }, { account, kind: 'api' })), number };
      } catch (error) {
        if (!(error instanceof Failure) || error.kind !== 'not-found') throw error;
      }
    }
    return undefined;
  }

  /** Whether somebody who dials this may come into the conference: it is its number, or a flow that names its id or, perhaps by another flow, its number. */
  async #leadsTo(
    { conference, flow }: Inside,
    { account, into, depth }: { readonly account: AccountId; readonly into: ConferenceId | undefined; readonly depth: number },
  ): Promise<boolean> {
    if (into === undefined || flow === undefined) return into !== undefined && conference === into;
    const text = JSON.stringify(flow);
    if (conference === into || text.includes(into)) return true;
    if (depth >= DEEPEST) return false;
    for (const number of numbersIn(text)) {
      const inside = await this.#inside(account, number);
      if (inside !== undefined && (await this.#leadsTo(inside, { account, into, depth: depth + 1 }))) return true;
    }
    return false;
  }

  /** An inline device document: by its route or address, else the registered telephone of that user. */
  async #inline(account: AccountId, document: JsonObject, wish: Wish): Promise<Resolved> {
    const { accounts, chance, clock } = this.#options;
    const endpoint = textOf(document['id']) ?? newId(chance, clock.epoch());
    const sip = partOf(document, 'sip') ?? {};
    const [username, password, route, ip] = ['username', 'password', 'route', 'ip'].map((key) => textOf(sip[key]));
    const uri = route ?? (ip === undefined ? undefined : addressed(username, ip));
    if (uri !== undefined) {
      const media = partOf(document, 'media');
      const name = textOf(document['name']);
      const means = { ...(name && { name }), ...(username && { username }), ...(password && { password }), ...(media && { media }) };
      const found = this.#uri(/^sips?:/i.test(uri) ? uri : `sip:${uri}`, means, wish);
      return { ...found, endpoint };
    }
    const device = username === undefined ? undefined : await accounts.device(account, username);
    if (device === undefined) return no(endpoint, { code: 'bad_endpoint', words: `ID ${endpoint} not found` }, 'not_found');
    return this.#device(endpoint, device, wish);
  }
}

const addressed = (username: string | undefined, ip: string): string =>
  `sip:${username === undefined ? '' : `${encodeURIComponent(username)}@`}${ip}`;

const partOf = (document: JsonObject, key: string): JsonObject | undefined => {
  const value = document[key];
  return value !== undefined && isObject(value) ? value : undefined;
};

const textOf = (value: Json | undefined): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Disabled telephones, and those that are not to be disturbed, do not ring (kazoo-facts §10.2). */
const canRing = ({ enabled, sheet }: Device): boolean => {
  const dnd = sheet?.document['do_not_disturb'];
  return enabled && !(isObject(dnd ?? null) && (dnd as JsonObject)['enabled'] === true);
};

const notAny = (text: string): Resolved =>
  no(text, { code: 'bad_endpoint', words: 'Value not a number, device or user ID, or SIP endpoint' }, 'enum');

/** How many flows are looked through, one behind the other, and how many numbers of each. */
const DEEPEST = 3;
const MOST_NUMBERS = 50;

/** What a flow may dial: its texts that are numbers. */
const numbersIn = (flow: string): readonly string[] =>
  [...new Set([...flow.matchAll(/"(\+?[0-9*#]{2,40})"/g)].map(([, number = '']) => number))].slice(0, MOST_NUMBERS);

function targetOf(dialled: string, ways: readonly DialWay[], wish: Wish = {}): DialTarget {
  const { timeoutSeconds, callerId, replaces } = wish;
  return {
    dialled,
    ways,
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    ...(callerId === undefined ? {} : { callerId }),
    ...(replaces === undefined ? {} : { replaces }),
  };
}

/** What stands as the number of whom we called. */
function numberShown({ dialled, ways }: DialTarget): string {
  const [way] = ways;
  if (way?.by === 'uri') return parseUri(way.uri)?.user ?? dialled;
  return way?.by === 'trunk' || way?.by === 'inside' ? way.number : dialled;
}

function nobody(resolved: readonly Resolved[]): Failure {
  const endpoints = resolved.map((each, at) => ({
    index: at + 1,
    endpoint: each.endpoint,
    ...('refusal' in each ? { why: each.why ?? 'unroutable', code: each.refusal.code, words: each.refusal.words } : {}),
  }));
  return new Failure('invalid', 'no_endpoint', 'endpoints failed to resolve to route-able destinations', { details: { endpoints } });
}
