export { openStreams } from './open-streams.ts';
export type {
  Framing,
  Hear,
  OpenedStream,
  StreamCounts,
  StreamRate,
  StreamRequest,
  StreamSocket,
  Streams,
  StreamsOptions,
  StreamWish,
} from './options.ts';
