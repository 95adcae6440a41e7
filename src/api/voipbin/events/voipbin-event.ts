import type { JsonObject } from '../../../base/index.ts';

/** Something that VoIPBIN tells of: its type, the id of what it is about, and that as it is now (voipbin-facts §6.1). */
export interface VoipbinEvent {
  readonly type: string;
  readonly id: string;
  readonly data: JsonObject;
}
