export { type Capacity, type CapacityMeasurement, type CapacityOptions, capacityOf, limitOf } from './capacity.ts';
export type { CapacityCodec } from './capacity-load.ts';
export {
  type CapacityOutcome,
  type CapacityRunOptions,
  type CapacityTask,
  capacityTasks,
  measureCapacity,
} from './capacity-run.ts';
export { openEngine } from './engine.ts';
export type {
  Codec,
  DigitTimes,
  Direction,
  Engine,
  EngineEvent,
  EngineLimits,
  EngineLoad,
  EngineMetrics,
  EngineOptions,
  FarAddress,
  LegAddress,
  LegChange,
  LegMetrics,
  LegRecord,
  LegRequest,
  MediaSilence,
  PacketHeader,
  PortRange,
  ThreadLoad,
  WebRtcChange,
  WebRtcLocal,
} from './engine-types.ts';
export { FeedWriter } from './feed.ts';
export { openLine } from './listen.ts';
export { memoryTrim } from './spare-memory.ts';
export { TapReader } from './tap-reader.ts';
export type { Feed, FeedRequest, Stream, StreamEar, StreamRequest, Tap, TapFrame, TapItem, TapRequest, TapWhat } from './tap-types.ts';
export { takeLibopus } from './thread/libopus.ts';
export type { DtlsFailure, Fingerprint, IceCredentials } from './thread/messages.ts';
