/**
 * Records rooms of known sound until it is killed; says every tenth of a second how many ticks they had, and how many ms the recorder's worker has waited for a
 * processor while it had work to do. Arguments: folder, rooms.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { AccountId } from '../../src/accounts/index.ts';
import { noLog, SystemClock } from '../../src/base/index.ts';
import type { ConferenceId, Execute, RecordingId } from '../../src/conference/index.ts';
import { openRecorder } from '../../src/recording/index.ts';
import { KnownRoom } from './recorded-rooms.ts';

const [folder = '', rooms = '4'] = process.argv.slice(2);

/** What the kernel knows of the worker, where it tells (Linux: the second number of `schedstat`, in ns). */
function waited(): number {
  try {
    const task = readdirSync('/proc/self/task').find(
      (each) => readFileSync(`/proc/self/task/${each}/comm`, 'utf8').trim() === 'parley-recorder',
    );
    return Math.round(Number(readFileSync(`/proc/self/task/${task}/schedstat`, 'utf8').split(' ')[1]) / 1e6);
  } catch {
    return 0;
  }
}

const clock = new SystemClock();
const all = Array.from({ length: Number(rooms) }, () => new KnownRoom([0, 1, 2]));
const archive = { save: async () => {}, recording: async () => undefined, unfinished: async () => [] };
const execute = (async () => {
  throw new Error('nobody is there');
}) as Execute;
const engine = {
  tap: (_account: AccountId, conference: ConferenceId, request: Parameters<KnownRoom['tap']>[0]) => all[Number(conference)]!.tap(request),
};
const recorder = openRecorder({ engine, archive, execute, folder, clock, log: noLog });
// As in a server that has recorded before: however busy the machine is, the worker is there before the first sound.
await recorder.warm();
for (const [n] of all.entries()) {
  const room = { account: 'a'.repeat(32) as AccountId, conference: String(n) as ConferenceId, instance: `run ${n}` };
  recorder.start(room, {
    id: n.toString(16).padStart(32, '0') as RecordingId,
    startedAt: clock.epoch(),
    state: 'running',
    stems: n % 2 === 0,
    format: n % 4 < 2 ? 'wav' : 'ogg',
    silence: false,
  });
}
const started = clock.epoch();
let done = 0;
process.stdout.write(`0 ${waited()}\n`);
setInterval(() => {
  const due = Math.floor((clock.epoch() - started) / 20);
  // Before the sound of a tick can be lost it was told.
  if (Math.floor(due / 5) > Math.floor(done / 5)) process.stdout.write(`${done} ${waited()}\n`);
  for (; done < due; done++) for (const room of all) room.tick(started + 20 * done);
}, 10);
