import type { Options } from 'amqplib';
import { Failure } from '../base/index.ts';

/** Seconds between heartbeats: a dead connection is noticed after two to three of them. */
const HEARTBEAT = 10;

/** One broker to connect to. */
export interface Broker {
  /** Fit for a log: host and port, never a password. */
  readonly name: string;
  readonly connect: Options.Connect;
}

/** Reads `amqp://user:password@host:port/vhost?heartbeat=10` (RabbitMQ's URI specification); several by commas. Refuses without repeating what may hold a password. */
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
