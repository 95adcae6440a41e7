import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { aConferenceId, anAccount, FakeHouse, FaultyStore, RecordingEvents } from '../../test/kit/conference-fakes.ts';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import type { Account, AccountDocument, AccountId, DocumentId } from '../accounts/index.ts';
import { type JsonObject, noLog } from '../base/index.ts';
import { type Execute, settings } from '../conference/index.ts';
import { MemoryStore } from '../store/index.ts';
import { conferenceDefaults, type DefaultsNeeds, readDefaultsFile, tellingRooms } from './conference-defaults.ts';
import { ConfigurationWatch } from './configuration-watch.ts';

const system = { profiles: { default: { 'alone-sound': 'of the server' } } };
const other = 'b'.repeat(32) as AccountId;

const defaultsOf = (documents: DefaultsNeeds['documents'], clock: FakeClock) => {
  const { of: defaults, forget } = conferenceDefaults({ documents, clock, system });
  return { defaults, forget };
};

function configured() {
  const clock = new FakeClock();
  const stored = new Map<AccountId, AccountDocument>();
  let reads = 0;
  const documents = {
    find: async ({ account }: { readonly account: AccountId }) => {
      reads += 1;
      return stored.get(account);
    },
  };
  const put = (account: AccountId, document: JsonObject, revision: number): void =>
    void stored.set(account, { account, kind: 'config', id: 'conferences' as DocumentId, document, revision, createdAt: 0, modifiedAt: 0 });
  return { clock, put, stored, reads: () => reads, ...defaultsOf(documents, clock) };
}

test('an account that configured nothing has what the server has; one that did has its own over it, and nobody else’s', async () => {
  const { defaults, put } = configured();
  put(other, { profiles: { default: { 'alone-sound': 'of the account' } } }, 1);
  assert.equal(settings({}, await defaults(anAccount)).profile['alone-sound'], 'of the server');
  assert.equal(settings({}, await defaults(other)).profile['alone-sound'], 'of the account');
});

test('it is read at most once a second, is the same object while it is the same, and follows a change', async () => {
  const { defaults, put, clock, reads, stored } = configured();
  put(anAccount, { entry_tone: 'a' }, 1);
  const first = await defaults(anAccount);
  for (let n = 0; n < 100; n += 1) assert.equal(await defaults(anAccount), first);
  assert.equal(reads(), 1);
  clock.advance(1000);
  assert.equal(await defaults(anAccount), first);
  put(anAccount, { entry_tone: 'b' }, 2);
  clock.advance(1000);
  assert.equal((await defaults(anAccount)).account['entry_tone'], 'b');
  stored.delete(anAccount);
  clock.advance(1000);
  assert.deepEqual((await defaults(anAccount)).account, {});
});

test('the server’s file is an object in YAML or JSON; anything else is refused by its name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-defaults-'));
  const file = (text: string): string => {
    const path = join(folder, 'defaults.yaml');
    writeFileSync(path, text);
    return path;
  };
  assert.deepEqual(readDefaultsFile(undefined), {});
  assert.deepEqual(readDefaultsFile(file('')), {});
  assert.deepEqual(readDefaultsFile(file('{"pin_timeout": 7000}')), { pin_timeout: 7000 });
  assert.deepEqual(readDefaultsFile(file('profiles:\n  default:\n    alone-sound: ""\n')), {
    profiles: { default: { 'alone-sound': '' } },
  });
  for (const wrong of ['[1]', 'word', 'a: ['])
    assert.throws(() => readDefaultsFile(file(wrong)), /conferences\.defaults \(.*defaults\.yaml\)/);
  assert.throws(() => readDefaultsFile(join(folder, 'nowhere')), /cannot be read/);
});

const change = (document: JsonObject, revision: number): AccountDocument => ({
  account: anAccount,
  kind: 'config',
  id: 'conferences' as DocumentId,
  document,
  revision,
  createdAt: 0,
  modifiedAt: 0,
});
const energy = (level: number): JsonObject => ({ profiles: { default: { 'energy-level': level, 'alone-sound': '', 'moh-sound': '' } } });

/** A house whose open rooms follow its account's configuration. */
async function following() {
  const clock = new FakeClock();
  const store = new MemoryStore();
  const account: Account = { id: anAccount, name: 'House', realm: 'house.test', parent: undefined, apiKey: 'f'.repeat(64), createdAt: 0 };
  await store.accounts.saveAccount(account);
  const defaults = conferenceDefaults({ documents: store.documents, clock, system: {} });
  const house = new FakeHouse({ store: new FaultyStore(store.conferences), defaults: defaults.of });
  const warnings: string[] = [];
  const log = { ...noLog, warn: (words: string) => void warnings.push(words) };
  const { execute } = house.conferences;
  return { house, warnings, defaults, documents: tellingRooms({ store: store.documents, defaults, execute, log }) };
}

test('an open room follows a change of its account’s configuration before the change is answered, and so does its removal', async () => {
  const { house, documents, defaults } = await following();
  await house.create({ member: { join_muted: false } });
  await house.join(1);
  const level = (): unknown => house.media.last(aConferenceId)?.energyLevel;
  assert.equal(level(), 20);
  await documents.save(change(energy(300), 1), []);
  assert.equal(level(), 300);
  await documents.save(change(energy(400), 2), []);
  assert.equal(level(), 400);
  await documents.remove(change({}, 2));
  assert.equal(level(), 20);
  await documents.save(change(energy(500), 1), []);
  assert.deepEqual([level(), settings({}, await defaults.of(anAccount)).sound.energyLevel], [500, 500], 'the same revision of another one');
});

test('other documents, and rooms of other accounts, move nothing; what fails in a room is no failure of the change', async () => {
  const { house, documents, warnings } = await following();
  await house.create({ member: { join_muted: false } });
  await house.join(1);
  const plans = house.media.plans.length;
  await documents.save({ ...change({}, 1), kind: 'callflow', id: 'f'.repeat(32) as DocumentId }, []);
  assert.equal(house.media.plans.length, plans);
  house.store.failure = new Error('the disk is full');
  await documents.save(change(energy(300), 1), []);
  assert.equal((await documents.find(change({}, 1)))?.revision, 1, 'it is stored');
  assert.equal(warnings.length, 1);
});

test('what is read while it is changed is not remembered', async () => {
  const { put, defaults, forget } = configured();
  put(anAccount, { entry_tone: 'a' }, 1);
  const reading = defaults(anAccount);
  put(anAccount, { entry_tone: 'b' }, 2);
  forget(anAccount);
  assert.equal((await reading).account['entry_tone'], 'a');
  assert.equal((await defaults(anAccount)).account['entry_tone'], 'b');
});

/** A house beside another server: what is stored directly was stored by that one. */
async function besideAnother() {
  const clock = new FakeClock();
  const store = new MemoryStore();
  await store.accounts.saveAccount({
    id: anAccount,
    name: 'House',
    realm: 'house.test',
    parent: undefined,
    apiKey: 'f'.repeat(64),
    createdAt: 0,
  });
  let reads = 0;
  const documents = {
    find: (name: Parameters<typeof store.documents.find>[0]) => {
      reads += 1;
      return store.documents.find(name);
    },
  };
  const defaults = conferenceDefaults({ documents, clock, system: {} });
  const events = new RecordingEvents();
  const execute: Execute = (name, input, actor) => house.conferences.execute(name, input, actor);
  const watch = new ConfigurationWatch({ clock, log: noLog, defaults, execute });
  const house = new FakeHouse({
    store: new FaultyStore(store.conferences),
    defaults: defaults.of,
    clock,
    events,
    published: (to) => watch.telling(to),
  });
  const pass = async (): Promise<void> => {
    clock.advance(1000);
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
  };
  const level = (): unknown => house.media.last(aConferenceId)?.energyLevel;
  return { clock, store, house, watch, pass, level, reads: () => reads };
}

test('a change made by another server on the same database reaches open rooms within a second or two, and nobody is asked without open rooms', async () => {
  const { clock, store, house, watch, pass, level, reads } = await besideAnother();
  await house.create({ member: { join_muted: false } });
  await pass();
  assert.equal(clock.armed, 0, 'no room is open');
  await house.join(1);
  await pass();
  const plans = house.media.plans.length;
  await pass();
  assert.equal(house.media.plans.length, plans, 'nothing has changed');
  await store.documents.save(change(energy(300), 1), []);
  await pass();
  assert.equal(level(), 300);
  await store.documents.remove(change({}, 2));
  await pass();
  assert.equal(level(), 20);
  await house.conferences.execute('participants.kick', { conference: aConferenceId, which: 'all' }, { account: anAccount, kind: 'api' });
  await pass();
  const asked = reads();
  await pass();
  assert.deepEqual([clock.armed, reads()], [0, asked], 'no room is open any more');
  await watch.close();
});

test('a room that opens by what was believed before another server changed it follows as well', async () => {
  const { store, house, watch, pass, level } = await besideAnother();
  const actor = { account: anAccount, kind: 'api' } as const;
  await house.create({ member: { join_muted: false } });
  await house.conferences.execute('conference.read', { conference: aConferenceId }, actor);
  await store.documents.save(change(energy(300), 1), []);
  await house.join(1);
  assert.equal(level(), 20, 'it was read a moment ago');
  await pass();
  assert.equal(level(), 300);
  const plans = house.media.plans.length;
  await pass();
  assert.equal(house.media.plans.length, plans, 'it is told once');
  await watch.close();
});
