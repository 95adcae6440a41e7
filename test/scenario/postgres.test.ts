import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { all, hearingMatrix } from '../kit/hearing.ts';
import { eventually, startHouse } from '../kit/house.ts';
import { party, quiet } from '../kit/party.ts';
import { Postgres } from '../kit/postgres.ts';

const server = await Postgres.start();
after(() => server.close());

test('a server on PostgreSQL: people talk, the database dies and comes back, nothing acknowledged is lost', {
  timeout: 120_000,
}, async () => {
  const env = { PARLEY_STORE_URL: (await server.newUrl()).replace('parley@', 'parley:geheim@') };
  await using house = await startHouse({ env });
  assert.equal(existsSync(join(house.dataDir, 'parley.db')), false);
  await quiet(house);
  const phones = await party(house, '3000', { names: ['Ann', 'Ben'] });
  const path = `/conferences/${house.first.conference_id}`;
  await hearingMatrix(phones, all(phones));
  const before = (await house.kazoo('GET', path)).body.data;
  assert.equal((await house.kazoo('POST', path, { ...before, name: 'Before' })).status, 200);
  await server.kill();
  // Sound needs no database.
  await hearingMatrix(phones, all(phones));
  const changing = house.kazoo('POST', path, { ...before, name: 'During' });
  await server.resume();
  // Whoever waited for the database longer than the server does is told so, and asks again.
  const { status } = await changing;
  assert.ok(status === 200 || status === 503, `${status}`);
  if (status === 503) {
    const again = async () => (await house.kazoo('POST', path, { ...before, name: 'During' })).status === 200;
    await eventually(again, 'nothing can be changed any more');
  }
  assert.equal((await house.kazoo('GET', path)).body.data.name, 'During');
  await eventually(() => house.output.includes('database connection is back'), 'nobody was told that it is back');
  await house.stop();
  await house.start();
  assert.equal((await house.kazoo('GET', path)).body.data.name, 'During');
  assert.equal(house.output.includes('geheim'), false);
});
