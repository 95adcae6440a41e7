import type { Brand } from '../base/index.ts';
import type { ParticipantId } from './ids.ts';

/** 32 hex digits. The prompt of a hearing plan has the same id. */
export type PlayingId = Brand<'PlayingId'>;

/** A text that is to be spoken. */
export interface Saying {
  readonly say: string;
  /** RFC 5646; absent: the speech provider's default. */
  readonly language?: string;
  readonly voice?: string;
}

/** A media id, a URL (`http https tone_stream silence_stream prompt`), or a text to be spoken. */
export type PlaySource = string | Saying;

/** Something that is played, or waits to be: what is for all waits for what is for all, what is for one for what is for the same one. */
export interface Playing {
  readonly id: PlayingId;
  /** One behind the other. */
  readonly sources: readonly PlaySource[];
  readonly to: 'all' | ParticipantId;
  /** How often all of it is played; 0: until somebody stops it. */
  readonly loops: number;
  /** What everybody's voice is multiplied by, for those who hear it, while it plays; 1: they are as loud as ever. */
  readonly duck: number;
  /** Epoch ms; absent: it waits. */
  readonly startedAt?: number;
}

/** Why something is played no longer, or never was. `gone`: the one it was for has left. */
export type PlayEnd = 'finished' | 'stopped' | 'failed' | 'gone' | 'room-closed' | 'restart';
