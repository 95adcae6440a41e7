import { readFileSync } from 'node:fs';
import { Failure } from '../base/index.ts';
import type { TlsOptions } from '../calls/index.ts';
import type { Certificates } from './certificates.ts';
import type { Config } from './config.ts';

/** SIP over TLS; null without. */
export function tlsSide({ sipTlsPort, sipTlsVerify, sipTlsTrust }: Config, certificates: Certificates | undefined): TlsOptions | null {
  if (certificates === undefined || sipTlsPort === undefined) return null;
  const trust = sipTlsTrust === undefined ? [] : [authorities(sipTlsTrust)];
  return { port: sipTlsPort, context: () => certificates.context(), verify: sipTlsVerify, trust };
}

/** A file of certificates; one that cannot be read must not quietly mean that nobody is trusted. */
function authorities(path: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  } catch (cause) {
    throw new Failure('invalid', 'bad_configuration', `cannot read sip.tls_trust ${path}: ${(cause as Error).message}`, { cause });
  }
  throw new Failure('invalid', 'bad_configuration', `sip.tls_trust ${path} holds no certificate (PEM)`);
}
