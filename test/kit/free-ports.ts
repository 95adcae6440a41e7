import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** TCP ports of 127.0.0.1 that were free a moment ago, for programs that cannot choose their own. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const held = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(held.map((each) => once(each, 'listening')));
  const ports = held.map((each) => (each.address() as AddressInfo).port);
  await Promise.all(held.map((each) => once(each.close(), 'close')));
  return ports;
}
