import type { DocumentId } from '../accounts/index.ts';

/**
 * How a telephone number is spelt as an id: E.164 with `+`, or as it is where it is an extension. `011`, `00` and ten digits are read as in North America, as KAZOO
 * does (kazoo-facts §10.2). Undefined: it is none.
 */
export function numberIdOf(text: string): DocumentId | undefined {
  const digits = text.replace(/[\s().-]/g, '');
  if (!/^\+?\d{2,20}$/.test(digits)) return undefined;
  const number = digits
    .replace(/^(?:011|00)(\d{5,})$/, '+$1')
    .replace(/^1?([2-9]\d{9})$/, '+1$1')
    .replace(/^([2-9]\d{10,})$/, '+$1');
  return number as DocumentId;
}
