import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { eventually, type House, startHouse } from '../kit/house.ts';
import { aRoom, emptied, numberOf, party } from '../kit/party.ts';
import { runSipp } from '../kit/sipp.ts';

const fixture = (name: string): string => join(import.meta.dirname, '../fixtures/sipp', name);

let house: House;
const directories: string[] = [];
before(async () => {
  house = await startHouse();
});
after(async () => {
  await house.close();
  for (const each of directories) rmSync(each, { recursive: true });
});

/** SIPp as it runs: what it was told so far, and its end, which fails where one of its own checks did. */
function subscriber(scenario: string, number: string, args: readonly string[] = []) {
  const directory = mkdtempSync(join(tmpdir(), 'parley-package-'));
  directories.push(directory);
  const messages = join(directory, 'messages.log');
  const tracing = ['-trace_msg', '-message_file', messages, '-message_overwrite', 'true'];
  const end = runSipp(directory, [house.sip, '-sf', fixture(scenario), '-s', number, '-i', '127.0.0.1', '-m', '1', ...tracing, ...args]);
  const log = (): string => (existsSync(messages) ? readFileSync(messages, 'utf8') : '');
  /** The documents in the order in which they came, each once. */
  const documents = (): string[] => {
    const found = new Map<string, string>();
    for (const [body = '', version = ''] of log().matchAll(/<conference-info[^>]*version="(\d+)"[\s\S]*?<\/conference-info>/g))
      found.set(version, body);
    return [...found.values()];
  };
  const until = (what: string): Promise<unknown> =>
    eventually(() => documents().some((each) => each.includes(what)), `no document with ${what}`);
  return { end, documents, until, log };
}

const versions = (documents: readonly string[]): (readonly [string | undefined, number])[] =>
  documents.map((each) => [/ state="(\w+)"/.exec(each)?.[1], Number(/ version="(\d+)"/.exec(each)?.[1])]);

describe('a stock subscriber follows a conference (RFC 4575)', () => {
  test('in the dialog of his call: isfocus, everything, what changes, a refresh, an end', async () => {
    const room = await aRoom(house);
    const [ann] = await party(house, room.number, { names: ['Ann'] });
    const sipp = subscriber('conference-follower.xml', room.number);
    await sipp.until('version="1"');
    const [first = ''] = sipp.documents();
    assert.match(first, /<display-text>Ann<\/display-text>/);
    assert.match(first, /<user-count>2<\/user-count>/);
    await house.act(`${room.id}/participants/${await numberOf(house, room.id, 'Ann')}`, 'mute');
    await sipp.until('version="2"');
    await ann!.hangUp();
    await sipp.end;
    const documents = sipp.documents();
    assert.deepEqual(versions(documents), [
      ['full', 1],
      ['partial', 2],
      ['partial', 3],
      ['full', 4],
      ['full', 5],
    ]);
    // What is muted is what she sends: nobody hears it.
    assert.match(documents[1]!, /<users state="partial"><user [^>]*Ann@[\s\S]*<status>recvonly<\/status>/);
    assert.match(documents[2]!, /<user [^>]*state="deleted"/);
    assert.match(documents[2]!, /<user-count>1<\/user-count>/);
    assert.ok(!documents[3]!.includes('Ann'), 'who has left is in no full document');
    assert.match(sipp.log(), /Contact: <sip:[^>]+>;isfocus/);
    await emptied(house, room.id);
  });

  test('from outside as a device of the account: challenged, told, and forgotten when the time is over', { timeout: 120_000 }, async () => {
    const room = await aRoom(house);
    await house.kazoo('PUT', '/devices', { name: 'Desk', sip: { username: 'desk', password: 'desk-secret' } });
    const [ann] = await party(house, room.number, { names: ['Ann'] });
    const sipp = subscriber('conference-subscriber.xml', room.number, [
      '-key',
      'realm',
      house.first.realm,
      '-auth_uri',
      `${room.number}@${house.sip}`,
      '-timeout',
      '100',
    ]);
    await sipp.end;
    assert.deepEqual(
      versions(sipp.documents()).map(([state]) => state),
      ['full', 'full'],
    );
    await ann!.hangUp();
  });
});
