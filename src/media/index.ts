export type { Codec, Direction, Engine, EngineEvent, LegAddress, LegChange, LegRecord, LegRequest } from './engine-types.ts';
