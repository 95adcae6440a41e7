/** Whether an address is one of those that are meant. */
export type IsIn = (address: string) => boolean;

interface Network {
  readonly bits: bigint;
  readonly prefix: bigint;
}

function ipv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

const groupsOf = (text: string): readonly string[] => (text === '' ? [] : text.split(':'));

/** The last 32 bits may be written as IPv4 (RFC 4291 §2.2). */
function withoutDots(text: string): string | undefined {
  const at = text.lastIndexOf(':') + 1;
  if (!text.includes('.')) return text;
  const tail = ipv4(text.slice(at));
  return tail === undefined ? undefined : `${text.slice(0, at)}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`;
}

function ipv6(text: string): bigint | undefined {
  const [head, tail, ...more] = withoutDots(text)?.split('::') ?? [];
  if (head === undefined || more.length > 0) return undefined;
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')];
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array<string>(missing).fill('0'), ...after];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

/** Where IPv4 lives in IPv6 (RFC 4291 §2.5.5.2), so that one comparison serves both. */
const MAPPED = 0xffffn << 32n;

/** An address as 128 bits, IPv4 in its mapped form; undefined for what is none. A zone (`%eth0`) is left out. */
export function addressBits(text: string): bigint | undefined {
  const four = ipv4(text);
  return four === undefined ? ipv6(text.replace(/%.*$/, '')) : MAPPED + four;
}

function network(text: string): Network | undefined {
  const [address = '', length, ...more] = text.trim().split('/');
  const bits = addressBits(address);
  const width = ipv4(address) === undefined ? 128 : 32;
  if (bits === undefined || more.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return undefined;
  const ones = length === undefined ? width : Number(length);
  return ones > width ? undefined : { bits, prefix: BigInt(128 - width + ones) };
}

/** Reads addresses and networks (`10.0.0.0/8`, `fd00::/8`); undefined when one of them is neither. */
export function readNetworks(list: readonly string[]): IsIn | undefined {
  const networks = list.map(network);
  if (networks.includes(undefined)) return undefined;
  return (address) => {
    const bits = addressBits(address);
    return bits !== undefined && networks.some((each) => each !== undefined && covers(bits, each));
  };
}

const covers = (bits: bigint, { bits: base, prefix }: Network): boolean => bits >> (128n - prefix) === base >> (128n - prefix);

/** Writes a host with brackets where it is IPv6, and the port if there is one. */
export const printHostPort = (host: string, port?: number): string => {
  const bare = host.includes(':') ? `[${host}]` : host;
  return port === undefined ? bare : `${bare}:${port}`;
};
