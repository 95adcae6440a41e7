import type { Dialect } from '../dialect.ts';
import { first } from './0001-first.ts';
import { media } from './0002-media.ts';
import { journal } from './0003-journal.ts';
import { limits } from './0004-limits.ts';
import { recordings } from './0005-recordings.ts';
import { mediaDocuments } from './0006-media-documents.ts';
import { transcripts } from './0007-transcripts.ts';
import { documents } from './0008-documents.ts';
import { chronicle } from './0009-chronicle.ts';
import { wakes } from './0010-wakes.ts';
import { accessKeys } from './0011-access-keys.ts';
import { conferenceDomains } from './0012-conference-domains.ts';
import { conferencesByAge } from './0013-conferences-by-age.ts';
import { openRooms } from './0014-open-rooms.ts';
import { openTranscriptions } from './0015-open-transcriptions.ts';

/** One step of the schema. A published one is never changed; a new one is added below. */
export interface Migration {
  readonly name: string;
  readonly sql: (dialect: Dialect) => string;
}

/** All steps in order; the number of a step is its place, from 1. */
export const migrations: readonly Migration[] = [
  { name: 'first', sql: first },
  { name: 'media', sql: media },
  { name: 'journal', sql: journal },
  { name: 'limits', sql: limits },
  { name: 'recordings', sql: recordings },
  { name: 'media-documents', sql: mediaDocuments },
  { name: 'transcripts', sql: transcripts },
  { name: 'documents', sql: documents },
  { name: 'chronicle', sql: chronicle },
  { name: 'wakes', sql: wakes },
  { name: 'access-keys', sql: accessKeys },
  { name: 'conference-domains', sql: conferenceDomains },
  { name: 'conferences-by-age', sql: conferencesByAge },
  { name: 'open-rooms', sql: openRooms },
  { name: 'open-transcriptions', sql: openTranscriptions },
];
