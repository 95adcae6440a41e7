import { readFile } from 'node:fs/promises';
import type { SocketOptions } from 'amqplib';
import type { BrokerTls } from './amqp-url.ts';

/** What TLS is told of a broker. Rejects where a file cannot be read. */
export async function tlsOptions({ ca, cert, key, verify, servername }: BrokerTls): Promise<SocketOptions> {
  const read = (path: string): Promise<string> => readFile(path, 'utf8');
  return {
    rejectUnauthorized: verify,
    ...(ca === undefined ? {} : { ca: await read(ca) }),
    ...(cert === undefined || key === undefined ? {} : { cert: await read(cert), key: await read(key) }),
    ...(servername === undefined ? {} : { servername }),
  };
}
