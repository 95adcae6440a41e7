import { lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import type { Judge } from './addresses.ts';
import type { Lookup } from './fetch-types.ts';
import { Refused } from './in-words.ts';
import { bare, judgeHost } from './target.ts';

/** ms until a connection that does not come about is given up. */
const CONNECT_TIMEOUT = 10_000;

/** As the operating system finds names: hosts file, search domains and all. */
export const osLookup: Lookup = async (name) => (await systemLookup(name, { all: true })).map(({ address }) => address);

/**
 * Connects only to addresses that were judged, at the moment of connecting: a name that says something else a second later (DNS rebinding) changes nothing.
 * The same name is looked up once at a time, because the operating system answers only a few questions at once.
 */
export function guardedConnector({ judge, lookup }: { readonly judge: Judge; readonly lookup: Lookup }): buildConnector.connector {
  const running = new Map<string, Promise<readonly string[]>>();
  const find = (name: string): Promise<readonly string[]> => {
    const known = running.get(name);
    if (known !== undefined) return known;
    const asked = lookup(name).finally(() => running.delete(name));
    running.set(name, asked);
    return asked;
  };
  const connect = buildConnector({
    allowH2: false,
    timeout: CONNECT_TIMEOUT,
    lookup: (name, { all }, done) => {
      judgedAddresses(name, find, judge).then(
        (found) => {
          const [first] = found;
          if (all) done(null, found);
          else done(null, first?.address ?? '', first?.family ?? 4);
        },
        (error: unknown) => done(error as NodeJS.ErrnoException, '', 4),
      );
    },
  });
  return (options, callback) => {
    const reason = judgeHost(options.hostname, judge);
    if (reason === undefined) connect({ ...options, hostname: bare(options.hostname) }, callback);
    else callback(new Refused(reason), null);
  };
}

/** An address that may be called. */
export interface Found {
  readonly address: string;
  readonly family: 4 | 6;
}

/** The first address of a host that may be called, name or address; throws `Refused` when there is none. */
export async function guardedAddress(host: string, { judge, lookup }: { readonly judge: Judge; readonly lookup: Lookup }): Promise<Found> {
  const reason = judgeHost(host, judge);
  if (reason !== undefined) throw new Refused(reason);
  const name = bare(host);
  if (isIP(name) > 0) return { address: name, family: isIP(name) === 6 ? 6 : 4 };
  const [first] = await judgedAddresses(name, lookup, judge);
  if (first === undefined) throw new Refused('the name has no address');
  return first;
}

/** The addresses of a name that may be called; refuses when it has others only. */
async function judgedAddresses(name: string, find: Lookup, judge: Judge): Promise<Found[]> {
  const all = await find(name);
  const good = all.filter((address) => judge(address) === undefined);
  const reason = all.map(judge).find((each) => each !== undefined);
  // Which address it is stays here: names inside a network are nobody's business outside.
  if (good.length === 0) throw new Refused(reason === undefined ? 'the name has no address' : `the name leads to ${reason}`);
  return good.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
}
