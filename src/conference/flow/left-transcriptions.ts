import type { Clock, Log } from '../../base/index.ts';
import type { TranscriptionEntry } from '../chronicle.ts';
import type { Diary, Events } from '../ports.ts';
import type { TranscriptionId } from '../transcription.ts';
import { runBehind } from './companion-takers.ts';
import type { Errands } from './errands.ts';

/** What is needed to end what a crash left open. */
export interface LeftNeeds {
  readonly clock: Clock;
  readonly log: Log;
  readonly diary: Diary;
  readonly events: Pick<Events, 'publish'>;
  readonly errands: Errands;
}

/**
 * Ends what was being written down when the server died: nobody reads on. What was said until then stays; those of rooms have ended with their rooms, those of calls
 * and recordings end here. Flows that were wished for then are run. Never rejects.
 */
export async function endLeftTranscriptions(left: readonly TranscriptionEntry[], needs: LeftNeeds): Promise<void> {
  await Promise.all(left.map((each) => end(each, needs)));
}

async function end(entry: TranscriptionEntry, { clock, log, diary, events, errands }: LeftNeeds): Promise<void> {
  const { account, conference: place, call, recording, language, startedAt, direction, onEnd } = entry;
  const id = entry.id as TranscriptionId;
  try {
    if (call !== undefined || recording !== undefined) {
      const stopped = { type: 'transcription.stopped', transcription: id, reason: 'restart' } as const;
      events.publish(await diary.note({ account, place, at: clock.epoch() }, [stopped]));
    }
    runBehind(errands, account, { id, language, startedAt, ...(direction && { direction }), ...(onEnd === undefined ? {} : { onEnd }) });
  } catch (error) {
    log.error('the end of a transcription could not be noted', { account, transcription: id, error });
  }
}
