import { isUuid } from '../scene.ts';
import type { VoipbinEvent } from './voipbin-event.ts';

/** What somebody asked for: a customer, and what of him (voipbin-facts §6.3). */
export interface Topic {
  readonly text: string;
  /** 32 hex digits. */
  readonly customer: string;
  /** What follows: resource, then an id, or an event's type and an id. `*` and nothing are anything. */
  readonly parts: readonly string[];
}

/** Most parts: customer_id, its id, resource, type, id. */
const MOST = 5;

/** Reads a topic; undefined: it is none. */
export function readTopic(text: unknown): Topic | undefined {
  if (typeof text !== 'string' || text.length > 256) return undefined;
  const [scope, id = '', ...parts] = text.split(':');
  if (scope !== 'customer_id' || !isUuid(id) || parts.length + 2 > MOST || parts.slice(0, -1).includes('')) return undefined;
  return { text, customer: id.toLowerCase().replaceAll('-', ''), parts };
}

const fits = (wanted: string | undefined, is: string): boolean => wanted === undefined || wanted === '' || wanted === '*' || wanted === is;

/** The event's resource: its type's text before the first underscore. */
export const resourceOf = ({ type }: VoipbinEvent): string => type.slice(0, type.indexOf('_'));

/** Whether an event is meant: by `resource:id`, and by `resource:type:id`. */
export function covers({ parts: [resource, second, third] }: Topic, event: VoipbinEvent): boolean {
  if (!fits(resource, resourceOf(event))) return false;
  if (third === undefined && fits(second, event.id)) return true;
  return fits(second, event.type) && fits(third, event.id);
}
