import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { all, hearingMatrix } from '../kit/hearing.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, party, quiet } from '../kit/party.ts';
import { Phone } from '../kit/phone.ts';

/** A data directory that outlives its house. */
function aDirectory(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'parley-test-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Stops a house with people in it, up to three times: a busy machine may be slow once, a rule that is broken is broken always. */
async function stopsWithin2s(people: (house: House) => Promise<() => Promise<void>>): Promise<void> {
  const took: number[] = [];
  while (took.length < 3 && !took.some((ms) => ms < 2000)) {
    await using house = await startHouse();
    const afterwards = await people(house);
    const { code, ms } = await house.stop();
    assert.equal(code, 0, house.output.slice(-3000));
    await afterwards();
    took.push(ms);
  }
  assert.ok(
    took.some((ms) => ms < 2000),
    `stopping took ${took.map(Math.round)} ms`,
  );
}

test('SIGTERM with two calls up: both get a BYE, exit 0 within 2 s, ready.json is gone', () =>
  stopsWithin2s(async (house) => {
    assert.equal(JSON.parse(readFileSync(house.readyFile, 'utf8')).pid, house.pid);
    await quiet(house);
    const phones = await party(house, '3000', { names: ['Ann', 'Ben'] });
    await hearingMatrix(phones, all(phones));
    const ended = Promise.all(phones.map((each) => each.ended(30_000)));
    return async () => {
      await ended;
      assert.equal(existsSync(house.readyFile), false);
      assert.equal(phones.map((each) => each.received.filter(({ method }) => method === 'BYE').length).join(), '1,1');
    };
  }));

test('SIGTERM with a phone that does not answer its BYE still ends within 2 s', () =>
  stopsWithin2s(async (house) => {
    await using dead = await Phone.open({ server: house.sip, user: 'Dead' });
    await dead.call('3000');
    dead.vanish();
    return async () => {};
  }));

test('a second start changes nothing: same account, same conference, still dialable', async () => {
  using data = aDirectory();
  const file = join(data.path, 'first-account.json');
  let before = '';
  let revision = 0;
  {
    await using house = await startHouse({ dataDir: data.path });
    before = readFileSync(file, 'utf8');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    await eventually(() => house.output.includes(house.first.password), 'the secrets were not printed');
    await opensConsole(house);
    revision = (await house.kazoo('GET', `/conferences/${house.first.conference_id}`)).body.revision;
  }
  await using house = await startHouse({ dataDir: data.path });
  await eventually(
    () => /Parley is ready: dial sip:3000@.*, console http:\/\/\S+\/console, HTTP/.test(house.output),
    'the ready line was not printed',
  );
  assert.equal(readFileSync(file, 'utf8'), before);
  assert.ok(!house.output.includes(house.first.password), 'and not a second time');
  const { body } = await house.kazoo('GET', `/conferences/${house.first.conference_id}`);
  assert.equal(body.revision, revision);
  assert.equal(body.data.name, 'Welcome');
  assert.equal((await house.kazoo('GET', '/conferences')).body.data.length, 1);
  await quiet(house);
  const phones = await party(house, '3000', { names: ['Ann', 'Ben'] });
  await hearingMatrix(phones, all(phones));
});

/** What the first start says of the console is true: the page is there, and who was printed may log in. */
async function opensConsole({ output }: House): Promise<void> {
  const [, address = ''] = /Moderate in a browser: (\S+)/.exec(output) ?? [];
  assert.match(address, /^http:\/\/127\.0\.0\.1:\d+\/console$/);
  assert.equal((await fetch(address)).status, 200);
  const said = (what: string): string => new RegExp(`^  ${what} +(\\S+)`, 'm').exec(output)?.[1] ?? '';
  const logIn = (password: string) =>
    fetch(new URL('/api/session', address), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: said('user'), password }),
    });
  assert.equal((await logIn(said('password'))).status, 200);
  assert.equal((await logIn(said('api key'))).status, 401);
}

type Acknowledged = Map<string, { revision: string; name: string }>;

/** Creates and patches as fast as it can until the server is gone; keeps what was acknowledged. */
async function writeUntilDeath(house: House, acknowledged: Acknowledged): Promise<void> {
  const writer = async (who: number): Promise<void> => {
    for (let n = 0; ; n++) {
      const made = await house.kazoo('PUT', '/conferences', { name: `w${who} c${n}` });
      acknowledged.set(made.body.data.id, { revision: made.body.revision, name: `w${who} c${n}` });
      for (let turn = 1; turn <= 3; turn++) {
        const name = `w${who} c${n} p${turn}`;
        const patched = await house.kazoo('PATCH', `/conferences/${made.body.data.id}`, { name });
        acknowledged.set(made.body.data.id, { revision: patched.body.revision, name });
      }
    }
  };
  const outcomes = await Promise.allSettled([writer(1), writer(2), writer(3)]);
  for (const outcome of outcomes) {
    // Only the connection may fail: an answer that is no success would be a finding of its own.
    if (outcome.status === 'rejected' && / was answered /.test(String(outcome.reason))) throw outcome.reason;
  }
}

test('kill -9 under load: what was acknowledged is there, and both phones get a BYE from the stored dialog', async () => {
  using data = aDirectory();
  await using house = await startHouse({ dataDir: data.path });
  const room = await aRoom(house);
  const phones: Phone[] = [];
  try {
    for (const [n, user] of ['Ann', 'Ben'].entries()) {
      phones.push(await Phone.open({ server: house.sip, user, tone: 400 + 130 * n }));
      await phones[n]!.call(room.number);
    }
    await hearingMatrix(phones, all(phones));
    const acknowledged: Acknowledged = new Map();
    const writing = writeUntilDeath(house, acknowledged);
    await eventually(() => acknowledged.size >= 30, 'hardly anything is acknowledged', 30_000);
    await house.kill();
    await writing;

    const ended = Promise.all(phones.map((each) => each.ended(60_000)));
    await house.start();
    await ended;
    for (const phone of phones) assert.equal(phone.received.filter(({ method }) => method === 'BYE').length, 1);
    assert.equal((await participants(house, room.id)).size, 0);
    const { members, duration } = (await house.kazoo('GET', `/conferences/${room.id}`)).body.data._read_only;
    assert.deepEqual({ members, duration }, { members: 0, duration: 0 });

    const lost: string[] = [];
    for (const [id, { revision, name }] of acknowledged) {
      const { status, body } = await house.kazoo('GET', `/conferences/${id}`, undefined, { any: true });
      // A patch that was stored but whose answer died on the way may have moved it on by one; never back.
      const count = (text: string): number => Number(/^\d+/.exec(text)?.[0] ?? Number.NaN);
      const same = body.revision === revision && body.data.name === name;
      const ahead = status === 200 && count(body.revision) === count(revision) + 1;
      if (!same && !ahead) lost.push(`${id}: acknowledged ${revision} ${name}, found ${status} ${body.revision} ${body.data?.name}`);
    }
    assert.deepEqual(lost, []);

    // The house is whole again: the same room takes calls.
    await using cleo = await Phone.open({ server: house.sip, user: 'Cleo', tone: 660 });
    await using dan = await Phone.open({ server: house.sip, user: 'Dan', tone: 790 });
    await cleo.call(room.number);
    await dan.call(room.number);
    await hearingMatrix([cleo, dan], all([cleo, dan]));
  } finally {
    for (const phone of phones) phone.vanish();
  }
});
