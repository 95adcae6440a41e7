import assert from 'node:assert/strict';
import { accessSync, constants, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The Debian packages that the tests need, by the program or library each is wanted for. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  baresip: 'baresip-core',
  curl: 'curl',
  chromium: 'chromium',
  'espeak-ng': 'espeak-ng',
  flite: 'flite',
  kamailio: 'kamailio',
  'libopus.so.0': 'libopus0',
  'libspandsp.so.2': 'libspandsp2',
  linphonec: 'linphone-cli',
  pebble: 'pebble',
  'pebble-challtestsrv': 'pebble',
  pocketsphinx_continuous: 'pocketsphinx pocketsphinx-en-us',
  postgres: 'postgresql',
  'rabbitmq-server': 'rabbitmq-server',
  sipp: 'sip-tester',
  sipsak: 'sipsak',
  sox: 'sox',
  tshark: 'tshark',
  turnserver: 'coturn',
};

const TRIPLET = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
const LIBRARIES = [`/usr/lib/${TRIPLET}`, `/lib/${TRIPLET}`, '/usr/lib64', '/usr/lib', '/usr/local/lib'];

/** Where a program or library is, or undefined. */
export function locate(name: string): string | undefined {
  const isLibrary = name.includes('.so');
  const places = isLibrary
    ? LIBRARIES
    : [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', ...globSync('/usr/lib/postgresql/*/bin')];
  return places
    .map((each) => join(each, name))
    .find((path) => {
      try {
        accessSync(path, isLibrary ? constants.R_OK : constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Fails naming the Debian package; a missing program never skips a test. */
export const needs = (name: string): string =>
  locate(name) ?? assert.fail(`${name} is missing: apt-get install -y --no-install-recommends ${PROGRAMS[name]}`);
