import { isObject, type JsonObject } from '../base/index.ts';
import type { Recording, RecordingId } from './recording.ts';

/** A recording that was asked for before anybody was there: it begins when the first one comes. */
export interface AwaitedRecording extends Pick<Recording, 'id'>, Partial<Pick<Recording, 'maxSeconds' | 'format' | 'onEnd'>> {}

/** Its key in a document. What begins with `pvt_` is no writer's, and stays through every change. */
const KEY = 'pvt_awaited_recording';

/** What is waited with; undefined: nothing. Never throws. */
export function awaitedRecording(document: JsonObject): AwaitedRecording | undefined {
  const kept = document[KEY];
  if (!isObject(kept) || typeof kept['id'] !== 'string') return undefined;
  const { id, maxSeconds, onEnd, format } = kept;
  return {
    id: id as RecordingId,
    ...(typeof maxSeconds === 'number' ? { maxSeconds } : {}),
    ...(format === 'wav' || format === 'ogg' ? { format } : {}),
    ...(typeof onEnd === 'string' ? { onEnd } : {}),
  };
}

/** The document that waits with this one, or with none any more. */
export function withAwaited(document: JsonObject, awaited: AwaitedRecording | undefined): JsonObject {
  const { [KEY]: _, ...rest } = document;
  return awaited === undefined ? rest : { ...rest, [KEY]: { ...awaited } };
}
