import type { UploadCounts } from '../recording/index.ts';
import type { StreamCounts } from '../streams/index.ts';
import type { Reading } from './metrics.ts';

/** How programs and recordings are doing. */
export const soundReadings = ({
  streams,
  uploads,
}: {
  readonly streams: StreamCounts;
  readonly uploads: UploadCounts;
}): readonly Reading[] => [
  { name: 'streams', help: 'Programs that listen or speak in conferences over websockets.', value: streams.streams },
  { name: 'streams_opened_total', help: 'Programs that came in.', value: streams.opened },
  { name: 'streams_slow_total', help: 'Programs that were cut off because they read too slowly.', value: streams.tooSlow },
  {
    name: 'streams_overflowed_seconds_total',
    help: 'Sound that programs sent too far ahead of its playing, and that was lost.',
    value: streams.overflowedMs / 1000,
  },
  { name: 'recordings_waiting', help: 'Finished recordings on their way to where they are kept.', value: uploads.waiting },
  { name: 'recordings_stored_total', help: 'Recordings that are there.', value: uploads.stored },
  { name: 'recordings_store_failures_total', help: 'Attempts to store a recording that will be repeated.', value: uploads.failed },
];
