import type { JsonObject } from '../../base/index.ts';
import type { Input } from '../commands.ts';
import type { Conference } from '../conference.ts';
import { create, type Past } from './document.ts';
import type { Change, Context, Rule } from './rule.ts';

/** What opens a room where there is no conference. */
interface Opening<Name extends 'call.arrived' | 'call.dial' | 'call.enter'> {
  readonly rule: Rule<Name>;
  readonly input: Input<Name> & { readonly adHoc?: JsonObject };
  readonly context: Context;
  /** What is configured for it all the same. */
  readonly defaults: Pick<Conference, 'defaults'>;
}

/** Makes a conference for as long as its room lasts, and lets the first call come. Nothing is made where the call is refused. */
export function opened<Name extends 'call.arrived' | 'call.dial' | 'call.enter'>(
  past: Past,
  { rule, input, context, defaults }: Opening<Name>,
): Change {
  const made = create(past, input.adHoc ?? {}, context);
  const change = rule({ ...made.next, ...defaults }, input, context);
  const { room } = change.next;
  const next = room === undefined ? change.next : { ...change.next, room: { ...room, adHoc: true as const } };
  return { ...change, next, facts: [...made.facts, ...change.facts] };
}
