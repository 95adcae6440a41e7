import assert from 'node:assert/strict';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The Debian packages that the tests need, by the program each is wanted for. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  baresip: 'baresip-core',
  pebble: 'pebble',
  'pebble-challtestsrv': 'pebble',
  sipp: 'sip-tester',
  sipsak: 'sipsak',
  sox: 'sox',
};

/** Where a program is, or undefined. */
export function locate(program: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((each) => join(each, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Fails naming the Debian package; a missing program never skips a test. */
export const needs = (program: string): string =>
  locate(program) ?? assert.fail(`${program} is missing: apt-get install -y --no-install-recommends ${PROGRAMS[program]}`);
