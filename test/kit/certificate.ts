import { webcrypto } from 'node:crypto';
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';

type CryptoKeyPair = webcrypto.CryptoKeyPair;

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A key pair for certificates. */
export const keyPair = (): Promise<CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<CryptoKeyPair>;

/** A private key in PEM (PKCS #8). */
export async function keyPem({ privateKey }: CryptoKeyPair): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${der.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`;
}

/** A certificate of its own for these names, good for `days` from `from` (epoch ms). */
export async function selfSigned(name: string, addresses: readonly string[], { from = Date.now() - 60_000, days = 10 } = {}) {
  const keys = await keyPair();
  const cert = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    notBefore: new Date(from),
    notAfter: new Date(from + days * 86_400_000),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new SubjectAlternativeNameExtension([{ type: 'dns', value: name }, ...addresses.map((value) => ({ type: 'ip' as const, value }))]),
    ],
  });
  return { cert: `${cert.toString('pem')}\n`, key: await keyPem(keys) };
}
