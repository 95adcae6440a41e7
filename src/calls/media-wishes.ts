import { isObject, type Json, type JsonObject } from '../base/index.ts';
import type { CodecName, EncryptionPolicy } from '../sdp/index.ts';

/** What an account and a device want of their calls' media. */
export interface MediaWishes {
  /** The best first. */
  readonly codecs: readonly CodecName[];
  /** Whose order decides: ours only where somebody configured one. */
  readonly order: 'ours' | 'theirs';
  readonly encryption: EncryptionPolicy;
}

/** What is used when nobody says anything; L16 only where it is asked for. */
const CODECS: readonly CodecName[] = ['opus', 'G722', 'PCMU', 'PCMA'];

/** KAZOO's spellings, upper case. */
const NAMES: ReadonlyMap<string, CodecName> = new Map([...CODECS, 'L16' as const].map((name) => [name.toUpperCase(), name]));

/** Reads `media` of the KAZOO documents of an account and a device; the device's word counts more, and what has the wrong shape is as absent (ADR 5). */
export function mediaWishes(account: JsonObject | undefined, device: JsonObject | undefined): MediaWishes {
  const codecs = codecsOf(device) ?? codecsOf(account);
  return { codecs: codecs ?? CODECS, order: codecs === undefined ? 'theirs' : 'ours', encryption: encryptionOf(account, device) };
}

/** `media.audio.codecs`: those that we know; undefined when there are none. */
function codecsOf(media: JsonObject | undefined): readonly CodecName[] | undefined {
  const list = part(media, 'audio')?.['codecs'];
  if (!Array.isArray(list)) return undefined;
  const known = list.map((each) => (typeof each === 'string' ? NAMES.get(each.toUpperCase()) : undefined));
  const codecs = [...new Set(known.filter((each) => each !== undefined))];
  return codecs.length > 0 ? codecs : undefined;
}

/** `media.encryption`: `enforce_security` requires, `methods` without `srtp` forbids; ZRTP we cannot do. */
function encryptionOf(account: JsonObject | undefined, device: JsonObject | undefined): EncryptionPolicy {
  const [above, own] = [part(account, 'encryption'), part(device, 'encryption')];
  const enforced = firstOf([own?.['enforce_security'], above?.['enforce_security']], (value) => typeof value === 'boolean');
  if (enforced === true) return 'required';
  const methods = firstOf([own?.['methods'], above?.['methods']], Array.isArray);
  return Array.isArray(methods) && !methods.includes('srtp') ? 'off' : 'offered';
}

const firstOf = (values: readonly (Json | undefined)[], fits: (value: Json | undefined) => boolean): Json | undefined => values.find(fits);

function part(media: JsonObject | undefined, key: string): JsonObject | undefined {
  const value = media?.[key];
  return value !== undefined && isObject(value) ? value : undefined;
}

/** How keys may travel in SDP on this way. Over a way that others read they protect nothing (RFC 4568 §7): not offered there, and who requires encryption is refused, unless the operator takes that on himself. */
export function encryptionOver(
  policy: EncryptionPolicy,
  { secure, keysInClear }: { readonly secure: boolean; readonly keysInClear: boolean },
): EncryptionPolicy | 'insecure' {
  if (secure || keysInClear || policy === 'off') return policy;
  return policy === 'required' ? 'insecure' : 'off';
}
