import { createPrivateKey, X509Certificate } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CertificateContext } from '../api/index.ts';

/** A certificate with what its owner needs to know of it. */
export interface Identity extends CertificateContext {
  readonly leaf: X509Certificate;
  /** Epoch ms. */
  readonly expiresAt: number;
}

/** Reads a certificate and its key in PEM; throws with a sentence when they are none, or do not belong together. */
export function identityOf({ cert, key }: CertificateContext): Identity {
  const leaf = new X509Certificate(cert);
  if (!leaf.checkPrivateKey(createPrivateKey(key))) throw new Error('the key does not belong to the certificate');
  return { cert, key, leaf, expiresAt: Date.parse(leaf.validTo) };
}

/** Where a certificate and its key are kept. */
export interface PemPaths {
  readonly cert: string;
  readonly key: string;
}

export const readIdentity = ({ cert, key }: PemPaths): Identity =>
  identityOf({ cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') });

/** The same, or undefined when it cannot be read: whoever asks makes a new one then. */
export function keptIdentity(paths: PemPaths): Identity | undefined {
  try {
    return readIdentity(paths);
  } catch {
    return undefined;
  }
}

/** Keeps both, the key for its owner alone. A crash between the two leaves a pair that does not match, which `keptIdentity` gives as none. */
export function keepIdentity(paths: PemPaths, { cert, key }: CertificateContext): void {
  keepFile(paths.key, key, 0o600);
  keepFile(paths.cert, cert, 0o644);
}

/** Whole or not at all. */
export function keepFile(path: string, text: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = openSync(`${path}.new`, 'w', mode);
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
  renameSync(`${path}.new`, path);
}
