import type { JsonObject } from '../../../base/index.ts';
import type { Actor, CommandName, ConferenceId, Dialling, Execute, Input } from '../../../conference/index.ts';
import type { Place } from '../encode.ts';

/** A message that cannot be obeyed; the text is for whoever sent it. */
export class Unfit extends Error {
  override readonly name = 'Unfit';
}

/** What a command works on. */
export interface Bench {
  readonly message: JsonObject;
  readonly conference: ConferenceId;
  readonly execute: Execute;
  readonly actor: Actor;
  readonly place: Place;
  /** Absent: nobody can be called. */
  readonly dialling?: Dialling | undefined;
}

/** Obeys; gives the answer where the documents know one. */
export type Obey = (bench: Bench) => Promise<JsonObject | undefined>;

/** A participant's number: KAZOO's programs write it as a number or as text. */
export function numberOf(message: JsonObject, key: string): number {
  const value = message[key];
  if (Number.isSafeInteger(value) && Number(value) >= 0) return value as number;
  if (typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value);
  throw new Unfit(value === undefined ? `${key} is required` : `${key} must be the number of a participant`);
}

/** A command of the domain that answers nothing. */
export const silently =
  <Name extends CommandName>(name: Name, inputOf: (bench: Bench) => Input<Name>): Obey =>
  async (bench) => {
    await bench.execute(name, inputOf(bench), bench.actor);
    return undefined;
  };
