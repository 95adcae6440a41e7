import type { FastifyInstance } from 'fastify';
import { dashed, type JsonObject, undashed } from '../../base/index.ts';
import type { LineAccount, LineAccountWish, LineDoors } from '../../line/index.ts';
import { listed, readPage } from './page.ts';
import { Refused, refusals } from './refused.ts';
import { bodyOf, idIn, isUuid, type Row, type Scene, textIn } from './scene.ts';
import { micros, NEVER, stamp, stampOfMicros } from './stamp.ts';

/** What the routes need. */
export interface ConversationRoutes {
  readonly line: LineDoors;
  /** Epoch ms. */
  readonly now: () => number;
}

/** A channel as VoIPBIN shows it; what it is sealed for is shown to nobody. */
const body = ({ id, account, name, detail, createdAt, modifiedAt, revision }: LineAccount): JsonObject => ({
  id: dashed(id),
  customer_id: dashed(account),
  type: 'line',
  name,
  detail,
  secret: '',
  token: '',
  tm_create: stampOfMicros(micros(createdAt, id)),
  tm_update: revision > 1 ? stamp(modifiedAt) : NEVER,
  tm_delete: NEVER,
});

const wishIn = (wish: JsonObject): LineAccountWish => ({
  name: textIn(wish, 'name'),
  detail: textIn(wish, 'detail'),
  secret: textIn(wish, 'secret'),
  token: textIn(wish, 'token'),
});

const list =
  ({ line }: ConversationRoutes) =>
  async (scene: Scene) => {
    const wish = readPage(scene.query);
    await scene.onlyAdmins();
    const all = await line.accounts.list(scene.person.account);
    return listed(
      all.map((each) => ({ at: micros(each.createdAt, each.id), each })),
      wish,
      ({ each }) => body(each),
    );
  };

const create =
  ({ line }: ConversationRoutes) =>
  async (scene: Scene) => {
    const wish = bodyOf(scene);
    if (textIn(wish, 'type') !== 'line') throw refusals.badArgument('The field type must be line.');
    const read = wishIn(wish);
    await scene.onlyAdmins();
    return body(await line.accounts.create(scene.person.account, read));
  };

async function find({ line }: ConversationRoutes, scene: Scene): Promise<LineAccount> {
  const found = await line.accounts.get(scene.person.account, idIn(scene));
  await scene.onlyAdmins();
  return found;
}

const update = (routes: ConversationRoutes) => async (scene: Scene) => {
  idIn(scene);
  const wish = wishIn(bodyOf(scene));
  const { account, id } = await find(routes, scene);
  return body(await routes.line.accounts.change(account, id, wish));
};

const remove = (routes: ConversationRoutes) => async (scene: Scene) => {
  const { account, id } = await find(routes, scene);
  return { ...body(await routes.line.accounts.remove(account, id)), tm_delete: stamp(routes.now()) };
};

/** Registers the newest channel's webhook with LINE (`rulings.md` "LINE"). */
const setUp =
  ({ line }: ConversationRoutes) =>
  async (scene: Scene) => {
    if (textIn(bodyOf(scene), 'reference_type') !== 'line') throw refusals.badArgument('The field reference_type must be line.');
    await scene.onlyAdmins();
    return body(await line.accounts.setUp(scene.person.account, scene.base));
  };

/** `/v1.0/conversation_accounts`, `/v1.0/conversations/setup`. */
export const conversationRows = (routes: ConversationRoutes): readonly Row[] => [
  { method: 'GET', path: '/conversation_accounts', run: list(routes) },
  { method: 'POST', path: '/conversation_accounts', run: create(routes) },
  { method: 'GET', path: '/conversation_accounts/:id', run: async (scene) => body(await find(routes, scene)) },
  { method: 'PUT', path: '/conversation_accounts/:id', run: update(routes) },
  { method: 'DELETE', path: '/conversation_accounts/:id', run: remove(routes) },
  { method: 'POST', path: '/conversations/setup', run: setUp(routes) },
];

/** What LINE sends to one channel is small. */
const MOST_BYTES = 1_000_000;

/** Where LINE tells of messages: below `/v1.0/conversation`. Whoever has signed it has shown who he is; the bytes are taken as they came. */
export function hangLine(server: FastifyInstance, { chats }: LineDoors): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, bytes, done) => done(null, bytes));
  server.post('/accounts/:id', { bodyLimit: MOST_BYTES }, async (request, reply) => {
    const { id } = request.params as { readonly id: string };
    const signature = request.headers['x-line-signature'];
    const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    if (!isUuid(id)) throw refusals.badId();
    const heard = await chats.hear(undashed(id.toLowerCase()), bytes, typeof signature === 'string' ? signature : '');
    if (heard === 'unknown') throw refusals.notFound('CONVERSATION_ACCOUNT');
    if (heard === 'unsigned') throw new Refused('UNAUTHENTICATED', 'INVALID_SIGNATURE', 'The signature is not valid.');
    if (heard === 'nonsense') throw refusals.badJson();
    return reply.code(200).type('application/json; charset=utf-8').send('{}');
  });
}
