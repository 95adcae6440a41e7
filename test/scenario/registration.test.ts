import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type AccountId, type Device, openAccounts } from '../../src/accounts/index.ts';
import { masterKey } from '../../src/app/master-key.ts';
import { SystemChance, SystemClock } from '../../src/base/index.ts';
import { openSqlite } from '../../src/store/index.ts';
import { all, hearingMatrix } from '../kit/hearing.ts';
import { type House, participants, startHouse } from '../kit/house.ts';
import { quiet } from '../kit/party.ts';

let house: House;
let device: Device;
let dataDir: string;

// No API makes devices yet, so one is written into the database between two starts.
before(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'parley-test-'));
  house = await startHouse({ dataDir });
  await quiet(house);
  const { first } = house;
  await house.stop();
  const [clock, chance] = [new SystemClock(), new SystemChance()];
  const stores = await openSqlite({ path: join(dataDir, 'parley.db'), masterKey: masterKey(dataDir, undefined, chance), chance });
  const book = openAccounts({ store: stores.accounts, clock, chance });
  device = await book.createDevice({ account: first.account_id as AccountId, username: 'desk', name: "Ann's desk" });
  await stores.close();
  await house.start();
});
after(async () => {
  await house.close();
  rmSync(dataDir, { recursive: true, force: true });
});

test('a device registers with its password, calls, and is known by its name', async () => {
  const { realm, conference_id } = house.first;
  const auth = { user: device.username, password: device.password };
  const ann = await house.phone({ user: device.username, domain: realm, auth, tone: 400 });
  assert.equal(await ann.register(), 200);
  await ann.call('3000');
  const ben = await house.phone({ user: 'Ben', tone: 530 });
  await ben.call('3000');
  await hearingMatrix([ann, ben], all([ann, ben]));
  const person = [...(await participants(house, conference_id)).values()].find((each) => each.call_id === ann.callId);
  assert.equal(person.custom_channel_vars.authorizing_id, device.id);
  assert.equal(await ann.register(0), 200);
  await ann.hangUp();
  await ben.hangUp();
});

test('a wrong password neither registers nor calls', async () => {
  const { realm } = house.first;
  const thief = await house.phone({ user: device.username, domain: realm, auth: { user: device.username, password: 'guessed' } });
  assert.ok([401, 403].includes(await thief.register()));
  const nobody = await house.phone({ user: 'nobody', domain: realm });
  assert.ok([401, 403, 404].includes(await nobody.register()));
});
