import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Exchange, exchange, filled, readExchanges } from '../../../test/kit/http-fixtures.ts';
import { openVoipbinHouse, type VoipbinHouse } from '../../../test/kit/voipbin-house.ts';
import { type RouteLine, routeLines, routesOf } from '../../../test/kit/voipbin-routes.ts';
import { dashed, undashed } from '../../base/index.ts';
import type { CallId, ConferenceId, Web } from '../../conference/index.ts';

const NIL = '00000000-0000-0000-0000-000000000000';
const UNKNOWN = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
const NAMES = [
  'conferences',
  'limit',
  'conferencecalls',
  'calls',
  'activeflows',
  'flows',
  'accounts',
  'recordings',
  'transcribes',
  'conversations',
  'errors',
] as const;
type Name = (typeof NAMES)[number];
type Words = Map<string, string>;

const hex = (n: number): CallId => `d${n.toString(16).padStart(31, '0')}` as CallId;

/** A server that never answers. */
const hanging: Web = { request: () => new Promise<string>(() => {}) };

/** What happens between the requests, by the word behind DO. */
const acts: Readonly<Record<string, (house: VoipbinHouse, words: Words, of: readonly string[]) => Promise<void> | void>> = {
  settle: () => {},
  upper: (_, words, [id = '']) => void words.set('UPPER', id.toUpperCase()),
  'hangs-up': ({ switchboard }, _, [n]) => switchboard.goes(hex(Number(n))),
  rings: ({ switchboard }, _, [id = '']) => switchboard.rings(undashed(id) as CallId),
  takes: ({ switchboard }, _, [id = '']) => switchboard.takes(undashed(id) as CallId),
  refuses: ({ switchboard }, _, [id = '', status]) =>
    switchboard.goes(undashed(id) as CallId, 'refused', { code: 'dial_busy', words: 'busy', status: Number(status) }),
  trouble: ({ line }, _, [status]) => void line.trouble.push(Number(status)),
  async 'comes-with-pre'(house, words, [n]) {
    house.clock.advance(10);
    await house.calls(Number(n), [{ type: 'conference_join', option: { conference_id: words.get('SLOW') ?? '' } }]);
  },
  async stored({ recorder, folder, account }, _, [id = '']) {
    const place = join(folder, account, undashed(id));
    await mkdir(place, { recursive: true });
    await writeFile(join(place, 'mix.wav'), 'RIFF');
    await recorder.stored(undashed(id));
  },
  async says(house, words, [id = '', text = '']) {
    const conference = undashed(words.get('ROOM') ?? '') as ConferenceId;
    const actor = { account: house.account as never, kind: 'system' as const };
    const { room } = (await house.conferences.execute('conference.read', { conference }, actor)).conference;
    const participant = room!.participants[0]!.id;
    const from = house.clock.epoch() + 1000;
    const said = { transcription: undashed(id), participant, text, language: 'de-DE', from, to: from + 500 };
    await house.conferences.execute('transcript.add', { conference, ...said } as never, actor);
  },
};

async function twoInRoom(house: VoipbinHouse, words: Words): Promise<void> {
  const { body } = await house.ask('POST', '/conferences', { type: 'conference', name: 'room' });
  words.set('ROOM', body.id);
  for (const n of [1, 2]) {
    house.clock.advance(10);
    await house.enters(body.id, n);
  }
}

/** What there is before the first request. */
const prepare: Readonly<Record<Name, (house: VoipbinHouse, words: Words) => Promise<void>>> = {
  conferences: twoInRoom,
  limit: async () => {},
  async conferencecalls(house, words) {
    await twoInRoom(house, words);
    const pre = [{ type: 'sleep', option: { duration: 60_000 } }];
    words.set('SLOW', (await house.ask('POST', '/conferences', { type: 'conference', pre_actions: pre })).body.id);
  },
  calls: async () => {},
  activeflows: async () => {},
  async flows(_house, words) {
    words.set('MANY', JSON.stringify({ name: 'x', actions: Array.from({ length: 10_000 }, () => ({ type: 'beep' })) }));
  },
  accounts: async () => {},
  async recordings(house, words) {
    await twoInRoom(house, words);
    words.set('R', (await house.ask('POST', `/conferences/${words.get('ROOM')}/recording_start`)).body.recording_id);
  },
  transcribes: twoInRoom,
  async conversations({ line }, words) {
    words.set('SIGNED_EMPTY', line.signed({ destination: 'U0', events: [] }).signature);
    words.set('SIGNED_NONSENSE', line.signed([]).signature);
  },
  async errors(house, words) {
    words.set('C', (await house.ask('POST', '/conferences', { type: 'conference' })).body.id);
  },
};

async function walk(name: Name): Promise<void> {
  const house = await openVoipbinHouse({ web: hanging, ...(name === 'limit' ? { maxConferences: 1 } : {}) });
  const flow = name === 'limit' ? UNKNOWN : (await house.ask('POST', '/flows', { name: 'kept', actions: [] })).body.id;
  const words: Words = new Map(
    Object.entries({
      A: dashed(house.account),
      B: dashed(house.child),
      K: house.accessKey,
      X: 'c'.repeat(64),
      NIL,
      UNKNOWN,
      NEVER: '9999-01-01 00:00:00.000000',
      FLOW: flow,
      USERNAME: house.username,
      PASSWORD: house.password,
      REALM: house.realm,
    }),
  );
  await prepare[name](house, words);
  const usual = { authorization: `Bearer ${house.accessKey}` };
  for (const each of readExchanges(`voipbin/${name}`)) {
    await test(`${name}: ${each.title}`, async () => {
      house.clock.advance(10);
      if (each.method === 'DO') await done(house, each, words);
      else await exchange(house.server, each, { words, usual });
    });
  }
  await test(`${name}: nothing failed unexpectedly`, () => assert.deepEqual([house.errors, house.switchboard.errors], [[], []]));
  await house.close();
}

async function done(house: VoipbinHouse, { line }: Exchange, words: Words): Promise<void> {
  const [, word = '', ...of] = filled(line, words).split(' ');
  const act = acts[word];
  assert.ok(act, `there is no act ${word}`);
  await act(house, words, of);
  await house.switchboard.settled();
}

for (const name of NAMES) await walk(name);

/** The route that an exchange is about: a path with an id of it in the place of `:id`. */
const routeOf = ({ method, url }: Exchange): string | undefined => {
  const path = (url.split('?')[0] ?? '').replace('/v1.0', '');
  const found = routeLines.find(
    (each) =>
      each.method === method &&
      new RegExp(`^${each.path.replace(':id', '[^/]+')}$`).test(path) &&
      path.split('/').length === each.path.split('/').length,
  );
  return found && `${found.method} ${found.path}`;
};

const reasonOf = ({ answer }: Exchange): string => /"reason":"([A-Z_]+)"/.exec(answer)?.[1] ?? '';

test('every route that the server has is in the list, and nothing else is', async () => {
  const house = await openVoipbinHouse();
  const listed = routeLines.map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(routesOf(house.server).toSorted(), listed.toSorted());
  await house.close();
});

test('of every route there is a good exchange, and one of every reason that the facts name for it', () => {
  const all = NAMES.flatMap((name) => readExchanges(`voipbin/${name}`));
  const missing = routeLines.flatMap(({ method, path, reasons, notFound }) => {
    const own = all.filter((each) => routeOf(each) === `${method} ${path}`);
    const good = own.some(({ status }) => status >= 200 && status < 400) ? [] : ['a good one'];
    const told = new Set(own.map(reasonOf));
    const lost = reasons.filter((reason) => !told.has(reason) && reason !== notFound);
    return [...good, ...lost].map((what) => `${method} ${path}: ${what}`);
  });
  assert.deepEqual(missing, []);
});

test('what all routes share: 401 without and with bad credentials, 400 for no id, 404 for an unknown one, 400 for no JSON', async () => {
  const house = await openVoipbinHouse();
  const told = async (of: RouteLine, { id = UNKNOWN, body = '{}', key }: { id?: string; body?: string; key?: string } = {}) => {
    const payload = of.body === 'json' || of.body === 'maybe' || of.body === 'signed' ? body : undefined;
    const answer = await house.ask(of.method, of.path.replace(':id', id), payload, key);
    house.clock.advance(1000);
    return [answer.status, answer.body?.error?.reason, typeof answer.body?.message];
  };
  for (const each of routeLines) {
    const name = `${each.method} ${each.path}`;
    // Whoever is LINE shows who he is by his signature.
    if (each.body !== 'signed') {
      for (const id of [UNKNOWN, 'x']) {
        assert.deepEqual(await told(each, { id, key: '' }), [401, 'AUTHENTICATION_REQUIRED', 'string'], name);
        assert.deepEqual(await told(each, { id, key: 'vb_wrong' }), [401, 'INVALID_CREDENTIALS', 'string'], name);
      }
    }
    if (each.notFound !== undefined) {
      for (const id of ['x', NIL, UNKNOWN.slice(1), `${UNKNOWN}0`])
        assert.deepEqual(await told(each, { id }), [400, 'INVALID_ID', 'string'], `${name} ${id}`);
      assert.deepEqual(
        await told(each, { body: each.path.endsWith('/talk') ? '{"text":"hi"}' : '{}' }),
        [404, each.notFound, 'string'],
        name,
      );
    }
    if (each.body === 'json' || each.body === 'maybe') {
      for (const body of ['{', 'a=b', '[]', '7', 'null'])
        assert.deepEqual(await told(each, { body }), [400, 'INVALID_JSON_BODY', 'string'], `${name} ${body}`);
    }
    if (each.body === 'json')
      assert.deepEqual(await told(each, { body: '' }), [400, 'INVALID_JSON_BODY', 'string'], `${name} without a body`);
  }
  assert.deepEqual(house.errors, []);
  await house.close();
});
