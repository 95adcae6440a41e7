import type { Options } from 'amqplib';
import { Failure } from '../base/index.ts';

/** Seconds between heartbeats: a dead connection is noticed after two to three of them. */
const HEARTBEAT = 10;

/** One broker to connect to. */
export interface Broker {
  /** Fit for a log: host and port, never a password. */
  readonly name: string;
  readonly connect: Options.Connect;
  /** How the two prove themselves; absent: nothing is encrypted. */
  readonly tls?: BrokerTls;
}

/** Files are read anew at each connection, so that a renewed certificate needs no restart. */
export interface BrokerTls {
  /** Paths of PEM files: the authorities that are believed instead of the machine's, and our own certificate with its key. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** False: whoever answers is believed. */
  readonly verify: boolean;
  /** The name that the certificate must have; absent: the host's. */
  readonly servername?: string;
}

/**
 * Reads `amqp://user:password@host:port/vhost?heartbeat=10` (RabbitMQ's URI specification); several by commas. Refuses without repeating what may hold a
 * password. With `amqps:` its query parameters for TLS count: `cacertfile`, `certfile`, `keyfile`, `verify`, `server_name_indication`.
 */
export function brokersOf(url: string): readonly Broker[] {
  return url.split(',').map((each) => brokerOf(each.trim()));
}

function brokerOf(url: string): Broker {
  const parts = URL.canParse(url) ? new URL(url) : undefined;
  if (parts === undefined || !/^amqps?:$/.test(parts.protocol) || parts.hostname === '') throw bad();
  const hostname = parts.hostname.replace(/^\[|\]$/g, '');
  const secure = parts.protocol === 'amqps:';
  const port = parts.port === '' ? (secure ? 5671 : 5672) : Number(parts.port);
  const named = parts.username !== '' || parts.password !== '';
  return {
    name: `${parts.hostname}:${port}`,
    connect: {
      protocol: secure ? 'amqps' : 'amqp',
      hostname,
      port,
      username: named ? decoded(parts.username) : 'guest',
      password: named ? decoded(parts.password) : 'guest',
      // The library decodes it.
      vhost: parts.pathname.slice(1),
      heartbeat: heartbeatOf(parts.searchParams.get('heartbeat')),
    },
    ...(secure ? { tls: tlsOf(parts.searchParams) } : {}),
  };
}

function tlsOf(query: URLSearchParams): BrokerTls {
  const [ca, cert, key] = [query.get('cacertfile'), query.get('certfile'), query.get('keyfile')];
  const [verify, servername] = [query.get('verify') ?? 'verify_peer', query.get('server_name_indication')];
  // One of the two alone proves nothing.
  if (!['verify_peer', 'verify_none'].includes(verify) || (cert === null) !== (key === null)) throw bad();
  return {
    verify: verify === 'verify_peer',
    ...(ca === null ? {} : { ca }),
    ...(cert === null || key === null ? {} : { cert, key }),
    ...(servername === null ? {} : { servername }),
  };
}

function heartbeatOf(text: string | null): number {
  if (text === null) return HEARTBEAT;
  if (!/^\d{1,5}$/.test(text)) throw bad();
  return Number(text);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad();
  }
}

const bad = (): Failure =>
  new Failure(
    'invalid',
    'amqp_url_bad',
    'Expected amqp://user:password@host:port/vhost or amqps://…; what is special in a password is written as %XX.',
  );
