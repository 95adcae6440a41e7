import type { Clock, Log } from '../base/index.ts';
import type { Execute } from '../conference/index.ts';
import type { Engine } from '../media/index.ts';
import { type OpenRecorder, openRecorder, type Storage } from '../recording/index.ts';
import type { AllStores } from '../store/index.ts';
import type { RecordingConfig } from './storage.ts';

/** What is needed to record rooms. */
export interface RecorderNeeds {
  readonly config: { readonly recording: Pick<RecordingConfig, 'dir'> };
  readonly clock: Clock;
  readonly log: Log;
  readonly engine: Engine;
  readonly store: Pick<AllStores, 'archive'>;
  readonly execute: Execute;
  /** Where finished ones are kept. */
  readonly storage: Pick<Storage, 'kick'>;
}

/** What records rooms, into the folder from which they are carried to where they are kept. To be closed before the conferences. */
export function recorderOf({ config, store, storage, ...needs }: RecorderNeeds): OpenRecorder {
  return openRecorder({ ...needs, archive: store.archive, folder: config.recording.dir, onStoring: () => storage.kick() });
}
