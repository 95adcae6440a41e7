import type { AccountId, Trunk, TrunkId } from '../accounts/index.ts';
import { type Alarm, type Log, newId, printHostPort, Runner } from '../base/index.ts';
import { contacts, type Headers, headerNumber, newTag, parseUri, type SipRequest, type SipResponse } from '../sip/index.ts';
import { authorisation } from './credentials.ts';
import { type Finding, waysTo } from './dialling/names.ts';
import { serverUri } from './dialling/server-uri.ts';
import type { Flow } from './flow.ts';
import type { FinalAnswer } from './server-transaction.ts';
import { contactOf, type Surroundings, viaOf } from './surroundings.ts';
import type { TrunkBook, TrunkState } from './trunk-book.ts';
import { type Effect, type Input, type State, trunkRegistrationMachine } from './trunk-registration.machine.ts';

/** What the trunks need. */
export interface TrunksOptions {
  readonly around: Surroundings;
  readonly book: TrunkBook;
  readonly finding: Finding;
  readonly log: Log;
  /** Calls that go through a trunk now. */
  readonly callsOf: (trunk: TrunkId) => number;
}

/** How often it is looked whether documents changed elsewhere, in ms. */
const LOOK = 30_000;
/** Seconds between OPTIONS when the trunk says nothing itself. */
const PROBE = 60;
/** Seconds that a registration of ours is asked for. */
const EXPIRES = 600;

/** One trunk while it is served. */
interface Served {
  trunk: Trunk;
  registration: Registration | undefined;
  probe: Alarm | undefined;
  reachable: boolean | undefined;
  registered: TrunkState['registration'];
  words: string | undefined;
  since: number;
}

/** Registers at trunks and asks how they are, for as long as their documents say so. */
export class Trunks {
  readonly #options: TrunksOptions;
  readonly #served = new Map<TrunkId, Served>();
  #alarm: Alarm | undefined;
  #closed = false;

  constructor(options: TrunksOptions) {
    this.#options = options;
  }

  /** Serves the trunks as they are stored now; later changes by `changed`, or within 30 s. */
  async follow(): Promise<void> {
    const { book, around } = this.#options;
    this.#alarm?.cancel();
    await book.refresh();
    if (this.#closed) return;
    const now = new Map(book.now.map((each) => [each.id, each]));
    for (const [id, served] of this.#served) if (!now.has(id)) this.#drop(id, served);
    for (const trunk of now.values()) this.#serve(trunk);
    this.#alarm = around.clock.wake(around.clock.now() + LOOK, () => around.follow(this.follow()));
  }

  /** How the trunks of an account do; of all, for whoever runs the server. */
  states(account?: AccountId): readonly TrunkState[] {
    return [...this.#served.values()]
      .filter(({ trunk }) => account === undefined || trunk.account === account)
      .map(({ trunk, registered, reachable, words, since }) => ({
        id: trunk.id,
        account: trunk.account,
        calls: this.#options.callsOf(trunk.id),
        since,
        ...(registered === undefined ? {} : { registration: registered }),
        ...(reachable === undefined ? {} : { reachable }),
        ...(words === undefined ? {} : { words }),
      }));
  }

  /** One more call fits. */
  hasRoom({ id, maxCalls }: Trunk): boolean {
    return maxCalls === undefined || this.#options.callsOf(id) < maxCalls;
  }

  /** It is known not to answer. */
  isDown({ id }: Trunk): boolean {
    return this.#served.get(id)?.reachable === false;
  }

  /** What a call found out. */
  tell({ id }: Trunk, outcome: 'answered' | 'unreachable'): void {
    const served = this.#served.get(id);
    if (served !== undefined) this.#reach(served, outcome === 'answered', 'it did not answer a call');
  }

  /** The trunk that a request to our registered Contact came over: from where we registered, or nobody would know that it is no one else. */
  registeredAs(user: string, address: string): Trunk | undefined {
    for (const { trunk, registration } of this.#served.values()) {
      if (registration?.user === user && registration.addresses.has(address)) return trunk;
    }
    return undefined;
  }

  /** Says goodbye where we are registered; resolves at once where nobody answers. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#alarm?.cancel();
    await Promise.all([...this.#served.values()].map((each) => each.registration?.close()));
    for (const { probe } of this.#served.values()) probe?.cancel();
    this.#served.clear();
  }

  #drop(id: TrunkId, served: Served): void {
    this.#served.delete(id);
    served.probe?.cancel();
    if (served.registration !== undefined) this.#options.around.follow(served.registration.close());
  }

  #serve(trunk: Trunk): void {
    const known = this.#served.get(trunk.id);
    if (known !== undefined && JSON.stringify(known.trunk) === JSON.stringify(trunk)) return;
    if (known !== undefined) this.#drop(trunk.id, known);
    const { around } = this.#options;
    const served: Served = {
      trunk,
      registration: undefined,
      probe: undefined,
      reachable: undefined,
      registered: trunk.register ? 'trying' : undefined,
      words: undefined,
      since: around.clock.epoch(),
    };
    this.#served.set(trunk.id, served);
    if (trunk.register) {
      served.registration = new Registration(trunk, {
        ...this.#options,
        tell: (state, words) => this.#registered(served, { state, words }),
      });
      served.registration.start();
    }
    if ((trunk.probeSeconds ?? PROBE) > 0) around.follow(this.#ask(served));
  }

  /** Asks by OPTIONS whether it is there, and again later. */
  async #ask(served: Served): Promise<void> {
    const { around, finding } = this.#options;
    const { trunk } = served;
    const [server] = trunk.servers;
    const uri = server === undefined ? undefined : serverUri(server, trunk.transport);
    const flow = uri === undefined ? undefined : (await waysTo(uri, finding))[0];
    if (this.#served.get(trunk.id) !== served || this.#closed) return;
    const again = () => {
      const seconds = trunk.probeSeconds ?? PROBE;
      served.probe = around.clock.wake(around.clock.now() + seconds * 1000, () => around.follow(this.#ask(served)));
    };
    if (uri === undefined || flow === undefined) {
      this.#reach(served, false, 'its name leads nowhere');
      again();
      return;
    }
    around.ask(requestOutside('OPTIONS', { uri, flow, user: trunk.username ?? 'parley', around }), flow, (answer) => {
      if (this.#served.get(trunk.id) !== served || this.#closed) return;
      // Any answer but "not now" says that somebody is there.
      const isThere = answer !== undefined && answer.status !== 503 && answer.status !== 408;
      this.#reach(served, isThere, answer === undefined ? 'it does not answer' : `it answers ${answer.status}`);
      again();
    });
  }

  #reach(served: Served, reachable: boolean, words: string): void {
    if (served.reachable === reachable) return;
    const was = served.reachable;
    served.reachable = reachable;
    served.since = this.#options.around.clock.epoch();
    served.words = reachable ? undefined : words;
    const { id, account, name } = served.trunk;
    if (!reachable) this.#options.log.warn('a trunk is down', { trunk: id, account, name, words });
    else if (was === false) this.#options.log.info('a trunk is up again', { trunk: id, account, name });
  }

  #registered(served: Served, { state, words }: { readonly state: 'registered' | 'failed'; readonly words: string | undefined }): void {
    const was = served.registered;
    if (was === state) return;
    served.registered = state;
    served.since = this.#options.around.clock.epoch();
    served.words = words;
    const { id, account, name } = served.trunk;
    if (state === 'failed') this.#options.log.warn('a trunk does not take our registration', { trunk: id, account, name, words });
    else this.#options.log.info('registered at a trunk', { trunk: id, account, name });
  }
}

interface RegistrationOptions extends TrunksOptions {
  readonly tell: (state: 'registered' | 'failed', words: string | undefined) => void;
}

/** Our registration at one trunk: refreshed while it lives, elsewhere when a server fails, taken back at the end. */
class Registration {
  /** The user of our Contact: who calls it comes over this trunk. */
  readonly user: string;
  /** Where it is registered. */
  readonly addresses = new Set<string>();
  readonly #trunk: Trunk;
  readonly #options: RegistrationOptions;
  readonly #runner: Runner<State, Input, Effect>;
  readonly #callId: string;
  #server = 0;
  #number = 0;
  #expires = EXPIRES;
  #authorised: Headers = [];
  #gone: (() => void) | undefined;

  constructor(trunk: Trunk, options: RegistrationOptions) {
    const { clock, chance } = options.around;
    this.#trunk = trunk;
    this.#options = options;
    this.#callId = newId(chance, clock.epoch());
    this.user = `trunk-${trunk.id}`;
    this.#runner = new Runner(trunkRegistrationMachine, { at: 'resting', until: clock.now(), failures: 0, words: '' }, clock, (effect) =>
      this.#perform(effect),
    );
  }

  start(): void {
    this.#runner.feed({ type: 'wake' });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#gone = resolve;
      this.#runner.feed({ type: 'close' });
      if (this.#runner.state.at === 'gone') this.#end();
      else this.#options.around.clock.wake(this.#options.around.clock.now() + 1000, () => this.#end());
    });
  }

  #end(): void {
    this.#runner.close();
    this.#gone?.();
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case 'register':
        this.#options.around.follow(this.#register(this.#expires));
        return;
      case 'unregister':
        this.#options.around.follow(this.#register(0));
        return;
      case 'next-server':
        this.#server += 1;
        this.#authorised = [];
        return;
      case 'tell':
        this.#options.tell(effect.state, effect.words);
    }
  }

  async #register(expires: number): Promise<void> {
    const { around, finding } = this.#options;
    const { servers, transport, username = 'parley', realm } = this.#trunk;
    const server = servers[this.#server % Math.max(1, servers.length)];
    const uri = server === undefined ? undefined : serverUri(server, transport);
    const [flow] = uri === undefined ? [] : await waysTo(uri, finding);
    if (uri === undefined || flow === undefined) {
      this.#runner.feed({ type: 'unreachable', words: 'its name leads nowhere' });
      return;
    }
    const host = realm ?? parseUri(uri)?.host ?? '';
    this.addresses.add(flow.address);
    this.#number += 1;
    const request = requestOutside('REGISTER', {
      uri: `sip:${printHostPort(host)}`,
      flow,
      user: username,
      host,
      around,
      callId: this.#callId,
      number: this.#number,
      headers: [
        ['Contact', contactOf(around, flow, { secure: false, focus: this.user }).replace(';isfocus', '')],
        ['Expires', String(expires)],
        ...this.#authorised,
      ],
    });
    around.ask(request, flow, (answer) => this.#answered(answer, { request, expires }));
  }

  #answered(answer: FinalAnswer, { request, expires }: { request: SipRequest; expires: number }): void {
    if (answer === undefined) {
      this.#runner.feed(expires === 0 ? { type: 'answered' } : { type: 'unreachable', words: 'it does not answer' });
      return;
    }
    if (this.#sayAgain(answer, request)) {
      if (expires === 0) this.#options.around.follow(this.#register(0));
      else this.#runner.feed({ type: 'again' });
      return;
    }
    if (expires === 0) {
      this.#runner.feed({ type: 'answered' });
      this.#end();
    } else if (answer.status < 300) {
      // The next one is signed anew: nonces are good for a while only.
      this.#authorised = [];
      this.#runner.feed({ type: 'registered', seconds: this.#granted(answer) });
    } else if (answer.status >= 500) this.#runner.feed({ type: 'unreachable', words: `it answers ${answer.status}` });
    else this.#runner.feed({ type: 'refused', words: `it answers ${answer.status}` });
  }

  /** 401 and 407 want a password, 423 a longer time. */
  #sayAgain(answer: SipResponse, request: SipRequest): boolean {
    const { username, password } = this.#trunk;
    const credentials = username === undefined || password === undefined ? undefined : { username, password };
    const authorised = authorisation({ answer, request, credentials, chance: this.#options.around.chance });
    if (authorised !== undefined) {
      const wasSent = this.#authorised.length > 0 && !/stale\s*=\s*"?true/i.test(answer.headers.map(([, value]) => value).join('\n'));
      if (wasSent) return false;
      this.#authorised = [authorised];
      return true;
    }
    const least = answer.status === 423 ? headerNumber(answer, 'Min-Expires') : undefined;
    if (least === undefined || least <= this.#expires || least > 86_400) return false;
    this.#expires = least;
    return true;
  }

  /** Seconds: of our Contact in the answer, else Expires (RFC 3261 §10.2.4). */
  #granted(answer: SipResponse): number {
    const list = contacts(answer);
    const ours = list === undefined || list === '*' ? undefined : list.find(({ uri }) => uri.user === this.user);
    const own = Number(ours?.params.get('expires') ?? headerNumber(answer, 'Expires') ?? this.#expires);
    return Number.isFinite(own) && own > 0 ? own : this.#expires;
  }
}

interface Outside {
  readonly uri: string;
  readonly flow: Flow;
  readonly user: string;
  readonly host?: string;
  readonly around: Surroundings;
  readonly callId?: string;
  readonly number?: number;
  readonly headers?: Headers;
}

/** A request outside of every dialog. */
function requestOutside(method: string, given: Outside): SipRequest {
  const { uri, flow, user, around, headers = [], number = 1 } = given;
  const host = given.host ?? parseUri(uri)?.host ?? '';
  const who = `<sip:${encodeURIComponent(user)}@${printHostPort(host)}>`;
  return {
    type: 'request',
    method,
    uri,
    headers: [
      ['Via', viaOf(around, flow)],
      ['Max-Forwards', '70'],
      ['From', `${who};tag=${newTag(around.chance)}`],
      ['To', method === 'REGISTER' ? who : `<${uri}>`],
      ['Call-ID', given.callId ?? newId(around.chance, around.clock.epoch())],
      ['CSeq', `${number} ${method}`],
      ...headers,
      ['User-Agent', around.userAgent],
    ],
    body: new Uint8Array(0),
  };
}
