import { createHash, createHmac, timingSafeEqual, verify, X509Certificate } from 'node:crypto';

/** A message of the handshake as it was sent or came. */
export interface Message {
  readonly msg_type: number;
  readonly fragment: Uint8Array;
  /** With its header, as it is hashed. */
  serialize(): Uint8Array;
}

/** What a handshake says of itself when it is over. */
export interface Transcript {
  /** From the ClientHello that had the cookie to our ServerHelloDone (RFC 6347 §4.2.6). */
  readonly before: readonly Message[];
  /** What the far end answered, to its Finished. */
  readonly theirs: readonly Message[];
  readonly masterSecret: Uint8Array;
  /** The far end's part of the key exchange, as it was used. */
  readonly exchanged: Uint8Array;
}

/** Kinds of messages, RFC 5246 §7.4. */
const [CERTIFICATE, CERTIFICATE_VERIFY, KEY_EXCHANGE, FINISHED] = [11, 15, 16, 20];
/** Hashes of a SignatureAndHashAlgorithm (RFC 5246 §7.4.1.4.1); SHA-1 and what is older prove nothing. */
const HASHES: readonly (string | undefined)[] = [undefined, undefined, undefined, undefined, 'sha256', 'sha384', 'sha512'];
const FINISHED_BYTES = 12;

/**
 * The certificate of the far end, if it has proved that it has the key of it: by its signature over the handshake (RFC 5246 §7.4.8), and by a Finished over
 * the same handshake under the secret that came of it (§7.4.9). werift's server looks at neither, and goes on with the last key exchange that came while
 * it hashes the first; without this a fingerprint would prove nothing. Undefined: it has not proved it.
 */
export function provedCertificate(transcript: Transcript): Uint8Array | undefined {
  const { theirs, exchanged } = transcript;
  const find = (type: number): Message | undefined => theirs.find(({ msg_type }) => msg_type === type);
  const [certificate, exchange] = [firstCertificate(find(CERTIFICATE)?.fragment), find(KEY_EXCHANGE)?.fragment];
  if (certificate === undefined || exchange === undefined || !isSame(exchange.subarray(1), exchanged)) return undefined;
  return hasSigned(transcript, certificate) && hasFinished(transcript) ? certificate : undefined;
}

/** All messages before the far end's first of this kind, and that one. */
function upTo({ before, theirs }: Transcript, type: number): { readonly bytes: Uint8Array; readonly message: Message | undefined } {
  const at = theirs.findIndex(({ msg_type }) => msg_type === type);
  const bytes = Buffer.concat([...before, ...theirs.slice(0, Math.max(0, at))].map((each) => each.serialize()));
  return { bytes, message: theirs[at] };
}

/** `opaque certificate_list<0..2^24-1>` of `opaque ASN.1Cert<1..2^24-1>` (RFC 5246 §7.4.2): the first. */
function firstCertificate(fragment: Uint8Array | undefined): Uint8Array | undefined {
  if (fragment === undefined || fragment.length < 6) return undefined;
  const length = (fragment[3]! << 16) | (fragment[4]! << 8) | fragment[5]!;
  return length === 0 || 6 + length > fragment.length ? undefined : fragment.subarray(6, 6 + length);
}

function hasSigned(transcript: Transcript, certificate: Uint8Array): boolean {
  const { bytes, message } = upTo(transcript, CERTIFICATE_VERIFY);
  const fragment = message?.fragment ?? new Uint8Array(0);
  const hash = HASHES[fragment[0] ?? 0];
  const length = ((fragment[2] ?? 0) << 8) | (fragment[3] ?? 0);
  if (hash === undefined || length === 0 || 4 + length !== fragment.length) return false;
  try {
    return verify(hash, bytes, new X509Certificate(certificate).publicKey, fragment.subarray(4));
  } catch {
    // No certificate, or one whose key cannot sign.
    return false;
  }
}

function hasFinished(transcript: Transcript): boolean {
  const { bytes, message } = upTo(transcript, FINISHED);
  const seed = Buffer.concat([Buffer.from('client finished'), createHash('sha256').update(bytes).digest()]);
  const mac = (of: Uint8Array): Buffer => createHmac('sha256', transcript.masterSecret).update(of).digest();
  const expected = mac(Buffer.concat([mac(seed), seed])).subarray(0, FINISHED_BYTES);
  return message !== undefined && isSame(message.fragment, expected);
}

const isSame = (one: Uint8Array, other: Uint8Array): boolean => one.length === other.length && timingSafeEqual(one, other);
