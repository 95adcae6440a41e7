import type { Chance } from '../../base/index.ts';

/** So many random digits, each as likely as the others. */
export function randomDigits(chance: Chance, length: number): string {
  let digits = '';
  while (digits.length < length) {
    // Bytes from 250 on would favour the first digits.
    for (const byte of chance.bytes(length)) if (byte < 250 && digits.length < length) digits += String(byte % 10);
  }
  return digits;
}

/** Easily guessed: one digit only, or digits in a row. */
export const isWeak = (pin: string): boolean =>
  /^(\d)\1*$/.test(pin) || '01234567890123456'.includes(pin) || '98765432109876543'.includes(pin);

/** A PIN that is none of these and that nobody guesses first. */
export function newPin(chance: Chance, length: number, taken: (pin: string) => boolean): string {
  for (let tries = 0; tries < 1_000; tries += 1) {
    const pin = randomDigits(chance, length);
    if (!isWeak(pin) && !taken(pin)) return pin;
  }
  // So many PINs of this length are taken that a longer one is the answer.
  return newPin(chance, length + 1, taken);
}
