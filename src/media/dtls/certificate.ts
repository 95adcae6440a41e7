import { createHash } from 'node:crypto';
import { CipherContext, HashAlgorithm, NamedCurveAlgorithm, SignatureAlgorithm } from 'werift';
import type { Fingerprint } from '../thread/messages.ts';
import type { Identity } from './messages.ts';

/** How our certificate signs: ECDSA on P-256 with SHA-256, which every browser has (RFC 8827 §6.5). */
export const SIGNATURE = { hash: HashAlgorithm.sha256_4, signature: SignatureAlgorithm.ecdsa_3 } as const;
/** Hashes of fingerprints that are understood, as SDP and as Node call them (RFC 8122 §5); those before SHA-2 prove nothing. */
const HASHES = new Map([
  ['sha-256', 'sha256'],
  ['sha-384', 'sha384'],
  ['sha-512', 'sha512'],
]);

/** A self-signed certificate with its key. */
export async function newIdentity(): Promise<Identity> {
  const { certPem, keyPem } = await CipherContext.createSelfSignedCertificateWithKey(SIGNATURE, NamedCurveAlgorithm.secp256r1_23);
  const bytes = Buffer.from(certPem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  return { certificate: certPem, key: keyPem, fingerprint: { hash: 'sha-256', value: spelled('sha256', bytes) } };
}

const spelled = (hash: string, bytes: Uint8Array): string =>
  createHash(hash).update(bytes).digest('hex').toUpperCase().match(/../g)!.join(':');

/** Some of them are of a hash that is understood. */
export const isAnyKnown = (fingerprints: readonly Fingerprint[]): boolean =>
  fingerprints.some(({ hash }) => HASHES.has(hash.toLowerCase()));

/** The certificate is one that was described (RFC 8122 §6.2). */
export const fits = (certificate: Uint8Array, fingerprints: readonly Fingerprint[]): boolean =>
  fingerprints.some(({ hash, value }) => {
    const known = HASHES.get(hash.toLowerCase());
    return known !== undefined && value.toUpperCase() === spelled(known, certificate);
  });
