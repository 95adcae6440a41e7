import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { AccountDocument, DocumentId, Documents } from '../../accounts/index.ts';
import { dashed, isoMillis, type JsonObject, readNetworks, undashed } from '../../base/index.ts';
import type { Actor } from '../../conference/index.ts';
import type { TrunkDoors } from '../options.ts';
import { Cut, type ListKey, pageOf, pageShape } from './page.ts';
import { Problem } from './problem.ts';
import { ProblemShape } from './shapes.ts';

const Number_ = Type.String({ minLength: 1, maxLength: 64, pattern: '^\\+?[0-9]*\\*?$' });
const Rule = Type.Object(
  {
    prefix: Type.String({ maxLength: 32, pattern: '^\\+?[0-9*#]*$', description: 'What the number begins with; empty: every number.' }),
    length: Type.Optional(Type.Integer({ minimum: 1, maximum: 40, description: 'How many characters it has in all.' })),
    put: Type.Optional(Type.String({ maxLength: 32, pattern: '^\\+?[0-9*#]*$', description: 'Stands instead of the prefix.' })),
    deny: Type.Optional(Type.Boolean({ description: 'The trunk does not take such numbers.' })),
  },
  { additionalProperties: false },
);

/** What a client sends to make a trunk. */
const Draft = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 128 }),
    enabled: Type.Optional(Type.Boolean()),
    servers: Type.Array(Type.String({ minLength: 1, maxLength: 253, pattern: '^[^\\s<>"]+$' }), {
      maxItems: 10,
      description: 'Hosts, host:port or SIP URIs, the best first. A domain is looked up by NAPTR and SRV.',
    }),
    transport: Type.Optional(Type.Union([Type.Literal('udp'), Type.Literal('tcp'), Type.Literal('tls')])),
    register: Type.Optional(Type.Boolean({ description: 'Registers there, so that calls come in.' })),
    username: Type.Optional(Type.String({ maxLength: 128 })),
    password: Type.Optional(Type.String({ maxLength: 256, description: 'Sealed; it is not told again.' })),
    realm: Type.Optional(Type.String({ maxLength: 253, pattern: '^[A-Za-z0-9.:-]+$' })),
    addresses: Type.Optional(
      Type.Array(Type.String(), { maxItems: 100, description: 'Addresses and networks whose calls come over this trunk.' }),
    ),
    numbers: Type.Optional(Type.Array(Number_, { maxItems: 10_000, description: 'E.164 with +, `*` at the end: all that begin so.' })),
    outbound: Type.Optional(Type.Array(Rule, { maxItems: 100 })),
    inbound: Type.Optional(Type.Array(Rule, { maxItems: 100 })),
    trusted: Type.Optional(Type.Boolean({ description: 'P-Asserted-Identity, Diversion, Privacy and verstat are believed and told.' })),
    caller_id: Type.Optional(
      Type.Object(
        { name: Type.Optional(Type.String({ maxLength: 128 })), number: Type.Optional(Type.String({ maxLength: 64 })) },
        { additionalProperties: false },
      ),
    ),
    probe_seconds: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 86_400, description: 'Seconds between OPTIONS; 0: none. Default 60.' }),
    ),
    max_calls: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
    weight: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000, description: 'Smaller ones are tried first.' })),
  },
  { additionalProperties: false },
);
const Patch = Type.Object(Type.Partial(Draft).properties, { additionalProperties: false, minProperties: 1 });
const Shape = Type.Object({ id: Type.String(), name: Type.String() }, { additionalProperties: true });
const List = pageShape(Shape);
const One = Type.Object({ trunk: Type.String() });

/** What the resource needs. */
export interface TrunkRoutes {
  readonly documents: Documents;
  readonly trunks: TrunkDoors;
  readonly adminOf: (request: FastifyRequest) => Promise<Actor>;
}

const answers = (status: number, shape: object) => ({
  response: { [status]: shape, '4xx': ProblemShape, '5xx': ProblemShape },
  tags: ['trunks'],
});

/** Everything but the password, and how it does now. */
function shown({ id, account, document, createdAt, modifiedAt }: AccountDocument, { states }: TrunkDoors) {
  const { password, ...rest } = document;
  const state = states(account).find((each) => each.id === (id as string));
  return {
    ...rest,
    id: dashed(id),
    name: String(rest['name'] ?? ''),
    has_password: password !== undefined,
    state: {
      registration: state?.registration ?? null,
      reachable: state?.reachable ?? null,
      calls: state?.calls ?? 0,
      since: state?.since === undefined ? null : isoMillis(state.since),
      message: state?.words ?? null,
    },
    created_at: isoMillis(createdAt),
    modified_at: isoMillis(modifiedAt),
  };
}

/** Refuses what no shape can say: networks that are none, and a registration without a server. */
function check(document: JsonObject): void {
  const addresses = document['addresses'];
  if (Array.isArray(addresses) && readNetworks(addresses.map(String)) === undefined) {
    throw new Problem(400, 'bad_networks', 'addresses must be addresses or networks such as 192.0.2.0/24');
  }
  const servers = document['servers'];
  if (document['register'] === true && (!Array.isArray(servers) || servers.length === 0)) {
    throw new Problem(400, 'no_server', 'a trunk that registers needs a server');
  }
}

/** Numbers are index keys: each belongs to one trunk of the account. */
const keysOf = (document: JsonObject): readonly string[] => {
  const numbers = document['numbers'];
  return Array.isArray(numbers) ? numbers.map(String) : [];
};

/** `/api/trunks`. */
export function trunkRoutes(server: FastifyInstance, { documents, trunks, adminOf }: TrunkRoutes): void {
  const nameOf = async (request: FastifyRequest, trunk: string) => ({
    account: (await adminOf(request)).account,
    kind: 'trunk' as const,
    id: undashed(trunk) as DocumentId,
  });

  server.get<{ Querystring: Static<typeof Cut> }>('/trunks', { schema: { querystring: Cut, ...answers(200, List) } }, async (request) => {
    const { account } = await adminOf(request);
    const keyOf = ({ createdAt, id }: AccountDocument): ListKey => [createdAt, id];
    const page = pageOf(await documents.list({ account, kind: 'trunk' }), { keyOf, ...request.query });
    return { ...page, items: page.items.map((each) => shown(each, trunks)) };
  });

  server.post<{ Body: Static<typeof Draft> }>('/trunks', { schema: { body: Draft, ...answers(201, Shape) } }, async (request, reply) => {
    const { account } = await adminOf(request);
    const document = request.body as unknown as JsonObject;
    check(document);
    const made = await documents.create({ account, kind: 'trunk', document, keys: keysOf(document) });
    trunks.changed();
    return reply
      .code(201)
      .header('location', `/api/trunks/${dashed(made.id)}`)
      .send(shown(made, trunks));
  });

  server.get<{ Params: Static<typeof One> }>('/trunks/:trunk', { schema: { params: One, ...answers(200, Shape) } }, async (request) =>
    shown(await documents.get(await nameOf(request, request.params.trunk)), trunks),
  );

  server.patch<{ Params: Static<typeof One>; Body: Static<typeof Patch> }>(
    '/trunks/:trunk',
    { schema: { params: One, body: Patch, ...answers(200, Shape) } },
    async (request) => {
      const changed = await documents.change(await nameOf(request, request.params.trunk), ({ document: before }) => {
        const document = { ...before, ...(request.body as unknown as JsonObject) };
        check(document);
        return { document, keys: keysOf(document) };
      });
      trunks.changed();
      return shown(changed, trunks);
    },
  );

  server.delete<{ Params: Static<typeof One> }>(
    '/trunks/:trunk',
    { schema: { params: One, ...answers(204, Type.Null({ description: 'No content.' })) } },
    async (request, reply) => {
      await documents.remove(await nameOf(request, request.params.trunk), false);
      trunks.changed();
      return reply.code(204).send();
    },
  );
}
