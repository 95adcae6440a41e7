import type { Asked } from '../fetch/index.ts';
import { failed } from './programs.ts';

/** The address of a service below a base, which may be named with or without `/v1`, or be the whole address already. */
export function endpoint(base: string, path: string): string {
  const trimmed = base.replace(/\/+$/, '');
  if (trimmed.endsWith(`/${path}`)) return trimmed;
  return /\/v\d+$/.test(trimmed) ? `${trimmed}/${path}` : `${trimmed}/v1/${path}`;
}

/** The body of an answer that is one. What a server says of its refusal is not repeated: there may be text of people in it. */
export function outcomeIn(asked: Asked): Uint8Array {
  if ('refused' in asked) throw failed(`the speech server is not called: ${asked.refused}`);
  if ('failed' in asked) throw failed(`the speech server did not answer: ${asked.failed}`);
  if (asked.status !== 200) throw failed(`the speech server answered ${asked.status}`);
  if (asked.isCut) throw failed('the speech server answered without end');
  return asked.body;
}
