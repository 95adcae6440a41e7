import assert from 'node:assert/strict';
import { Ajv, type ValidateFunction } from 'ajv';
import type { FastifyInstance, InjectOptions } from 'fastify';

type Shape = Readonly<Record<string, unknown>>;
interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Shape }>> }>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const ajv = new Ajv({ strict: false, allErrors: true, formats: { 'date-time': TIME, binary: true, uri: true } });
const compiled = new WeakMap<Shape, ValidateFunction>();

/** What is wrong with a value, in words; empty: nothing. */
export function faultsOf(schema: Shape, value: unknown): readonly string[] {
  const validate = compiled.get(schema) ?? ajv.compile(schema);
  compiled.set(schema, validate);
  if (!validate(value))
    return (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
  return unknownIn(schema, value, '');
}

const listOf = (value: unknown): readonly Shape[] => (Array.isArray(value) ? value : []);

/** Members of which the schema says nothing, unless it says that there may be others. */
function unknownIn(schema: Shape, value: unknown, path: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((each, index) => unknownIn((schema['items'] ?? {}) as Shape, each, `${path}/${index}`));
  if (typeof value !== 'object' || value === null) return [];
  const parts = partsFor(schema, value);
  if (parts.some((each) => isOpen(each))) return [];
  return Object.entries(value).flatMap(([key, each]) => {
    const known = parts.flatMap((part) => ((part['properties'] ?? {}) as Record<string, Shape>)[key] ?? []);
    if (known.length === 0) return [`${path}/${key} is not in the document`];
    // What every part says of it counts; what one of them takes is enough.
    const faults = known.map((part) => unknownIn(part as Shape, each, `${path}/${key}`));
    return faults.find((some) => some.length === 0) ?? faults[0] ?? [];
  });
}

const isOpen = (schema: Shape): boolean =>
  schema['additionalProperties'] === true ||
  typeof schema['additionalProperties'] === 'object' ||
  schema['patternProperties'] !== undefined ||
  (schema['type'] === undefined && schema['properties'] === undefined);

/** The objects that a value may be, all of which it is at once. */
function partsFor(schema: Shape, value: object): readonly Shape[] {
  const all = listOf(schema['allOf']).flatMap((each) => partsFor(each, value));
  const some = [...listOf(schema['anyOf']), ...listOf(schema['oneOf'])]
    .filter((each) => ajv.validate(each, value))
    .flatMap((each) => partsFor(each, value));
  const self = schema['properties'] !== undefined || (all.length === 0 && some.length === 0) ? [schema] : [];
  return [...self, ...all, ...some];
}

/** Compares answers with what a server publishes of itself. */
export class PublishedAnswers {
  readonly #rows: readonly { readonly method: string; readonly pattern: RegExp; readonly path: string; readonly operation: Operation }[];
  /** `METHOD path status` of what was compared. */
  readonly seen = new Set<string>();

  constructor({ paths }: Document) {
    this.#rows = Object.entries(paths)
      .flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({
          method: method.toUpperCase(),
          // A part that stands for itself comes before one that stands for anything.
          pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{[\w-]+\}/g, '[^/]+')}$`),
          path,
          operation,
        })),
      )
      .sort((one, other) => one.path.split('{').length - other.path.split('{').length);
  }

  /** Fails where an answer is not as published. */
  compare(
    asked: { readonly method: string; readonly url: string },
    answer: { readonly status: number; readonly type: string; readonly body: string },
  ): void {
    const place = asked.url.split('?')[0] ?? '';
    const row = this.#rows.find(({ method, pattern }) => method === asked.method.toUpperCase() && pattern.test(place));
    // No such route: that is a problem like every other one.
    if (row === undefined) return;
    const what = `${row.method} ${row.path} ${answer.status}`;
    this.seen.add(what);
    const said = row.operation.responses[answer.status] ?? row.operation.responses[`${String(answer.status)[0]}XX`];
    assert.ok(said, `${what}: this status is not in the document`);
    if (answer.body === '') {
      const empty = said.content === undefined || Object.keys(said.content).length === 0 || answer.status === 304 || row.method === 'HEAD';
      assert.ok(empty, `${what}: it is empty, which is not in the document`);
      return;
    }
    const type = answer.type.split(';')[0] ?? '';
    const content = said.content?.[type] ?? said.content?.['*/*'];
    assert.ok(content, `${what}: ${type} is not in the document; there are ${Object.keys(said.content ?? {}).join(', ')}`);
    if (!/json$/.test(type)) return;
    assert.deepEqual(faultsOf(content.schema ?? {}, JSON.parse(answer.body)), [], `${what}: ${answer.body.slice(0, 600)}`);
  }
}

const documents = new Map<string, Promise<PublishedAnswers>>();

/** Compares an answer that came over a socket with the document of the server that gave it. */
export async function compareWith(
  base: string,
  asked: { readonly method: string; readonly path: string },
  answer: Parameters<PublishedAnswers['compare']>[1],
): Promise<void> {
  if (!asked.path.startsWith('/api/')) return;
  const read = async (): Promise<PublishedAnswers> =>
    new PublishedAnswers((await (await fetch(`${base}/api/openapi.json`)).json()) as Document);
  const known = documents.get(base) ?? read();
  documents.set(base, known);
  (await known).compare({ method: asked.method, url: asked.path }, answer);
}

/** Everything below `/api` that a test asks of this server is compared with the document that it publishes. */
export function comparing(server: FastifyInstance): void {
  const inject = server.inject.bind(server) as (options: InjectOptions) => Promise<Answer>;
  let answers: Promise<PublishedAnswers> | undefined;
  const read = async (): Promise<PublishedAnswers> => new PublishedAnswers((await inject({ url: '/api/openapi.json' })).json());
  const watched = async (options: InjectOptions | string): Promise<Answer> => {
    const asked = typeof options === 'string' ? { url: options } : options;
    const answer = await inject(asked);
    const url = String(asked.url);
    if (!url.startsWith('/api/')) return answer;
    const { statusCode: status, headers, body } = answer;
    answers ??= read();
    (await answers).compare({ method: asked.method ?? 'GET', url }, { status, type: String(headers['content-type'] ?? ''), body });
    return answer;
  };
  server.inject = watched as unknown as FastifyInstance['inject'];
}

interface Answer {
  json(): Document;
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}
