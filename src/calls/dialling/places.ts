import type { Account, Accounts, Device, Trunk } from '../../accounts/index.ts';
import { type Chance, Failure, printHostPort } from '../../base/index.ts';
import type { DialTarget, DialWay } from '../../conference/index.ts';
import { type Headers, parseUri, type Uri } from '../../sip/index.ts';
import { type Flow, parseFlow } from '../flow.ts';
import type { Registrar } from '../registrar.ts';
import { flowOfUri } from '../surroundings.ts';
import type { TrunkBook } from '../trunk-book.ts';
import type { Trunks } from '../trunks.ts';
import type { Candidate } from './candidate.ts';
import { callerHeaders } from './identity.ts';
import { type Finding, waysTo } from './names.ts';
import { rewritten, toE164 } from './numbers.ts';
import type { DialingRules } from './policy.ts';
import { serverUri } from './server-uri.ts';

/** Where places are looked up. */
export interface PlacesOptions {
  readonly accounts: Accounts;
  readonly registrar: Registrar;
  readonly book: TrunkBook;
  readonly trunks: Trunks;
  readonly rules: DialingRules;
  readonly finding: Finding;
  readonly chance: Chance;
  /** Our own UDP socket. */
  readonly self: Flow;
  /** The host of our URIs where nothing better is known. */
  readonly host: string;
}

/** Finds the places that the ways of a target lead to, and judges them by the account's dialling rules. */
export class Places {
  readonly #options: PlacesOptions;

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  /** The places of each branch: a branch for each telephone, and one for each other way. */
  async of(account: Account, target: DialTarget): Promise<readonly (readonly Candidate[])[]> {
    const found = await Promise.all(target.ways.map((way) => this.#branches(account, way, target)));
    if (target.replaces === undefined) return found.flat();
    const more: Headers = [
      ['Replaces', target.replaces],
      ['Require', 'replaces'],
    ];
    return found.flat().map((branch) => branch.map((each) => ({ ...each, headers: [...each.headers, ...more] })));
  }

  async #branches(account: Account, way: DialWay, target: DialTarget): Promise<readonly (readonly Candidate[])[]> {
    switch (way.by) {
      case 'device':
        return this.#device(account, way, target);
      case 'uri':
        return [await this.#uri(account, way, target)];
      case 'trunk':
        return [await this.#trunks(account, way, target)];
      case 'inside':
        return [this.#inside(account, way, target)];
    }
  }

  async #device(account: Account, { device: id }: DialWay & { by: 'device' }, target: DialTarget) {
    const { accounts, registrar } = this.#options;
    const device = (await accounts.devices(account.id)).find((each) => each.id === id && each.enabled);
    if (device === undefined) return [];
    return registrar.of(account.id, id).flatMap(({ contact, source, path }) => {
      const way = registeredWay(contact, source, path);
      return way === undefined ? [] : [[this.#phone(account, device, { ...way, uri: contact, target })]];
    });
  }

  #phone(
    account: Account,
    { username, password, media }: Device,
    { uri, flow, translated, routes, target }: Way & { readonly uri: string; readonly target: DialTarget },
  ): Candidate {
    return {
      uri,
      to: `sip:${username}@${account.realm}`,
      ...this.#caller(target, account.realm),
      flow,
      translated,
      routes,
      credentials: { username, password },
      isOurPhone: true,
      ...(media === undefined ? {} : { media }),
    };
  }

  async #uri(account: Account, way: DialWay & { by: 'uri' }, target: DialTarget): Promise<readonly Candidate[]> {
    const { rules, finding } = this.#options;
    const host = parseUri(way.uri)?.host ?? '';
    rules.checkDomain(account, host);
    const flows = await waysTo(way.uri, finding);
    for (const { address } of flows) rules.checkAddress(address);
    const { username, password, media } = way;
    const mayRedirect = (to: string): boolean => {
      try {
        rules.checkDomain(account, to);
        // A name may lead anywhere; only who is asked himself may name one.
        if (/^[\d.]+$|:/.test(to)) rules.checkAddress(to);
        return /^[\d.]+$|:/.test(to) || to.toLowerCase() === host.toLowerCase();
      } catch (error) {
        if (error instanceof Failure) return false;
        throw error;
      }
    };
    return flows.map((flow) => ({
      uri: way.uri,
      to: bareUri(way.uri),
      ...this.#caller(target, this.#options.host),
      flow,
      translated: false,
      routes: [],
      mayRedirect,
      ...(username === undefined || password === undefined ? {} : { credentials: { username, password } }),
      ...(media === undefined ? {} : { media }),
    }));
  }

  async #trunks(account: Account, { number: dialled }: DialWay & { by: 'trunk' }, target: DialTarget): Promise<readonly Candidate[]> {
    const { book, trunks, rules } = this.#options;
    const number = toE164(dialled);
    rules.checkNumber(account, number);
    const all = await book.of(account.id);
    const free = all.filter((each) => trunks.hasRoom(each));
    if (all.length > 0 && free.length === 0) throw new Failure('limit', 'trunk_full', 'all trunks have as many calls as they may');
    // Those that are known to be down come last: they may be up again.
    const ordered = [...free].sort((one, other) => Number(trunks.isDown(one)) - Number(trunks.isDown(other)));
    const found = await Promise.all(ordered.map((trunk) => this.#trunk(trunk, number, target)));
    return found.flat();
  }

  async #trunk(trunk: Trunk, number: string, target: DialTarget): Promise<readonly Candidate[]> {
    const user = rewritten(number, trunk.outbound);
    if (user === undefined) return [];
    const found = await Promise.all(trunk.servers.map((server) => this.#server(trunk, { server, user, target })));
    return found.flat();
  }

  async #server(
    trunk: Trunk,
    { server, user, target }: { readonly server: string; readonly user: string; readonly target: DialTarget },
  ): Promise<readonly Candidate[]> {
    const { finding, trunks } = this.#options;
    const base = serverUri(server, trunk.transport);
    const parsed = parseUri(base);
    if (parsed === undefined) return [];
    const realm = trunk.realm ?? parsed.host;
    const port = parsed.port === undefined ? '' : `:${parsed.port}`;
    const tail = base.includes(';') ? base.slice(base.indexOf(';')) : '';
    const uri = `${parsed.scheme}:${encodeUser(user)}@${printHostPort(parsed.host)}${port}${tail}`;
    const credentials =
      trunk.username === undefined || trunk.password === undefined
        ? {}
        : { credentials: { username: trunk.username, password: trunk.password } };
    const hosts = new Set(trunk.servers.map((each) => parseUri(serverUri(each, undefined))?.host.toLowerCase()));
    return (await waysTo(base, finding)).map((flow) => ({
      uri,
      to: `${parsed.scheme}:${encodeUser(user)}@${printHostPort(realm)}`,
      ...callerHeaders({
        callerId: { ...trunk.callerId, ...target.callerId },
        user: trunk.username ?? 'anonymous',
        host: realm,
        trusted: trunk.trusted,
      }),
      flow,
      translated: false,
      routes: [],
      mayRedirect: (host: string) => hosts.has(host.toLowerCase()) || host.toLowerCase() === realm.toLowerCase(),
      tell: (outcome: 'answered' | 'unreachable') => trunks.tell(trunk, outcome),
      trunk: trunk.id,
      ...credentials,
    }));
  }

  #inside(account: Account, { number }: DialWay & { by: 'inside' }, target: DialTarget): readonly Candidate[] {
    const { self } = this.#options;
    const uri = `sip:${encodeUser(number)}@${account.realm}`;
    // It comes in again like any guest's call to the account, and goes where the account's owner put the number.
    return [{ uri, to: uri, ...this.#caller(target, this.#options.host), flow: self, translated: true, routes: [] }];
  }

  #caller({ callerId = {} }: DialTarget, host: string): { readonly from: string; readonly headers: Headers } {
    return callerHeaders({ callerId, user: 'parley', host, trusted: false });
  }
}

interface Way {
  readonly flow: Flow;
  readonly translated: boolean;
  readonly routes: readonly string[];
}

/** The way to a registered telephone: back over its connection, or through its translator, or along its Path (RFC 3327). */
function registeredWay(contact: string, source: string, path: string | undefined): Way | undefined {
  const from = parseFlow(source);
  const routes = path === undefined ? [] : path.split(/,(?=\s*<)/).map((each) => each.trim());
  const hop = /<([^>]+)>/.exec(routes[0] ?? '')?.[1];
  if (hop !== undefined) {
    const flow = flowOfUri(hop);
    return flow && { flow, translated: false, routes };
  }
  const said = flowOfUri(contact);
  if (from === undefined) return said && { flow: said, translated: false, routes: [] };
  const translated = from.transport !== 'UDP' || said?.address !== from.address || said.port !== from.port;
  return { flow: translated ? from : (said ?? from), translated, routes: [] };
}

const encodeUser = (user: string): string => user.replace(/[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/g, (each) => encodeURIComponent(each));

/** Without parameters and headers, as it stands in To. */
function bareUri(uri: string): string {
  const parsed = parseUri(uri) as Uri;
  const user = parsed.user === undefined ? '' : `${encodeUser(parsed.user)}@`;
  return `${parsed.scheme}:${user}${printHostPort(parsed.host, parsed.port)}`;
}
