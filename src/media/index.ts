export { openEngine } from './engine.ts';
export type {
  Codec,
  Direction,
  Engine,
  EngineEvent,
  EngineMetrics,
  EngineOptions,
  LegAddress,
  LegChange,
  LegMetrics,
  LegRecord,
  LegRequest,
  PortRange,
} from './engine-types.ts';
