/** The entry of the worker that does the handshakes of DTLS. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { SystemClock } from '../../base/index.ts';
import { newIdentity } from './certificate.ts';
import { DtlsDesk, type Line } from './dtls-desk.ts';
import type { DtlsOrder, DtlsStart } from './messages.ts';

const parent = parentPort;
if (parent === null) throw new Error('the worker of DTLS is started by the engine');
const identity = (workerData as DtlsStart).identity ?? (await newIdentity());
const desk = new DtlsDesk({ clock: new SystemClock(), identity });

/** One more media thread. */
parent.on('message', (port: MessagePort) => {
  const line: Line = { report: (report) => port.postMessage(report) };
  port.on('message', (order: DtlsOrder) => desk.obey(line, order));
  port.once('close', () => desk.leave(line));
});
parent.postMessage(identity);
