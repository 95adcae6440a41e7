/** In the measured process: the rooms of an engine are recorded, each with its stems. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccountId } from '../src/accounts/index.ts';
import { type Clock, noLog } from '../src/base/index.ts';
import type { ConferenceId, Execute, RecordingId, RecordingRecord } from '../src/conference/index.ts';
import type { Engine } from '../src/media/index.ts';
import { openRecorder } from '../src/recording/index.ts';

/** Recordings of all rooms. */
export interface RecordedRooms {
  /** Ends them; gives what became of them. */
  stop(): Promise<{ files: number; bytes: number; seconds: number; gaps: number; took: number }>;
}

/** Begins to record them; the domain is not asked who is there. */
export function recordRooms({ engine, clock, rooms }: { engine: Engine; clock: Clock; rooms: readonly string[] }): RecordedRooms {
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-recordings-'));
  const account = 'bench' as AccountId;
  const done: RecordingRecord[] = [];
  const archive = {
    save: async (record: RecordingRecord) => {
      if (record.state !== 'running') done.push(record);
    },
    recording: async () => undefined,
    unfinished: async () => [],
  };
  const execute = (async () => {
    throw new Error('there is no domain here');
  }) as Execute;
  const recorder = openRecorder({ engine, archive, execute, folder, clock, log: noLog });
  const recorded = rooms.map((room, n) => {
    const of = { account, conference: room as ConferenceId, instance: room };
    const id = n.toString(16).padStart(32, '0') as RecordingId;
    recorder.start(of, { id, startedAt: clock.epoch(), state: 'running', stems: true, format: 'wav', silence: false });
    return { of, id };
  });
  return {
    async stop() {
      const began = clock.now();
      for (const { of, id } of recorded) recorder.stop(of, id, 'asked');
      while (done.length < recorded.length && clock.now() - began < 120_000) await new Promise((next) => setTimeout(next, 50));
      const took = clock.now() - began;
      await recorder.close();
      rmSync(folder, { recursive: true, force: true });
      const files = done.flatMap((record) => record.files);
      return {
        files: files.length,
        bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
        seconds: Math.min(...done.map(({ seconds }) => seconds)),
        gaps: done.reduce((sum, { gaps }) => sum + gaps, 0),
        took,
      };
    },
  };
}
