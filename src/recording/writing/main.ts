/** The entry of the recorder's worker. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadCodecs } from '../../audio/index.ts';
import { SystemClock } from '../../base/index.ts';
import { takeLibopus } from '../../media/taps.ts';
import type { RecorderOrder, RecorderReport } from '../messages.ts';
import { Desk } from './desk.ts';
import { realDisk } from './disk.ts';

const port = parentPort;
if (port === null) throw new Error("the recorder's worker is started by the recorder");
takeLibopus();
await loadCodecs();
const post = (report: RecorderReport): void => port.postMessage(report);
const desk = new Desk({ clock: new SystemClock(), disk: realDisk, post, ...(workerData as { patience: number }) });

port.on('message', (order: RecorderOrder) => {
  if (order.do === 'close') void desk.close().finally(() => port.close());
  else desk.obey(order);
});
post({ say: 'ready' });
