import type { Chance } from '../../../base/index.ts';

/** Bytes of a secret: which start of the server gave it, which browser it was given to, and what nobody guesses. */
const [RUN, BROWSER, SECRET] = [8, 8, 16];

const bytesOf = (resume: string): Buffer => Buffer.from(resume, 'base64url');

/** With what every secret of one start of the server begins. */
export const newRun = (chance: Chance): Uint8Array => chance.bytes(RUN);

/** The secret of a new stay. `back`: of a former one; both are of the same browser, however often it comes back. */
export function newResume(chance: Chance, run: Uint8Array, back: string | undefined): string {
  const browser = back === undefined ? chance.bytes(BROWSER) : browserOf(back);
  return Buffer.concat([run, browser, chance.bytes(SECRET)]).toString('base64url');
}

/** What a secret says of the browser that it was given to. */
export const browserOf = (resume: string): Uint8Array => bytesOf(resume).subarray(RUN, RUN + BROWSER);

/** Whether this start of the server gave it. */
export const isOfRun = (resume: string, run: Uint8Array): boolean => bytesOf(resume).subarray(0, RUN).equals(run);
