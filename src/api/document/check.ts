import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { isObject, type Json, type JsonObject } from '../../base/index.ts';
import { Remembered } from '../remembered.ts';
import { accountSchema, callflowConferenceSchema, callflowSchema, deviceSchema, numberSchema, userSchema } from './account-schemas.ts';
import { keypadFaults } from './controls.ts';
import { dialSchema } from './dial-schema.ts';
import { put } from './paths.ts';
import {
  apiAuthSchema,
  conferenceSchema,
  conferencesConfigSchema,
  mediaSchema,
  profileSchema,
  relateSchema,
  userAuthSchema,
} from './schema.ts';
import { toneFault } from './tone.ts';

/** One thing that is wrong with what a client sent, in KAZOO's words. */
export interface Fault {
  /** Keys and indexes from the root. */
  readonly path: readonly string[];
  /** The rule that was broken, as `maxLength`. */
  readonly rule: string;
  readonly message: string;
  readonly target?: Json;
  readonly cause?: Json;
  readonly value?: Json;
}

/** A body after repair and with defaults, or everything that is wrong with it. */
export type Checked = { readonly ok: true; readonly document: JsonObject } | { readonly ok: false; readonly faults: readonly Fault[] };

const ajv = new Ajv({ allErrors: true, verbose: true, useDefaults: true, strict: false, ownProperties: true });
const compiled = {
  conference: ajv.compile(conferenceSchema),
  conferences_config: ajv.compile(conferencesConfigSchema),
  profile: ajv.compile(profileSchema),
  user_auth: ajv.compile(userAuthSchema),
  api_auth: ajv.compile(apiAuthSchema),
  relate: ajv.compile(relateSchema),
  media: ajv.compile(mediaSchema),
  account: ajv.compile(accountSchema),
  user: ajv.compile(userSchema),
  device: ajv.compile(deviceSchema),
  callflow: ajv.compile(callflowSchema),
  callflow_conference: ajv.compile(callflowConferenceSchema),
  number: ajv.compile(numberSchema),
  dial: ajv.compile(dialSchema),
};

/** Which bodies can be checked. */
export type SchemaName = keyof typeof compiled;

type Words = (error: ErrorObject, limit: number) => Omit<Fault, 'path' | 'rule'>;
const valued = (error: ErrorObject): { value: Json } => ({ value: error.data as Json });
const sized = (message: string, { data }: ErrorObject, target: number) => ({ message, target, cause: data as Json, value: data as Json });

/** kazoo-facts §3.1. */
const words: Readonly<Record<string, Words>> = {
  required: ({ params }) => ({ message: 'Field is required but missing', value: params['missingProperty'] }),
  type: (error) => {
    const types = [error.params['type']].flat().join(', ');
    return { message: `Value did not match type(s): ${types}`, target: types, ...valued(error) };
  },
  minLength: (error, limit) => sized(`String must be at least ${limit} characters`, error, limit),
  maxLength: (error, limit) => sized(`String must not be more than ${limit} characters`, error, limit),
  pattern: (error) => ({
    message: `Failed to match pattern '${error.params['pattern']}'`,
    target: error.params['pattern'],
    ...valued(error),
  }),
  enum: (error) => ({
    message: 'Value not found in enumerated list of values',
    target: error.params['allowedValues'],
    ...valued(error),
  }),
  minimum: (error, limit) => ({ message: `Value must be at least ${limit}`, target: limit, ...valued(error) }),
  maximum: (error, limit) => ({ message: `Value must be at most ${limit}`, target: limit, ...valued(error) }),
  minItems: (error, limit) => ({ message: `The list must have at least ${limit} items`, target: limit, ...valued(error) }),
  maxItems: (error, limit) => ({ message: `The list is more than ${limit} items`, target: limit, ...valued(error) }),
  minProperties: (_, limit) => ({ message: `The object must have at least ${limit} keys` }),
  uniqueItems: (error) => ({ message: 'List of items is not unique', ...valued(error) }),
  additionalProperties: () => ({ message: 'Strict checking of data is enabled; only include schema-defined properties' }),
  oneOf: (error) => ({ message: 'failed to validate', ...valued(error) }),
};

const pathOf = ({ instancePath, keyword, params }: ErrorObject): readonly string[] => {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (keyword === 'required') return [...path, String(params['missingProperty'])];
  if (keyword === 'additionalProperties') return [...path, String(params['additionalProperty'])];
  return path;
};

/** The branches of a `oneOf` fail one by one too; only the whole is reported. */
function faultsOf(errors: readonly ErrorObject[]): readonly Fault[] {
  const choices = new Set(errors.filter(({ keyword }) => keyword === 'oneOf').map(({ instancePath }) => instancePath));
  return errors
    .filter(({ keyword, instancePath }) => keyword === 'oneOf' || !choices.has(instancePath))
    .map((error) => ({
      path: pathOf(error),
      rule: error.keyword === 'oneOf' ? 'not_one_schema_valid' : error.keyword,
      ...(words[error.keyword]?.(error, Number(error.params['limit'])) ?? { message: error.message ?? 'failed to validate' }),
    }));
}

function cast(value: Json | undefined, target: Json | undefined): Json | undefined {
  if (typeof value !== 'string') return undefined;
  if (target === 'integer' && /^[+-]?\d{1,15}$/.test(value)) return Number(value);
  if (target === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return undefined;
}

/** Type repair (kazoo-facts §3.2): only when text in place of a number or a boolean is all that is wrong. */
function repaired(document: JsonObject, faults: readonly Fault[]): JsonObject | undefined {
  let next = document;
  for (const { path, rule, target, value } of faults) {
    const better = rule === 'type' ? cast(value, target) : undefined;
    if (better === undefined) return undefined;
    next = put(next, path, better);
  }
  return next;
}

function run(validate: ValidateFunction, document: JsonObject): { document: JsonObject; faults: readonly Fault[] } {
  const copy = structuredClone(document);
  return { document: copy, faults: validate(copy) ? [] : faultsOf(validate.errors ?? []) };
}

/** Checks a body, repairs types, fills in defaults. */
export function check(name: SchemaName, given: JsonObject): Checked {
  let result = run(compiled[name], given);
  const better = result.faults.length > 0 ? repaired(given, result.faults) : undefined;
  if (better !== undefined) result = run(compiled[name], better);
  const more = deeper[name]?.(result.document) ?? [];
  const faults = [
    ...result.faults,
    ...more.filter(({ path }) => !result.faults.some((each) => each.path[0] === path[0] && each.path.length === 1)),
  ];
  return faults.length > 0 ? { ok: false, faults } : { ok: true, document: result.document };
}

/** What no schema can say. */
const deeper: Partial<Record<SchemaName, (document: JsonObject) => readonly Fault[]>> = {
  conference: (document) => [...toneFaults(document), ...keypadFaults(document['controls'])],
  conferences_config: (document) => [
    ...['entry_tone', 'exit_tone', 'moderator_entry_tone', 'moderator_exit_tone'].flatMap((key) => toneFaultAt(document, [key])),
    ...keypadFaults(document['controls']),
    ...Object.entries(isObject(document['profiles']) ? document['profiles'] : {}).flatMap(([key, value]) => profileFaults(value, [key])),
  ],
};

/** Of a profile, or of all that a language has. */
function profileFaults(value: Json, path: readonly string[]): readonly Fault[] {
  if (!isObject(value)) return [];
  const entries = Object.entries(value);
  if (path.length === 1 && entries.length > 0 && entries.every(([, each]) => isObject(each))) {
    return entries.flatMap(([key, each]) => profileFaults(each, [...path, key]));
  }
  return run(compiled.profile, value).faults.map((each) => ({ ...each, path: ['profiles', ...path, ...each.path] }));
}

function toneFaultAt(document: JsonObject, path: readonly [string]): readonly Fault[] {
  const value = document[path[0]];
  const fault = typeof value === 'string' && value !== '' ? toneFault(value) : undefined;
  return fault === undefined ? [] : [{ path, ...fault }];
}

/** Tones of the document, and those of its roles. */
function toneFaults(document: JsonObject): readonly Fault[] {
  const places = [[], ['member'], ['moderator']] as const;
  return places.flatMap((place) =>
    ['play_entry_tone', 'play_exit_tone'].flatMap((key) => {
      const role = place[0] === undefined ? document : document[place[0]];
      const value = isObject(role) ? role[key] : undefined;
      const fault = typeof value === 'string' ? toneFault(value) : undefined;
      return fault === undefined ? [] : [{ path: [...place, key], ...fault }];
    }),
  );
}

/** The document with every documented default in it; what is wrong in it stays as it is. */
export function withDefaults(document: JsonObject): JsonObject {
  return complete.of(document, [], () => {
    const { document: filled } = run(compiled.conference, document);
    return isObject(filled) ? filled : document;
  });
}

const complete = new Remembered<JsonObject, JsonObject>();
