import type { Event } from '../model.ts';

/** One run of the room, out of what is kept. */
export interface Run {
  readonly instance: string;
  readonly from: number;
  /** Epoch ms; the last thing that happened, or undefined while it runs. */
  readonly to: number | undefined;
}

/** The runs of a room, the newest first. */
export function runsOf(facts: readonly Event[]): readonly Run[] {
  const runs = new Map<string, { instance: string; from: number; to: number | undefined }>();
  for (const { type, instance, at } of facts) {
    if (instance === undefined) continue;
    const known = runs.get(instance);
    if (known === undefined) runs.set(instance, { instance, from: Date.parse(at), to: undefined });
    if (type === 'room.closed') (runs.get(instance) as { to: number | undefined }).to = Date.parse(at);
  }
  return [...runs.values()].reverse();
}
