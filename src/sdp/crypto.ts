/** The suites of SDES: RFC 4568 §6.2 and RFC 7714 §14.2. */
export type CryptoSuite = 'AES_CM_128_HMAC_SHA1_80' | 'AES_CM_128_HMAC_SHA1_32' | 'AEAD_AES_128_GCM' | 'AEAD_AES_256_GCM';

/** A master key followed by its master salt. */
export type KeyParameters = Uint8Array;

/** An a=crypto line that we understand and can do. */
export interface OfferedCrypto {
  readonly tag: number;
  readonly suite: CryptoSuite;
  readonly key: KeyParameters;
  /** Packets, at most 2^48; null: not said. */
  readonly lifetime: number | null;
  /** The master key identifier as it stands in packets; null: none. */
  readonly mki: Uint8Array | null;
}

/** Bytes of master key and master salt together. */
const KEY_BYTES: ReadonlyMap<CryptoSuite, number> = new Map([
  ['AEAD_AES_256_GCM', 32 + 12],
  ['AEAD_AES_128_GCM', 16 + 12],
  ['AES_CM_128_HMAC_SHA1_80', 16 + 14],
  ['AES_CM_128_HMAC_SHA1_32', 16 + 14],
]);

/** Every suite that we can do, the strongest first. */
export const cryptoSuites: readonly CryptoSuite[] = [...KEY_BYTES.keys()];

/** RFC 3711 §9.2: no SRTP key protects more packets than this. */
const MOST_PACKETS = 2 ** 48;

/** Our keys for one dialog: one per suite, made of the caller's randomness when it is first needed and the same ever after. */
export function keyRing(bytes: (length: number) => Uint8Array): (suite: CryptoSuite) => KeyParameters {
  const made = new Map<CryptoSuite, KeyParameters>();
  return (suite) => {
    const key = made.get(suite) ?? bytes(KEY_BYTES.get(suite) ?? 0);
    made.set(suite, key);
    return key;
  };
}

/** Reads the value of a=crypto (RFC 4568 §9.1). Undefined: a suite, a key or a session parameter that we cannot do. */
export function parseCrypto(value: string): OfferedCrypto | undefined {
  const [, tag, name = '', keyParams = '', session = ''] = /^(\d{1,9}) +(\S+) +(\S+)(?: +(.*))?$/.exec(value) ?? [];
  const suite = cryptoSuites.find((each) => each === name.toUpperCase());
  // Several keys in one line need the MKI of every packet to be looked up; such a line is left to those who can.
  const [, inline] = /^inline:([^;]+)$/i.exec(keyParams) ?? [];
  if (tag === undefined || suite === undefined || inline === undefined || !session.split(/ +/).every(isHarmless)) return undefined;
  const [key = '', ...limits] = inline.split('|');
  const bytes = keyBytes(key, suite);
  const rest = keyLimits(limits);
  return bytes === undefined || rest === undefined ? undefined : { tag: Number(tag), suite, key: bytes, ...rest };
}

/** Prints the value of a=crypto for a key of ours: no lifetime (the default holds), no MKI (there is one key). */
export const printCrypto = ({ tag, suite, key }: Pick<OfferedCrypto, 'tag' | 'suite' | 'key'>): string =>
  `${tag} ${suite} inline:${Buffer.from(key).toString('base64')}`;

/**
 * A window size is a hint (RFC 4568 §6.3.6), the usual order of FEC is of no matter to who does none (§6.3.4), a dash in front means
 * "ignore me if you like" (§6.3.7). All else changes what is sent.
 */
const isHarmless = (parameter: string): boolean => /^(|-.*|WSH=\d{1,5}|FEC_ORDER=FEC_SRTP)$/i.test(parameter);

function keyBytes(text: string, suite: CryptoSuite): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]{1,80}={0,2}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === KEY_BYTES.get(suite) ? Uint8Array.from(bytes) : undefined;
}

/** `|lifetime|MKI:length`, each of which may be missing (RFC 4568 §6.1). */
function keyLimits(parts: readonly string[]): Pick<OfferedCrypto, 'lifetime' | 'mki'> | undefined {
  const [first, second, ...more] = parts;
  if (more.length > 0) return undefined;
  const mkiText = first?.includes(':') ? first : second;
  const lifetimeText = first === mkiText ? undefined : first;
  if (second !== undefined && second !== mkiText) return undefined;
  const lifetime = lifetimeText === undefined ? null : packets(lifetimeText);
  const mki = mkiText === undefined ? null : identifier(mkiText);
  return lifetime === undefined || mki === undefined ? undefined : { lifetime, mki };
}

function packets(text: string): number | undefined {
  const [, power, count] = /^(?:2\^(\d{1,2})|(\d{1,15}))$/.exec(text) ?? [];
  const value = power === undefined ? Number(count) : 2 ** Number(power);
  return value >= 1 && value <= MOST_PACKETS ? value : undefined;
}

function identifier(text: string): Uint8Array | undefined {
  const [, value, lengthText] = /^(\d{1,20}):(\d{1,3})$/.exec(text) ?? [];
  const length = Number(lengthText);
  if (value === undefined || !(length >= 1 && length <= 128)) return undefined;
  const hex = BigInt(value).toString(16);
  return hex.length > 2 * length ? undefined : Uint8Array.from(Buffer.from(hex.padStart(2 * length, '0'), 'hex'));
}
