export { isAllowance, judge } from './addresses.ts';
export { type AudioSocketDoor, type AudioSocketDoorOptions, openAudioSocketDoor } from './audio-socket-door.ts';
export type {
  Answer,
  Asked,
  Asking,
  FarLine,
  FarSocket,
  Fetch,
  FetchOptions,
  Lookup,
  Posted,
  Posting,
  Streamed,
  StreamedAnswer,
  Streaming,
  Unanswered,
} from './fetch-types.ts';
export { openFetch } from './open-fetch.ts';
