import type { Account, Accounts, Device, Trunk } from '../accounts/index.ts';
import { type Chance, type Clock, randomHex, undashed } from '../base/index.ts';
import type { AtOnce, ConferenceId } from '../conference/index.ts';
import {
  challenge,
  checkNonce,
  from,
  type Headers,
  header,
  makeNonce,
  parseDigest,
  parseUri,
  type SipRequest,
  to,
  verify,
} from '../sip/index.ts';
import { type AssertedCaller, assertedCaller } from './dialling/identity.ts';
import { incomingNumber } from './dialling/numbers.ts';
import type { Flow } from './flow.ts';
import { NonceCounts } from './nonce-counts.ts';
import { OldPhones } from './old-phones.ts';
import type { ConferenceAddresses } from './options.ts';

/** Whose call it is: an account, and the device that has proved itself. */
export interface Caller {
  readonly account: Account;
  readonly device: Device | undefined;
  /** It came over this trunk: the number that was dialled in E.164, and who calls where the trunk is believed. */
  readonly trunk?: Trunk;
  readonly dialled?: string;
  readonly asserted?: AssertedCaller;
  /** It dialled a domain that conferences of the account have of their own. */
  readonly onlyConferences?: true;
  /** Another media server has proved that it may bring it in there without a word. */
  readonly bridged?: AtOnce & { readonly vouched: true };
}

type Proving = Pick<Device, 'username' | 'password'>;

/** Not let in: 401 with a challenge, 403, or 404. */
export interface Unwelcome {
  readonly status: 401 | 403 | 404;
  readonly headers: Headers;
}

/** What recognising needs. */
export interface RecogniserOptions {
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly nonceSecret: Uint8Array;
  /** Our own addresses and names. */
  readonly addresses: readonly string[];
  /** Whose trunk a request came over; absent: there are none. */
  readonly trunks?: TrunkDoor;
  readonly conferences?: ConferenceAddresses;
}

/** Recognises calls of trunks. */
export interface TrunkDoor {
  /** By the address that they come from, or the Contact that we registered there. */
  readonly of: (request: SipRequest, flow: Flow) => Promise<Trunk | undefined>;
}

/** Recognises callers and registering telephones (`rulings.md` "Whose call is it"). */
export class Recogniser {
  readonly #options: RecogniserOptions;
  readonly #counts = new NonceCounts();
  readonly #oldPhones = new OldPhones();

  constructor(options: RecogniserOptions) {
    this.#options = options;
  }

  /** Whose INVITE it is. Who says that he is of an account's realm proves it; everybody else is a guest of the account that he dials. */
  async caller(request: SipRequest, flow?: Flow): Promise<Caller | Unwelcome> {
    const trunk = flow === undefined ? undefined : await this.#options.trunks?.of(request, flow);
    if (trunk !== undefined) return this.#overTrunk(trunk, request);
    const uri = from(request)?.uri;
    const home = uri === undefined ? undefined : await this.#options.accounts.byRealm(uri.host.toLowerCase());
    if (home !== undefined) return (await this.#bridged(request, home)) ?? this.#member(request, home, uri?.user);
    const host = parseUri(request.uri)?.host ?? '';
    const account = await this.#accountOfHost(host);
    const guest = account === undefined ? await this.#ofConferences(host) : { account, device: undefined };
    if (guest === undefined) return { status: 404, headers: [] };
    return (await this.#bridged(request, guest.account)) ?? guest;
  }

  /** Whose INVITE it says to be; proves nothing, and is good for records only. */
  async claimed(request: SipRequest): Promise<Account | undefined> {
    const uri = from(request)?.uri;
    const home = uri === undefined ? undefined : await this.#options.accounts.byRealm(uri.host.toLowerCase());
    const host = parseUri(request.uri)?.host ?? '';
    return home ?? (await this.#accountOfHost(host)) ?? (await this.#ofConferences(host))?.account;
  }

  /** Whose SUBSCRIBE it is. Only devices may: whoever has not proved to be one is asked to. */
  async subscriber(request: SipRequest): Promise<Caller | Unwelcome> {
    const uri = from(request)?.uri;
    const home = uri === undefined ? undefined : await this.#options.accounts.byRealm(uri.host.toLowerCase());
    if (home !== undefined) return this.#member(request, home, uri?.user);
    const account = await this.#accountOfHost(parseUri(request.uri)?.host ?? '');
    if (account === undefined) return { status: 404, headers: [] };
    return this.#member(request, account, parseDigest(header(request, 'Authorization') ?? '')?.get('username'));
  }

  /** Which device registers. Unknown users and realms are asked for a password like everybody else, and no password is right. */
  async registering(request: SipRequest): Promise<{ readonly account: Account; readonly device: Device } | Unwelcome> {
    const aor = to(request)?.uri;
    const account = await this.#accountOfHost(aor?.host ?? '');
    const device = account && aor?.user !== undefined ? await this.#options.accounts.device(account.id, aor.user) : undefined;
    const refusal = this.#proof(request, account?.realm ?? aor?.host ?? '', device);
    if (refusal !== undefined) return refusal;
    return account === undefined || device === undefined ? { status: 403, headers: [] } : { account, device };
  }

  /** Whoever comes over a trunk need prove nothing: it belongs to the trunk's account (rulings "Whose call is it"). */
  async #overTrunk(trunk: Trunk, request: SipRequest): Promise<Caller | Unwelcome> {
    const account = await this.#options.accounts.account(trunk.account);
    const dialled = incomingNumber(request, trunk);
    if (account === undefined || dialled === undefined) return { status: 404, headers: [] };
    const asserted = trunk.trusted ? { asserted: assertedCaller(request) } : {};
    return { account, device: undefined, trunk, dialled, ...asserted };
  }

  /** A guest who dials a domain of conferences. */
  async #ofConferences(host: string): Promise<Caller | undefined> {
    const { accounts, conferences } = this.#options;
    const id = await conferences?.accountOf(host.toLowerCase());
    const account = id && (await accounts.account(id));
    return account && { account, device: undefined, onlyConferences: true };
  }

  /**
   * Another media server that brings a call into the conference it dials: it shows the conference's bridge name, or says by a header that it means to; undefined:
   * it is none. The header gives the role.
   */
  async #bridged(request: SipRequest, account: Account): Promise<Caller | Unwelcome | undefined> {
    const flag = header(request, 'X-Conf-Flags-Moderator');
    const shown = parseDigest(header(request, 'Authorization') ?? '')?.get('username');
    const names = [shown, from(request)?.uri.user];
    const conference = undashed(parseUri(request.uri)?.user ?? '') as ConferenceId;
    const known = (await this.#options.conferences?.bridges(account.id, conference)) ?? [];
    const meant = known.find(({ username }) => names.includes(username)) ?? (flag === undefined ? undefined : known[0]);
    if (meant === undefined) return undefined;
    const refusal = this.#proof(request, account.realm, meant);
    if (refusal !== undefined) return refusal;
    const role = flag?.trim().toLowerCase() === 'true' ? 'moderator' : 'member';
    return { account, device: undefined, bridged: { conference, role, vouched: true } };
  }

  /** An unknown user is asked and refused like a wrong password, so that nobody can find out which devices exist. */
  async #member(request: SipRequest, home: Account, user: string | undefined): Promise<Caller | Unwelcome> {
    const device = user === undefined ? undefined : await this.#options.accounts.device(home.id, user);
    const refusal = this.#proof(request, home.realm, device);
    if (refusal !== undefined) return refusal;
    return device === undefined ? { status: 403, headers: [] } : { account: home, device };
  }

  async #accountOfHost(host: string): Promise<Account | undefined> {
    const name = host.toLowerCase();
    const { accounts, addresses } = this.#options;
    const known = await accounts.byRealm(name);
    if (known !== undefined) return known;
    const bare = addresses.includes(name) || name === 'localhost' || name.includes(':') || /^\d{1,3}(\.\d{1,3}){3}$/.test(name);
    return bare ? accounts.first() : undefined;
  }

  /** Undefined: proved. */
  #proof(request: SipRequest, realm: string, device: Proving | undefined): Unwelcome | undefined {
    const authorization = header(request, 'Authorization');
    const params = authorization === undefined ? undefined : parseDigest(authorization);
    if (authorization === undefined || params === undefined || params.get('realm') !== realm) {
      return this.#challenge(request, realm);
    }
    const nonce = checkNonce(this.#options.nonceSecret, params.get('nonce') ?? '', this.#options.clock.epoch());
    if (nonce === 'forged') return this.#challenge(request, realm);
    // The password of nobody is random, so that an unknown user costs the same time as a wrong password.
    const password = device?.password ?? randomHex(this.#options.chance, 16);
    const right = verify({ authorization, method: request.method, password, realm }) && params.get('username') === device?.username;
    if (!right || !sameUri(params.get('uri'), request.uri)) return { status: 403, headers: [] };
    // The password is right: a fresh nonce is all that is missing, and the phone need not ask its user (RFC 7616 §3.3).
    if (nonce === 'stale' || this.#isReplay(params)) return this.#challenge(request, realm, true);
    this.#oldPhones.proved(request);
    return undefined;
  }

  #isReplay(params: ReadonlyMap<string, string>): boolean {
    // Phones without qop cannot count: each of their nonces is good for one request.
    const count = Number.parseInt(params.get('nc') ?? '1', 16);
    return !this.#counts.isNew(params.get('nonce') ?? '', count, this.#options.clock.now());
  }

  #challenge(request: SipRequest, realm: string, stale = false): Unwelcome {
    const { clock, chance, nonceSecret } = this.#options;
    const nonce = makeNonce(nonceSecret, clock.epoch(), randomHex(chance, 8));
    const algorithms = this.#oldPhones.algorithms(request, clock.now());
    const values = challenge({ realm, nonce, stale, ...(algorithms === undefined ? {} : { algorithms }) });
    return { status: 401, headers: values.map((value) => ['WWW-Authenticate', value]) };
  }
}

/** Phones may spell the URI in the credentials otherwise than in the request line; user and host must be the same (RFC 7616 §3.4.6). */
function sameUri(claimed: string | undefined, requested: string): boolean {
  const [one, other] = [parseUri(claimed ?? ''), parseUri(requested)];
  return one !== undefined && other !== undefined && one.user === other.user && one.host.toLowerCase() === other.host.toLowerCase();
}
