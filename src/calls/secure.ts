import { isIP, type TcpNetConnectOpts } from 'node:net';
import {
  type ConnectionOptions,
  connect,
  createSecureContext,
  createServer,
  type PeerCertificate,
  rootCertificates,
  type Server,
  type TLSSocket,
} from 'node:tls';
import type { Log } from '../base/index.ts';
import type { Flow } from './flow.ts';
import type { TlsIdentity, TlsOptions } from './options.ts';

/** How long a handshake may take, in ms. */
const HANDSHAKE = 5_000;

/** A TLS server that shows, to each who comes, the certificate that holds now. */
export function tlsServer({ context }: Pick<TlsOptions, 'context'>, log: Log): Server {
  let shown = context();
  const server = createServer({ ...shown, handshakeTimeout: HANDSHAKE });
  server.prependListener('connection', () => {
    shown = renewed(server, shown, { context, log });
  });
  return server;
}

/** Takes a new certificate into use; one that cannot be used is logged and leaves things as they are. */
function renewed(server: Server, shown: TlsIdentity, { context, log }: Pick<TlsOptions, 'context'> & { readonly log: Log }): TlsIdentity {
  try {
    const now = context();
    if (now.cert === shown.cert && now.key === shown.key) return shown;
    createSecureContext(now);
    server.setSecureContext(now);
    return now;
  } catch (error) {
    log.error('a certificate cannot be used, the former one stays', { error });
    return shown;
  }
}

/** Opens a connection of ours. The far end must prove its name, unless that is switched off. */
export function tlsConnect(
  flow: Flow,
  { verify = true, trust = [], local }: Pick<TlsOptions, 'verify' | 'trust'> & { local: string },
): TLSSocket {
  const name = flow.domain ?? flow.address;
  const options: ConnectionOptions & TcpNetConnectOpts = {
    host: flow.address,
    port: flow.port,
    localAddress: local,
    ...(isIP(name) === 0 ? { servername: name } : {}),
    rejectUnauthorized: verify,
    ca: [...rootCertificates, ...trust],
    // The name that was asked for, which may be another than the address's.
    checkServerIdentity: (_, certificate) => identityError(name, certificate),
  };
  return connect(options);
}

/** Undefined: the certificate is good for that SIP domain or address (RFC 5922 §7). */
export function identityError(host: string, certificate: Pick<PeerCertificate, 'subjectaltname'>): Error | undefined {
  const wanted = host.toLowerCase();
  return sipIdentities(certificate.subjectaltname ?? '').includes(wanted)
    ? undefined
    : new Error(`the certificate is not for ${host} (RFC 5922 section 7)`);
}

/** The domains that a certificate stands for: its `sip` URIs, else its DNS names (RFC 5922 §7.1), and addresses. No wildcards (§7.2), no common name. */
export function sipIdentities(subjectAltName: string): readonly string[] {
  const names = subjectAltName.split(', ').map((each) => each.toLowerCase());
  const ofKind = (prefix: string): string[] => names.filter((each) => each.startsWith(prefix)).map((each) => each.slice(prefix.length));
  // A URI with a user is a person, not a domain.
  const uris = ofKind('uri:sip:').filter((each) => !each.includes('@'));
  return [...(uris.length > 0 ? uris : ofKind('dns:')).filter((each) => !each.includes('*')), ...ofKind('ip address:').map(plainAddress)];
}

/** OpenSSL writes IPv6 addresses in full; URIs seldom do. */
const plainAddress = (address: string): string => (address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address);
