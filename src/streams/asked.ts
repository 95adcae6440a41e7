import { isObject } from '../base/index.ts';

/** What a program may say in a text frame. */
export type Asked =
  | { readonly type: 'clear' }
  | { readonly type: 'mark'; readonly name: string }
  | { readonly type: 'stop' }
  | { readonly type: 'start' };

const LONGEST = 4096;
const LONGEST_NAME = 200;

/** Reads a text frame; else what is wrong with it, for its writer. */
export function readAsked(text: string): Asked | string {
  if (text.length > LONGEST) return `a text frame has at most ${LONGEST} characters`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'a text frame is JSON';
  }
  if (!isObject(value)) return 'a text frame is a JSON object';
  const { type, name } = value;
  if (type === 'clear' || type === 'stop' || type === 'start') return { type };
  if (type !== 'mark') return 'type must be start, mark, clear or stop';
  if (typeof name !== 'string' || name.length === 0 || name.length > LONGEST_NAME) {
    return `a mark has a name of 1 to ${LONGEST_NAME} characters`;
  }
  return { type, name };
}
