import { addressBits, type IsIn, readNetworks } from '../base/index.ts';

/** Why an address is not called, in words; undefined: it may be. */
export type Judge = (address: string) => string | undefined;

/** Words that stand for networks in the list of what is allowed. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
  loopback: ['127.0.0.0/8', '::1'],
};

function networks(...list: readonly string[]): IsIn {
  const isIn = readNetworks(list);
  if (isIn === undefined) throw new TypeError('networks are misspelt');
  return isIn;
}

/** Where clouds tell a machine its own secrets: whole networks that are allowed do not allow these, only their own address does. */
const METADATA = networks(
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
);

/** IANA's registries of special-purpose addresses (RFC 6890), with what people call them. */
const SPECIAL: readonly (readonly [IsIn, string])[] = [
  [networks('127.0.0.0/8', '::1'), 'a loopback address'],
  [networks('0.0.0.0/8', '::'), 'an address of this machine itself'],
  [networks('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fec0::/10'), 'a private address'],
  [networks('100.64.0.0/10'), 'a shared address (CGNAT)'],
  [networks('169.254.0.0/16', 'fe80::/10'), 'a link-local address'],
  [networks('224.0.0.0/4', 'ff00::/8'), 'a multicast address'],
  [networks('192.0.0.0/24', '192.88.99.0/24', '198.18.0.0/15', '240.0.0.0/4', '2001::/23', '2002::/16'), 'a reserved address'],
  [networks('192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20'), 'an address of documentation'],
];

/** What of IPv6 is given out to the public (RFC 4291 §2.4); all the rest is something else. */
const GLOBAL = networks('2000::/3');
/** IPv4 behind a translator (RFC 6052 §2.1): what counts is the IPv4 address in its last 32 bits. */
const TRANSLATED = networks('64:ff9b::/96');

/** True for a word or a network that may stand in the list of what is allowed. */
export const isAllowance = (text: string): boolean => Object.hasOwn(WORDS, text) || readNetworks([text]) !== undefined;

/** Judges addresses; `allow` holds networks, addresses and the words `private` and `loopback`. */
export function judge(allow: readonly string[]): Judge {
  const list = allow.flatMap((each) => WORDS[each] ?? [each]);
  const allowed = readNetworks(list);
  const byName = readNetworks(allow.filter((each) => !each.includes('/') && !Object.hasOwn(WORDS, each)));
  if (allowed === undefined || byName === undefined)
    throw new TypeError('allow must hold networks, addresses, or the words private and loopback');
  const verdict: Judge = (address) => {
    if (METADATA(address)) return byName(address) ? undefined : 'an address of cloud metadata';
    return allowed(address) ? undefined : special(address);
  };
  return (address) => verdict(within(address));
}

/** The IPv4 address behind a translator's IPv6 address; any other stays itself. */
function within(address: string): string {
  const bits = TRANSLATED(address) ? addressBits(address) : undefined;
  return bits === undefined ? address : [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) & 0xffn)).join('.');
}

function special(address: string): string | undefined {
  if (addressBits(address) === undefined) return 'no address';
  const known = SPECIAL.find(([isIn]) => isIn(address))?.[1];
  if (known !== undefined) return known;
  if (!address.includes(':')) return undefined;
  // Nobody serves the public at ::ffff:a.b.c.d; it is how a forbidden address is disguised.
  return GLOBAL(address) ? undefined : 'a reserved address';
}
