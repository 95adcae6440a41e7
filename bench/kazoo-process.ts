/** The measured process of kazoo.ts: a dialect over SQLite with a crowded room and many conferences, or the same Fastify with an empty handler. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import { type AccountId, openAccounts } from '../src/accounts/index.ts';
import { buildServer } from '../src/api/server.ts';
import { dashed, noLog, SystemChance, SystemClock } from '../src/base/index.ts';
import { type Call, type ConferenceId, Conferences } from '../src/conference/index.ts';
import { openSqlite } from '../src/store/index.ts';
import { CROWD, type Door } from './kazoo.ts';

const [mode, many] = [process.argv[2], Number(process.argv[3])];
const directory = mkdtempSync(join(tmpdir(), 'parley-bench-'));

async function ours(): Promise<Door> {
  const [clock, chance] = [new SystemClock(), new SystemChance()];
  const store = await openSqlite({ path: join(directory, 'parley.db'), chance, masterKey: new Uint8Array(32), soon: setImmediate });
  const accounts = openAccounts({ store: store.accounts, clock, chance });
  const first = await accounts.createFirst();
  const actor = { account: first?.account_id as AccountId, kind: 'api' as const };
  const telephony = { answer() {}, hangUp() {}, dial() {}, bring() {}, ring() {} };
  const outside = { events: { publish() {}, signal() {} }, media: { hear() {} }, telephony };
  const conferences = new Conferences({ clock, chance, log: noLog, store: store.conferences, ...outside });
  const { execute } = conferences;
  const document = { name: 'Room', member: { join_muted: false } };
  const room = 'c'.repeat(32) as ConferenceId;
  await execute('conference.create', { id: room, document }, actor);
  for (let n = 1; n <= CROWD; n += 1) {
    const id = n.toString(16).padStart(32, '0');
    const about = {
      direction: 'inbound',
      callerName: 'Ann Bench',
      callerNumber: '1001',
      channelVars: {},
      sipCallId: `${id}@phone.example`,
    };
    const call = { id, leg: id, ...about } as unknown as Call;
    await execute('call.arrived', { conference: room, call, role: undefined }, actor);
    await execute('call.answered', { conference: room, call: call.id }, actor);
  }
  for (let n = 0; n < many; n += 500) {
    await Promise.all(Array.from({ length: Math.min(500, many - n) }, () => execute('conference.create', { document }, actor)));
  }
  let key: string | undefined;
  const tokenKey = {
    load: async () => key,
    save: async (text: string) => {
      key = text;
    },
  };
  const server = await buildServer({
    execute,
    accounts,
    clock,
    chance,
    log: noLog,
    address: '127.0.0.1',
    port: 0,
    node: 'bench',
    version: '0',
    metrics: async () => '',
    ready: () => true,
    tokenKey,
    chronicle: store.chronicle,
    // What is measured is how fast it answers, not how much of it an address may have.
    requestRate: { capacity: 1e9, perSecond: 1e9 },
  });
  const payload = JSON.stringify({ data: { api_key: first?.api_key } });
  const { auth_token: token } = (await server.inject({ method: 'PUT', url: '/v2/api_auth', payload })).json();
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  if (mode === 'voipbin') return { url, token, base: '/v1.0/conferences', room: dashed(room) };
  return { url, token, base: `/v2/accounts/${actor.account}/conferences`, room };
}

async function bare(): Promise<Door> {
  const server = Fastify({ logger: false });
  server.get('/empty', async () => ({}));
  const bodies = new Map<string, Buffer>();
  server.get<{ Params: { length: string } }>('/same/:length', async ({ params: { length } }, reply) => {
    const body = bodies.get(length) ?? Buffer.alloc(Number(length), 'x');
    bodies.set(length, body);
    return reply.type('application/json').send(body);
  });
  return { url: await server.listen({ host: '127.0.0.1', port: 0 }), token: '', base: '/empty', room: '' };
}

process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
process.on('message', (word) => {
  if (word === 'memory') process.send?.(process.memoryUsage().heapUsed);
  else process.exit(0);
});
process.send?.(await (mode === 'bare' ? bare() : ours()));
