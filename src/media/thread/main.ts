/** The entry of a media thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadCodecs, opusName } from '../../audio/index.ts';
import { SystemClock } from '../../base/index.ts';
import { Descriptors } from './descriptors.ts';
import { takeLibopus } from './libopus.ts';
import { MediaThread } from './media-thread.ts';
import type { Order, Report, ThreadStart } from './messages.ts';
import { openSockets } from './open-sockets.ts';

const port = parentPort;
if (port === null) throw new Error('a media thread is started by the engine');
takeLibopus();
await loadCodecs();
const clock = new SystemClock();
const { settings, descriptors } = workerData as ThreadStart;
const { sockets, reason } = openSockets(clock, settings.sockets, new Descriptors(descriptors));
const post = (report: Report): void => port.postMessage(report);
const thread = new MediaThread({ sockets, clock, settings, post });

port.on('message', (order: Order) => {
  if (order.do === 'close') void thread.close().finally(() => port.close());
  else thread.obey(order);
});
post({ say: 'ready', sockets: sockets.kind, ...(reason === undefined ? {} : { reason }), opus: opusName() });
