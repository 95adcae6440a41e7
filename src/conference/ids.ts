import type { Brand } from '../base/index.ts';

/** 32 hex digits (a UUIDv7) or, for a room that somebody named, any URL-safe string. The key of a conference is (account, id). */
export type ConferenceId = Brand<'ConferenceId'>;
/** 32 hex digits. */
export type ParticipantId = Brand<'ParticipantId'>;
/** 32 hex digits; Parley's own name of a call. The SIP Call-ID is another thing. */
export type CallId = Brand<'CallId'>;
/** The media of one call. Its value equals the call's id. */
export type LegId = Brand<'LegId'>;
