/**
 * What KAZOO's documents and sources say of the list of conferences, asked of the running server line by line.
 * Paragraphs are those of the fact sheet, "ruling" is the row that overrides it; every expected value is theirs, none was recorded.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Answer } from '../kit/house.ts';
import { DEFAULTS, KazooServer } from '../kit/kazoo-facts.ts';

type Body = Answer['body'];

let server: KazooServer;
before(async () => {
  server = await KazooServer.start();
});
after(() => server.close());

test('§5.4 to §5.7 the list', async () => {
  const ids: string[] = [];
  for (const n of [1, 2, 3]) {
    const more = n === 2 ? { ui_flags: { hidden: true }, flags: ['z'], owner_id: 'q'.repeat(32), language: 'fr' } : {};
    ids.push((await server.ask('PUT', server.base, { data: { name: `page ${n}`, tag: 'paged', ...more } })).body.data.id);
  }
  const list = async (query: string): Promise<Body> => (await server.ask('GET', `${server.base}?filter_tag=paged&${query}`)).body;
  const [first, second, third] = ids.toSorted();
  const shown = (body: Body): string[] => body.data.map(({ id }: Body) => id);
  const whole = await list('');
  assert.deepEqual(shown(whole), [third, second, first], '§5.5 by id, descending');
  assert.deepEqual(
    [whole.page_size, whole.revision, 'start_key' in whole, 'next_start_key' in whole],
    [3, 'automatic', false, false],
    '§5.6',
  );
  const element = whole.data.find(({ id }: Body) => id === ids[1]);
  const { members: _m, admins: _a, duration: _d, is_locked: _l, ...documented } = element;
  assert.deepEqual(
    documented,
    {
      id: ids[1],
      name: 'page 2',
      owner_id: 'q'.repeat(32),
      member: DEFAULTS.member,
      moderator: DEFAULTS.moderator,
      ui_flags: { hidden: true },
      conference_numbers: [],
      flags: ['z'],
      _read_only: { members: 0, moderators: 0, admins: 0, duration: 0, is_locked: false },
    },
    '§5.4',
  );
  assert.deepEqual([_m, _a, _d, _l], [0, 0, 0, false], 'ruling "_read_only": [S1] shows them at the top');
  const plain = whole.data.find(({ id }: Body) => id === ids[0]);
  assert.deepEqual([plain.flags, 'owner_id' in plain, 'ui_flags' in plain], [[], false, false], '§5.4');
  const page = await list('page_size=2&ascending=true');
  assert.deepEqual([shown(page), page.page_size], [[first, second], 2]);
  assert.match(page.next_start_key, /^[\w-]+$/, '§5.6');
  const rest = await list(`page_size=2&ascending=true&start_key=${page.next_start_key}`);
  assert.deepEqual([shown(rest), rest.page_size, rest.start_key, 'next_start_key' in rest], [[third], 1, page.next_start_key, false]);
  assert.deepEqual(shown(await list(`start_key=${second}`)), [second, first], '§5.6 a raw id');
  const all = await list('paginate=false');
  assert.deepEqual([all.data.length, 'page_size' in all], [3, false]);
  for (const [query, expected] of [
    ['filter_language=fr', 1],
    ['filter_not_language=fr', 2],
    ['has_key=language', 1],
    ['key_missing=language', 2],
    ['has_value=ui_flags', 1],
    ['value_missing=conference_numbers', 3],
    ['filter_member.join_muted=true', 3],
    ['filter_name=["page 1","page 3"]', 2],
    ['created_from=abc', 0],
    ['created_to=1', 0],
    ['filter_language=fr&filter_name=page 1', 0],
  ] as const) {
    assert.equal((await list(query)).data.length, expected, `§5.7 ${query}`);
  }
  await server.holds([
    {
      facts: '§2.3',
      says: 'page_size=0',
      ask: ['GET', `${server.base}?page_size=0`],
      status: 404,
      message: 'faulty_request',
      data: { message: 'page size must be at least 1' },
    },
    {
      facts: '§2.3',
      says: 'page_size=abc',
      ask: ['GET', `${server.base}?page_size=abc`],
      status: 404,
      message: 'faulty_request',
      data: { message: 'invalid page size' },
    },
  ]);
});
