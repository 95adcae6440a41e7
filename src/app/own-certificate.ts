import { webcrypto } from 'node:crypto';
import type { Chance, Clock } from '../base/index.ts';
import { type Identity, identityOf, keepIdentity, keptIdentity, type PemPaths } from './pem-files.ts';

const DAY = 86_400_000;
/** The longest that Apple's systems accept of a certificate from somebody's own authority. */
const LIFETIME = 825 * DAY;
/** A certificate of our own is renewed this long before it expires, ms. */
export const RENEW_BEFORE = 30 * DAY;

/** What the certificate that the server makes for itself needs. */
export interface OwnNeeds {
  readonly paths: PemPaths;
  /** Names and addresses under which the server is reached. */
  readonly names: readonly string[];
  readonly clock: Clock;
  readonly chance: Chance;
}

const isAddress = (name: string): boolean => /^\d+\.\d+\.\d+\.\d+$|:/.test(name);

/** Names are compared as they stand there: what DNS would not call a name (a machine may be called `my_box`) must not be missed for ever. */
function covers({ leaf }: Identity, names: readonly string[]): boolean {
  const listed = (leaf.subjectAltName ?? '').split(', ');
  return names.every((name) => (isAddress(name) ? leaf.checkIP(name) !== undefined : listed.includes(`DNS:${name}`)));
}

/** The kept one, or a new one when there is none, it expires within 30 days, or the server is reached under other names now. */
export async function ownCertificate(needs: OwnNeeds): Promise<Identity> {
  const kept = keptIdentity(needs.paths);
  if (kept !== undefined && covers(kept, needs.names) && kept.expiresAt - needs.clock.epoch() > RENEW_BEFORE) return kept;
  const made = await makeCertificate(needs);
  keepIdentity(needs.paths, made);
  return made;
}

/** ECDSA on P-256, signed by itself. */
async function makeCertificate({ names, clock, chance }: OwnNeeds): Promise<Identity> {
  // Loading this takes a tenth of a second, and only the first start needs it.
  const x509 = await import('@peculiar/x509');
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const now = clock.epoch();
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    // RFC 5280 §4.1.2.2: positive and at most 20 octets.
    serialNumber: `01${Buffer.from(chance.bytes(15)).toString('hex')}`,
    name: [{ CN: [names[0] ?? 'localhost'] }, { O: ['Parley'] }],
    // Clocks of phones are often behind.
    notBefore: new Date(now - DAY),
    notAfter: new Date(now - DAY + LIFETIME),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: isAddress(value) ? 'ip' : 'dns', value }))),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return identityOf({
    cert: `${made.toString('pem')}\n`,
    key: `-----BEGIN PRIVATE KEY-----\n${key.replace(/.{64}(?=.)/g, '$&\n')}\n-----END PRIVATE KEY-----\n`,
  });
}
