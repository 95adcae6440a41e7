import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { runCurlLine } from '../kit/curl.ts';
import { type House, startHouse } from '../kit/house.ts';

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

/** Every curl line of a page, whole. */
const linesOf = (page: string): readonly string[] =>
  [...page.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block
      .replaceAll('\\\n', ' ')
      .split('\n')
      .filter((line) => line.startsWith('curl')),
  );

test('the curl lines of docs/api.md do what the page says', async () => {
  const lines = linesOf(readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8'));
  assert.ok(lines.length >= 10, `${lines.length} lines`);
  let id = '';
  for (const line of lines) {
    const status = await runCurlLine(line.replace('curl -s', `curl -s -w '\\n%{http_code}'`), {
      SERVER: house.http,
      KEY: house.first.access_key,
      ID: id,
    });
    const at = status.stdout.lastIndexOf('\n');
    const [body, code] = [status.stdout.slice(0, at), Number(status.stdout.slice(at + 1))];
    const wanted = line.includes('-X DELETE') ? 204 : line.includes('-X POST') ? 201 : 200;
    assert.equal(code, wanted, `${line}\n${body}`);
    if (line.includes('"Board"')) id = JSON.parse(body).id;
    if (line.includes('/participants')) assert.deepEqual(JSON.parse(body), { items: [], next_cursor: null });
    if (line.includes('/invitations')) assert.match(JSON.parse(body).link, /\/join\/[0-9a-f]{32}$/);
    if (line.includes('/facts')) assert.ok(JSON.parse(body).items.some((each: { type: string }) => each.type === 'conference.locked'));
    if (line.includes('max_participants')) assert.equal(JSON.parse(body).document.max_participants, 20);
    if (line.includes('/events')) assert.match(body, /"type":"live"/);
  }
});
