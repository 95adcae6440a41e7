import { openDocuments } from '../../src/accounts/index.ts';
import { type JsonObject, noLog } from '../../src/base/index.ts';
import { EntryDesk, keepLockouts, Lockouts, noDefaults } from '../../src/conference/index.ts';
import type { LineAsked, LineAsking } from '../../src/line/line-api.ts';
import { type LineDoors, openLineChats } from '../../src/line/open-line-chats.ts';
import { openHouse } from './api-house.ts';
import { FakeClock } from './fake-clock.ts';
import { LineStandIn } from './line-stand-in.ts';

/** The number of the conference that chats join. */
export const NUMBER = '5550';

/** A server with a channel of LINE, over the real domain; `line` stands in for LINE. */
export async function openLineHouse(document: JsonObject = {}) {
  const line = new LineStandIn('channel-token', 'channel-secret');
  line.names.set('kim', 'Kim').set('lee', 'Lee');
  let doors!: LineDoors;
  let reopen!: () => Promise<LineDoors>;
  const ask = async ({ url, method, headers, body = '' }: LineAsking): Promise<LineAsked> => {
    const answer = line.answer(method, new URL(url).pathname, headers, body);
    return { status: answer.status, body: Buffer.from(answer.body) };
  };
  const clock = new FakeClock();
  const house = await openHouse({
    clock,
    more: async ({ conferences, store, bus, chance }) => {
      const documents = openDocuments({ store: store.documents, clock, chance });
      const lockouts = new Lockouts({
        clock,
        log: noLog,
        execute: conferences.execute,
        keeping: keepLockouts({ store: store.documents, clock, log: noLog }),
      });
      const desk = new EntryDesk({
        log: noLog,
        shield: lockouts.shield,
        defaults: async () => noDefaults,
        conference: async (account, id) => {
          const found = await store.conferences.load(account, id);
          return found?.deletedAt === undefined ? found : undefined;
        },
        byNumber: (account, number) => store.conferences.findByNumber(account, number),
      });
      reopen = () =>
        openLineChats({
          clock,
          chance,
          log: noLog,
          execute: conferences.execute,
          desk,
          documents,
          ask,
          apiUrl: 'https://line.test',
          follow: (take) =>
            bus.follow({
              signals: false,
              take: (item) => {
                if (item.kind === 'fact' && item.entry.fact.type !== 'call.recorded') take(item.entry.fact);
              },
            }),
        });
      doors = await reopen();
      return { line: doors };
    },
  });
  const request = async (method: string, path: string, body?: JsonObject, key = house.accessKey) => {
    const url = `/v1.0${path}?accesskey=${key}`;
    const payload = body === undefined ? {} : { payload: JSON.stringify(body) };
    const answer = await house.server.inject({ method: method as 'GET', url, ...payload });
    return { status: answer.statusCode, body: answer.json() };
  };
  /** Lets everything happen that is under way, and the time pass that somebody waits. */
  const settled = async (ms = 0): Promise<void> => {
    for (let turn = 0; turn < 50; turn += 1) await new Promise((wake) => setImmediate(wake));
    if (ms > 0) {
      clock.advance(ms);
      await settled();
    }
  };
  const { conference } = await house.conferences.execute(
    'conference.create',
    { document: { name: 'Team', member: { join_muted: false, numbers: [NUMBER] }, ...document } },
    { account: house.account as never, kind: 'api' },
  );
  const made = await request('POST', '/conversation_accounts', {
    type: 'line',
    name: 'our channel',
    secret: line.secret,
    token: line.token,
  });
  const path = `/v1.0/conversation/accounts/${made.body.id}`;
  const hear = async ({ body, signature }: { body: string; signature: string }, at = path) => {
    const answer = await house.server.inject({ method: 'POST', url: at, headers: { 'x-line-signature': signature }, payload: body });
    await settled();
    return answer.statusCode;
  };
  return {
    house,
    line,
    request,
    settled,
    hear,
    made,
    conference: conference.id,
    doors: () => doors,
    /** The server stops and is there again; those who are no chats are still in. */
    async restarts(meanwhile: () => Promise<unknown> = async () => {}) {
      await doors.close();
      const actor = { account: house.account as never, kind: 'system' as const };
      const wanted = { conference: conference.id, deleted: true } as const;
      const view = await house.conferences.execute('conference.read', wanted, actor);
      for (const { call } of view.conference.room?.participants ?? []) {
        if (call.chat === undefined) continue;
        await house.conferences.execute('stream.closed', { conference: conference.id, call: call.id, reason: 'restart' }, actor);
      }
      await meanwhile();
      doors = await reopen();
      await settled();
    },
    write: (user: string, text: string) => hear(line.write(user, text)),
    spoken: () =>
      [...house.sounds.playings.values()].flatMap(({ playing }) =>
        playing.sources.flatMap((each) => (typeof each === 'string' ? [] : [each.say])),
      ),
    people: async () => {
      const actor = { account: house.account as never, kind: 'api' as const };
      const { conference: now } = await house.conferences.execute('conference.read', { conference: conference.id }, actor);
      return now.room?.participants ?? [];
    },
  };
}
