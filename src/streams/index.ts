export { innerRate } from './audio-socket.ts';
export { openStreams } from './open-streams.ts';
export type {
  Framing,
  Hear,
  OpenedStream,
  SoundRate,
  StreamCounts,
  StreamRate,
  StreamRequest,
  StreamSocket,
  Streams,
  StreamsOptions,
  StreamWish,
} from './options.ts';
