import type { Clock } from '../../base/index.ts';
import { BatchedSockets } from './batched-socket.ts';
import { type Descriptors, noting } from './descriptors.ts';
import { DgramSockets } from './dgram-socket.ts';
import { openLibc } from './libc.ts';
import type { Sockets } from './socket-port.ts';

/** The fastest sockets that this machine has, or the kind that is asked for; `reason` says why they are slower than wished. */
export function openSockets(
  clock: Clock,
  kind?: 'batched' | 'dgram',
  descriptors?: Descriptors,
): { readonly sockets: Sockets; readonly reason?: string } {
  if (kind === 'dgram') return { sockets: new DgramSockets(clock) };
  const found = openLibc();
  if (found.libc !== undefined) {
    return { sockets: new BatchedSockets(descriptors === undefined ? found.libc : noting(found.libc, descriptors)) };
  }
  return { sockets: new DgramSockets(clock), reason: found.reason };
}
