import { promises as dns } from 'node:dns';
import type { Names } from './names.ts';

/** What is not there, or cannot be asked for, is none. */
const orNone = <T>(asked: Promise<readonly T[]>): Promise<readonly T[]> => asked.catch(() => []);

/** The names as this machine knows them: `hosts` for addresses, its resolver for the rest. */
export const systemNames: Names = {
  addresses: (host) => orNone(dns.lookup(host, { all: true, order: 'verbatim' }).then((all) => all.map(({ address }) => address))),
  services: (name) =>
    orNone(dns.resolveSrv(name).then((all) => all.map(({ name: host, port, priority, weight }) => ({ host, port, priority, weight })))),
  pointers: (domain) => orNone(dns.resolveNaptr(domain)),
};
