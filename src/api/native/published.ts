import { isObject, type Json, type JsonObject } from '../../base/index.ts';
import { exampleOf } from './examples.ts';
import { SUMMARIES } from './summaries.ts';

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head'];
const isJson = (type: string): boolean => /^application\/(.+\+)?json$/.test(type);
const BYTES = /^(audio|application\/(octet-stream|vnd))/;

const oneOf = (name: string, ...values: string[]): JsonObject => ({
  in: 'query',
  name,
  schema: { type: 'string', enum: values, default: values[0] ?? '' },
});
const streamQuery: readonly JsonObject[] = [
  oneOf('rate', '16000', '8000', '24000', '48000'),
  oneOf('hear', 'mix', 'legs', 'none'),
  oneOf('speak', 'true', 'false'),
  { in: 'query', name: 'name', schema: { type: 'string', minLength: 1, maxLength: 128, default: 'program' } },
  oneOf('role', 'member', 'moderator'),
  oneOf('muted', 'false', 'true'),
  oneOf('deaf', 'false', 'true'),
  oneOf('alone', 'stay', 'leave'),
];

/** Where a websocket is opened: no route that Fastify knows. */
const sockets = {
  '/api/join': {
    tags: ['invitations'],
    summary: 'A guest joins by his browser',
    description:
      'A websocket; one frame of JSON each way (docs/join.md). Needs no key: the code of the invitation, in the first frame, is one.',
    security: [],
  },
  '/api/conferences/{conference}/stream': {
    tags: ['conferences'],
    summary: 'A program listens and speaks',
    description: 'A websocket: sound in 20 ms frames each way (docs/streams.md). Refused before the upgrade, as a problem.',
    parameters: [{ in: 'path', name: 'conference', required: true, schema: { type: 'string' } }, ...streamQuery],
  },
} satisfies Readonly<Record<string, JsonObject>>;

/** A websocket of ours. */
export type SocketPath = keyof typeof sockets;

const upgraded: JsonObject = {
  101: { description: 'The connection is a websocket from here on (RFC 6455).' },
  426: { description: 'It was asked for without an upgrade.' },
};

const inside = (value: Json | undefined, key: string): JsonObject => {
  const part = isObject(value) ? value[key] : undefined;
  return isObject(part) ? part : {};
};

/** What is said in JSON: refusals as problems, everything with an example. */
function media(status: string, [type, value]: readonly [string, Json]): readonly [string, Json] {
  if (/^[45]/.test(status)) return ['application/problem+json', { schema: inside(value, 'schema'), example: refusalOf(status) }];
  if (!isJson(type)) return [type, { schema: BYTES.test(type) ? { type: 'string', format: 'binary' } : { type: 'string' } }];
  const schema = inside(value, 'schema');
  const example = exampleOf(schema);
  return [type, { schema, ...(example === undefined ? {} : { example }) }];
}

/** What a body holds, by its media type. */
const content = (status: string, kept: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(kept).map((each) => media(status, each)));

const refusalOf = (status: string): JsonObject => {
  const [code, number, title, detail] = status.startsWith('4')
    ? (['conference_not_found', 404, 'Not Found', 'there is no such conference'] as const)
    : (['closed', 503, 'Service Unavailable', 'the server is stopping'] as const);
  return { type: `urn:parley:problem:${code}`, title, status: number, detail, code };
};

function responses(kept: Json | undefined): JsonObject {
  const all = isObject(kept) ? kept : {};
  return Object.fromEntries(
    Object.entries(all).map(([status, value]): [string, Json] => {
      const answer = isObject(value) ? value : {};
      const description = answer['description'] === 'Default Response' ? (WORDS[status] ?? 'Done.') : (answer['description'] ?? '');
      if (status === '204' || !isObject(answer['content']))
        return [status, { ...answer, description, ...(status === '204' ? { content: {} } : {}) }];
      return [status, { ...answer, description, content: content(status, answer['content']) }];
    }),
  );
}

const WORDS: Readonly<Record<string, string>> = {
  '200': 'What it is now.',
  '201': 'It was made.',
  '202': 'It will be done.',
  '204': 'Done; there is nothing to say.',
  '4XX': 'Refused (RFC 9457): `code` says why, as in docs/errors.md.',
  '5XX': 'Not now, or never on this server (RFC 9457).',
};

function parameters(kept: Json | undefined): readonly JsonObject[] {
  return (Array.isArray(kept) ? kept.filter(isObject) : []).map((each): JsonObject => {
    const example = isObject(each['schema']) ? exampleOf(each['schema'], String(each['name'])) : undefined;
    return example === undefined ? each : { ...each, example };
  });
}

function body(kept: Json | undefined): JsonObject {
  if (!isObject(kept) || !isObject(kept['content'])) return {};
  return { requestBody: { ...kept, content: content('200', kept['content']) } };
}

/** A name for programs that are made out of the document: method and path, as `getConferencesConference`. */
const idOf = (method: string, path: string): string =>
  `${method}${path
    .replace(/^\/api/, '')
    .replace(/[{}]/g, '')
    .replace(/[/.-]+(.)?/g, (_, next: string | undefined) => (next ?? '').toUpperCase())}`;

function operation(method: string, path: string, kept: JsonObject): JsonObject {
  const { requestBody, parameters: asked, responses: answers, ...rest } = kept;
  const summary = SUMMARIES[`${method.toUpperCase()} ${path.replace(/^\/api/, '')}`];
  return {
    operationId: idOf(method, path),
    ...(summary === undefined ? {} : { summary }),
    ...rest,
    ...(asked === undefined ? {} : { parameters: [...parameters(asked)] }),
    ...body(requestBody),
    responses: responses(answers),
  };
}

/** The document as it is published: with examples, media types as they are sent, and the websockets. */
export function published(document: JsonObject, open: readonly SocketPath[]): JsonObject {
  const paths = isObject(document['paths']) ? document['paths'] : {};
  const all = Object.entries(paths).map(([path, methods]): [string, Json] => {
    const kept = Object.entries(isObject(methods) ? methods : {});
    return [
      path,
      Object.fromEntries(
        kept.map(([method, each]) => [method, METHODS.includes(method) && isObject(each) ? operation(method, path, each) : each]),
      ),
    ];
  });
  const more = open.map((path): [string, Json] => [
    path,
    { get: operation('get', path, { ...sockets[path], responses: { ...upgraded } }) },
  ]);
  return { ...document, paths: Object.fromEntries([...all, ...more].sort(([one], [other]) => (one < other ? -1 : 1))) };
}
