import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHouse } from '../../../test/kit/api-house.ts';
import { faultsOf } from '../../../test/kit/published-answers.ts';
import { routesOf } from '../../../test/kit/voipbin-routes.ts';
import { openWholeApi } from '../../../test/kit/whole-api.ts';

// biome-ignore lint/suspicious/noExplicitAny: the document is looked into everywhere.
type Any = any;

/** Where websockets are opened, which Fastify does not route; and the pages of the document itself. */
const SOCKETS = ['GET /join', 'GET /conferences/{conference}/stream'];
const PAGES = /^GET \/(openapi\.json|docs.*)$/;

async function read() {
  const { server } = await openWholeApi();
  const document: Any = (await server.inject({ method: 'GET', url: '/api/openapi.json' })).json();
  const operations = Object.entries<Any>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Any>(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path.replace(/^\/api/, '')}`,
      operation,
    })),
  );
  return { server, document, operations };
}

test('every route of /api is in the document, and the other way round', async () => {
  const { server, operations } = await read();
  const served = routesOf(server, '/api').map((each) => each.replace(/:(\w+)/g, '{$1}'));
  const written = operations.map(({ name }) => name);
  assert.ok(served.length > 80, `${served.length} routes`);
  assert.deepEqual(
    served.filter((each) => !PAGES.test(each) && !written.includes(each)),
    [],
  );
  assert.deepEqual(
    written.filter((each) => !served.includes(each) && !SOCKETS.includes(each) && !each.startsWith('HEAD ')),
    [],
  );
});

test('every operation has an example of what it takes and of what it answers, and each is what the schema wants', async () => {
  const { operations } = await read();
  const wrong: string[] = [];
  const check = (where: string, schema: object, example: unknown): void => {
    if (example === undefined) wrong.push(`${where}: there is none`);
    else for (const fault of faultsOf(schema as never, example)) wrong.push(`${where}: ${fault}`);
  };
  for (const { name, operation } of operations) {
    for (const each of operation.parameters ?? []) check(`${name} ?${each.name}`, each.schema, each.example);
    for (const [type, { schema, example }] of Object.entries<Any>(operation.requestBody?.content ?? {}))
      check(`${name} body ${type}`, schema, example);
    for (const [status, answer] of Object.entries<Any>(operation.responses)) {
      for (const [type, { schema, example }] of Object.entries<Any>(answer.content ?? {}))
        if (/json$/.test(type)) check(`${name} ${status}`, schema, example);
    }
  }
  assert.deepEqual(wrong, []);
});

test('every operation says in a line what it does, whether it needs a key, and how it refuses; names are there once', async () => {
  const { operations } = await read();
  const ids = operations.map(({ operation }) => operation.operationId);
  assert.equal(new Set(ids).size, ids.length);
  for (const { name, operation } of operations) {
    assert.ok(operation.summary, `${name} has no summary`);
    assert.ok(operation.tags?.length === 1, `${name} has no tag`);
    if (SOCKETS.includes(name)) continue;
    assert.ok(operation.responses['4XX']?.content['application/problem+json'], `${name}: how it refuses`);
    assert.ok(
      Object.keys(operation.responses).some((status) => status.startsWith('2')),
      `${name}: what it answers`,
    );
  }
});

test('who sends an example as it stands is understood', async () => {
  const house = await openHouse();
  const headers = { authorization: `Bearer ${house.accessKey}` };
  const document: Any = (await house.server.inject({ method: 'GET', url: '/api/openapi.json' })).json();
  let sent = 0;
  for (const [path, methods] of Object.entries<Any>(document.paths)) {
    for (const [method, { requestBody }] of Object.entries<Any>(methods)) {
      const example = requestBody?.content['application/json'].example;
      if (example === undefined || path === '/api/session') continue;
      const id = `room-${sent}`;
      await house.server.inject({
        method: 'POST',
        url: '/api/conferences',
        headers,
        payload: { id, document: {} },
      });
      await house.join(id, { id: `a-${sent}` });
      await house.join(id, { id: `b-${sent}`, name: 'Ben' });
      const url = path
        .replace('{conference}', id)
        .replace('{participant}', '1')
        .replace(/\{\w+\}/, '0'.repeat(32));
      const { statusCode, body } = await house.server.inject({ method: method.toUpperCase() as 'POST', url, headers, payload: example });
      assert.ok(
        ![400, 401, 403, 415, 422, 500].includes(statusCode),
        `${method} ${path} ${JSON.stringify(example)}: ${statusCode} ${body.slice(0, 300)}`,
      );
      sent += 1;
    }
  }
  assert.ok(sent > 12, `${sent} examples`);
});
