import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that the system gives to whoever does not mind (ip_local_port_range), so that nobody is given one of these meanwhile. */
const [FIRST, PAIRS] = [21_000, 5_000];
let turn = (16 * process.pid) % PAIRS;

/**
 * Ports of 127.0.0.1, free for TCP and UDP a moment ago, for programs that cannot choose their own. The next port of each is free too: a
 * telephone takes it for SIP over TLS.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  for (let tried = 0; ports.length < count && tried < PAIRS; tried++) {
    const port = FIRST + 2 * (turn++ % PAIRS);
    if ((await isFree(port)) && (await isFree(port + 1))) ports.push(port);
  }
  if (ports.length < count) throw new Error(`no ${count} free ports`);
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const [tcp, udp] = [createServer(), createSocket('udp4')];
  const bound = await Promise.allSettled([
    once(tcp.listen(port, '127.0.0.1'), 'listening'),
    once(udp.bind({ port, address: '127.0.0.1', exclusive: true }), 'listening'),
  ]);
  await Promise.all([tcp, udp].map((each) => new Promise<void>((closed) => each.close(() => closed()))));
  return bound.every(({ status }) => status === 'fulfilled');
}
