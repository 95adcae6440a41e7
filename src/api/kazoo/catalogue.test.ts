import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

/** One error of kazoo-facts §1 to §6: its status, the envelope's `message`, what stands in `data`, and where it is shown if in no fixture. */
interface Documented {
  readonly section: string;
  readonly status: number;
  readonly message?: string;
  /** Texts of the answer's `data`. */
  readonly data?: readonly string[];
  /** A test that shows it, and words that stand in it. */
  readonly elsewhere?: readonly [file: string, words: string];
}

const VALID = 'validation error';
const bad = (section: string, ...data: readonly string[]): Documented => ({ section, status: 400, message: VALID, data });

const ERRORS: readonly Documented[] = [
  { section: '1.1', status: 405, message: 'invalid_method', data: ['method not allowed'] },
  { section: '1.1', status: 404, message: 'not_found', data: ['not found'] },
  { section: '1.4', status: 404, message: 'faulty_request', data: ['faulty request'] },
  bad('1.4', '"data":{"required"', "action 'play' requires a data object"),
  bad('1.4', '"data":{"required"', "action 'record' requires a data object"),
  bad('1.4', 'data.media_id', "action 'play' requires a media ID or URL"),
  bad('1.4', 'data.action', 'recording requires an action'),
  bad('1.4', 'data.action', '["start","stop"]'),
  bad('1.7', '"participant_id":{"required"', '"other_participant":{"required"'),
  bad('1.7', '"relationship":{"enum"', '["deaf","clear","mute"]'),
  { section: '1.7', status: 404, message: 'bad_identifier', data: ['"id":', 'bad identifier'] },
  { section: '1.8', status: 404, message: 'bad_identifier', data: ['"cause":', 'bad identifier'] },
  { section: '2.3', status: 401, message: 'invalid_credentials', data: ['invalid credentials'] },
  { section: '2.3', status: 401, message: 'invalid credentials', data: [] },
  { section: '2.3', status: 403, message: 'forbidden', data: ['forbidden'] },
  { section: '2.3', status: 404, message: 'bad identifier', data: ["invalid account_id 'xyz'"] },
  { section: '2.3', status: 404, message: 'bad identifier', data: ['missing account_id'] },
  { section: '2.3', status: 404, message: 'faulty_request', data: ['page size must be at least 1'] },
  { section: '2.3', status: 404, message: 'faulty_request', data: ['invalid page size'] },
  { section: '2.3', status: 409, message: 'datastore_conflict', data: ['conflicting documents'] },
  { section: '2.3', status: 410 },
  { section: '2.3', status: 415 },
  { section: '2.3', status: 429, elsewhere: ['src/api/kazoo/serve.long.test.ts', 'too_many_requests'] },
  { section: '2.3', status: 500, elsewhere: ['src/api/kazoo/serve.long.test.ts', 'unspecified_fault'] },
  { section: '2.3', status: 501, message: 'not_implemented' },
  bad('2.4', '"json":{"invalid"', '"target":"body"'),
  bad('2.4', 'All JSON must be valid'),
  bad('2.4', '"data":{"required"', '"value":{'),
  bad('2.4', '"data":{"type"', 'object, array'),
  { section: '2.4', status: 400, elsewhere: ['src/api/kazoo/wire.long.test.ts', 'Files must not be more than the maximum size'] },
  bad('3.1', '"required"', 'Field is required but missing', '"value":"name"'),
  ...['type', 'minLength', 'maxLength', 'pattern', 'enum', 'minimum', 'maximum', 'uniqueItems', 'not_one_schema_valid'].map(
    (rule): Documented => ({ section: '3.1', status: 400, elsewhere: ['src/api/kazoo/conference-faults.long.test.ts', rule] }),
  ),
  { section: '3.1', status: 400, elsewhere: ['src/api/document/check.test.ts', 'wrong_format'] },
  { section: '3.5', status: 400, elsewhere: ['test/scenario/dial.test.ts', 'minItems'] },
  bad('3.9', '"numbers":{"unique"', 'Numbers already in use', '"cause"'),
  bad('3.10', '"credentials":{"required"'),
  bad('3.10', '"method":{"enum"'),
  bad('3.10', '"account_realm":{"minLength"'),
  bad('4.1', '"account":{"disabled"', 'account disabled'),
  bad('4.1', '"account":{"expired"', 'account expired', '"cause"'),
  { section: '4.2', status: 404, message: 'bad identifier', data: ['["'] },
  bad('4.2', '"api_key":{"'),
  { section: '5.2', status: 404, message: 'bad_identifier', data: ['"cause":'] },
];

interface Shown {
  readonly status: number;
  readonly body: string;
}

const folder = new URL('../../../test/fixtures/kazoo/', import.meta.url);
const shown: readonly Shown[] = readdirSync(folder)
  .filter((name) => name.endsWith('.http'))
  .flatMap((name) =>
    readFileSync(new URL(name, folder), 'utf8')
      .split(/^--> /m)
      .slice(1)
      .map((answer) => {
        const [body = ''] = answer.split(/^### /m);
        return { status: Number(answer.slice(0, 3)), body: body.replaceAll('"{!}":true,', '') };
      }),
  );

const shows = ({ status, message, data = [] }: Documented, each: Shown): boolean =>
  each.status === status &&
  (message === undefined || message === VALID || each.body.includes(`"message":"${message}"`)) &&
  data.every((text) => each.body.includes(text));

test('every error of kazoo-facts §1 to §6 is shown by a fixture, or by the test that is named here', () => {
  assert.ok(shown.length > 250, `${shown.length} answers`);
  const missing = ERRORS.filter(({ elsewhere, ...each }) => {
    if (elsewhere === undefined) return !shown.some((answer) => shows(each, answer));
    const [file, words] = elsewhere;
    return !readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8').includes(words);
  });
  assert.deepEqual(missing, []);
});
