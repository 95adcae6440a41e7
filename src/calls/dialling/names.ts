import { parseUri } from '../../sip/index.ts';
import type { Flow, TransportName } from '../flow.ts';

/** A host that serves something (RFC 2782). */
export interface ServiceRecord {
  readonly host: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** Which service a domain prefers (RFC 3403). */
export interface PointerRecord {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  readonly service: string;
  readonly replacement: string;
}

/** The domain name system, as far as SIP asks it. What has no records of a kind gives none; nothing rejects. */
export interface Names {
  addresses(host: string): Promise<readonly string[]>;
  services(name: string): Promise<readonly ServiceRecord[]>;
  pointers(domain: string): Promise<readonly PointerRecord[]>;
}

/** What finding needs besides the names. */
export interface Finding {
  readonly names: Names;
  readonly transports: ReadonlySet<TransportName>;
  /** A number from 0 up to, but not including, 1. */
  readonly chance: () => number;
  /** Of IPv4 and IPv6 the kind that we listen on. */
  readonly family: 4 | 6;
}

/** Most places of one URI: what a domain lists beyond them is not tried. */
const MOST = 8;

const SERVICE: Readonly<Record<string, { readonly transport: TransportName; readonly name: string }>> = {
  'SIP+D2U': { transport: 'UDP', name: '_sip._udp.' },
  'SIP+D2T': { transport: 'TCP', name: '_sip._tcp.' },
  'SIPS+D2T': { transport: 'TLS', name: '_sips._tcp.' },
};

const isAddress = (host: string): boolean => host.includes(':') || /^\d{1,3}(\.\d{1,3}){3}$/.test(host);
const portOf = (transport: TransportName): number => (transport === 'TLS' ? 5061 : 5060);

/** Where a request to a URI may go, in the order in which it is tried (RFC 3263 §4). Empty: nowhere. */
export async function waysTo(uri: string, finding: Finding): Promise<readonly Flow[]> {
  const parsed = parseUri(uri);
  if (parsed === undefined || parsed.host === '' || (parsed.scheme !== 'sip' && parsed.scheme !== 'sips')) return [];
  const { host, port, scheme, params } = parsed;
  const wished = wishOf(params.get('transport'), scheme === 'sips');
  if (wished === 'unknown') return [];
  const usable = (flow: Flow): boolean => finding.transports.has(flow.transport);
  const transport = wished ?? 'UDP';
  const plain = { transport, address: host, port: port ?? portOf(transport) };
  if (!isAddress(host) && port === undefined) {
    const found = await served(host, { wished, secure: scheme === 'sips' }, finding);
    if (found.length > 0) return found.filter(usable).slice(0, MOST);
  }
  return (await located(plain, finding)).filter(usable);
}

/** Where the services of a domain are; empty where it lists none. */
async function served(host: string, want: Want, finding: Finding): Promise<readonly Flow[]> {
  const services = await servicesOf(host, want, finding);
  const found: Flow[] = [];
  for (const { transport, records } of services) {
    for (const { host: address, port: at } of inOrder(records, finding.chance)) {
      if (found.length < MOST) found.push(...(await located({ transport, address, port: at }, finding, host)));
    }
  }
  return found;
}

function wishOf(transport: string | undefined, secure: boolean): TransportName | undefined | 'unknown' {
  switch (transport?.toLowerCase()) {
    case undefined:
      return secure ? 'TLS' : undefined;
    case 'udp':
      return secure ? 'TLS' : 'UDP';
    case 'tcp':
      return secure ? 'TLS' : 'TCP';
    case 'tls':
      return 'TLS';
    default:
      return 'unknown';
  }
}

/** What a URI asks for. */
interface Want {
  readonly wished: TransportName | undefined;
  readonly secure: boolean;
}

interface Service {
  readonly transport: TransportName;
  readonly records: readonly ServiceRecord[];
}

/** The services of a domain, the preferred first (RFC 3263 §4.1). */
async function servicesOf(host: string, { wished, secure }: Want, { names, transports }: Finding): Promise<readonly Service[]> {
  const isWished = (transport: TransportName): boolean =>
    transports.has(transport) && (secure ? transport === 'TLS' : wished === undefined || wished === transport);
  const pointers = [...(await names.pointers(host))]
    .filter(({ flags, service }) => flags.toLowerCase() === 's' && isWished(SERVICE[service.toUpperCase()]?.transport ?? 'WS'))
    .sort((one, other) => one.order - other.order || one.preference - other.preference);
  const asked =
    pointers.length > 0
      ? pointers.map(({ service, replacement }) => ({ transport: SERVICE[service.toUpperCase()]!.transport, name: replacement }))
      : Object.values(SERVICE)
          .filter(({ transport }) => isWished(transport))
          .map(({ transport, name }) => ({ transport, name: `${name}${host}` }));
  const found = await Promise.all(asked.map(async ({ transport, name }) => ({ transport, records: await names.services(name) })));
  // A single record for "." says: this service is not there (RFC 2782).
  return found.map(({ transport, records }) => ({ transport, records: records.filter((each) => each.host !== '' && each.host !== '.') }));
}

/** By priority; of the same one by chance, by weight (RFC 2782). */
function inOrder(records: readonly ServiceRecord[], chance: () => number): readonly ServiceRecord[] {
  const left = [...records].sort((one, other) => one.priority - other.priority || one.weight - other.weight);
  const ordered: ServiceRecord[] = [];
  while (left.length > 0) {
    const same = left.filter((each) => each.priority === left[0]?.priority);
    const drawn = drawnOf(same, chance);
    ordered.push(drawn);
    left.splice(left.indexOf(drawn), 1);
  }
  return ordered;
}

function drawnOf(same: readonly ServiceRecord[], chance: () => number): ServiceRecord {
  const sum = same.reduce((all, { weight }) => all + weight, 0);
  let left = chance() * (sum + 1);
  for (const each of same) {
    left -= each.weight;
    if (left < 0) return each;
  }
  return same.at(-1) as ServiceRecord;
}

/** The addresses of a host; over TLS the domain that was asked for is what a certificate must name (RFC 5922 §4). */
async function located(flow: Flow, { names, family }: Finding, domain = flow.address): Promise<readonly Flow[]> {
  if (isAddress(flow.address)) return [{ ...flow, ...(domain === flow.address ? {} : { domain }) }];
  const addresses = await names.addresses(flow.address);
  const fit = addresses.filter((each) => each.includes(':') === (family === 6));
  return fit.map((address) => ({ ...flow, address, domain }));
}
