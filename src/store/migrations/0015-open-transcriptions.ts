import type { Dialect } from '../dialect.ts';

/** Transcriptions that a crash left open are looked for at every start; only those that go on are in this index. */
export const openTranscriptions = (_: Dialect): string => `
CREATE INDEX chronicle_transcriptions_open ON chronicle (account, id) WHERE kind = 'transcription' AND ended_at IS NULL;
`;
