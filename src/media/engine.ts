import { Failure } from '../base/index.ts';
import type { Engine, EngineOptions } from './engine-types.ts';

/** Opens the media engine. */
export async function openEngine(_options: EngineOptions): Promise<Engine> {
  throw new Failure('unavailable', 'not_built', 'the engine is being built');
}
