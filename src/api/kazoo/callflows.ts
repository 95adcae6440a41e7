import { isObject, type Json, type JsonObject } from '../../base/index.ts';
import { callflowModules } from '../../conference/index.ts';
import { check, type Fault } from '../document/check.ts';
import { clashing, documentsOf, entryOfDocument, nameIn, readDocument } from './account-documents.ts';
import type { Scene } from './answer.ts';
import { broken, invalid } from './refuse.ts';
import type { Resource } from './resource.ts';

const texts = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];

/** What a callflow is found by. */
const numbersOf = (document: JsonObject): readonly string[] => texts(document['numbers']);

/** Modules that there are not are refused by name, wherever they stand in the tree, and the data of conferences is looked at. */
function* faultsIn(step: Json | undefined, path: readonly string[]): Generator<Fault> {
  if (!isObject(step)) return;
  const { module, data, children } = step;
  if (typeof module === 'string' && !callflowModules.includes(module)) {
    const message = 'Value not found in enumerated list of values';
    yield { path: [...path, 'module'], rule: 'enum', message, target: callflowModules, value: module };
  }
  if ((module === 'conference' || module === 'conference_feature') && isObject(data)) {
    const result = check('callflow_conference', data);
    for (const fault of result.ok ? [] : result.faults) yield { ...fault, path: [...path, 'data', ...fault.path] };
  }
  if (!isObject(children)) return;
  for (const [name, child] of Object.entries(children)) yield* faultsIn(child, [...path, 'children', name]);
}

function* badPatterns(patterns: readonly string[]): Generator<Fault> {
  for (const [index, each] of patterns.entries()) {
    if (!isPattern(each))
      yield { path: ['patterns', String(index)], rule: 'wrong_format', message: 'Field is not in the correct format', value: each };
  }
}

/** Patterns with repetitions inside of repetitions could take for ever on a hostile number. */
function isPattern(text: string): boolean {
  if (/[+*}]\)?[+*{]|\([^)]*[+*}][^)]*\)[+*{]|\\[1-9]/.test(text)) return false;
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

/** What is wrong besides the shape. */
function checked(document: JsonObject): JsonObject {
  const patterns = texts(document['patterns']);
  if (numbersOf(document).length + patterns.length === 0) {
    throw broken('numbers', 'required', { message: 'Callflow must be assigned at least one number or pattern', value: 'numbers' });
  }
  const faults = [...faultsIn(document['flow'], ['flow']), ...badPatterns(patterns)];
  if (faults.length > 0) throw invalid(faults);
  return document;
}

/** The first of the account's other callflows that has one of the numbers. */
async function clash(scene: Scene, keys: readonly string[]): Promise<JsonObject> {
  const [number = ''] = keys;
  const other = await documentsOf(scene).holder({ account: scene.account.id, kind: 'callflow' }, number);
  const name = other?.document['name'];
  const message = `Number ${number} exists in callflow ${other?.id ?? ''} ${typeof name === 'string' ? name : ''}`.trim();
  return { message, cause: keys.join(', ') };
}

/** What happens to calls of some numbers (kazoo-facts §3.7, §12). */
export const callflows: Resource = {
  schema: 'callflow',
  type: 'callflow',
  path: 'callflows',
  list: async (scene) => (await documentsOf(scene).list({ account: scene.account.id, kind: 'callflow' })).map(entryOfDocument),
  item: ({ id, document }) => ({
    id,
    ...Object.fromEntries(
      ['name', 'type', 'owner_id', 'ui_metadata', 'featurecode'].flatMap((key) =>
        document[key] === undefined ? [] : [[key, document[key]]],
      ),
    ),
    numbers: document['numbers'] ?? [],
    patterns: document['patterns'] ?? [],
    modules: [...new Set(modulesIn(document['flow']))],
    flags: document['flags'] ?? [],
  }),
  read: (scene, id) => readDocument(scene, 'callflow', id),
  create: async (scene, document) => {
    const keys = numbersOf(checked(document));
    return entryOfDocument(await documentsOf(scene).create({ account: scene.account.id, kind: 'callflow', document, keys }));
  },
  change: async (scene, id, change) =>
    entryOfDocument(
      await documentsOf(scene).change(nameIn(scene, 'callflow', id), (now) => {
        const document = checked(change(entryOfDocument(now)));
        return { document, keys: numbersOf(document) };
      }),
    ),
  remove: async (scene, id, keep) => entryOfDocument(await documentsOf(scene).remove(nameIn(scene, 'callflow', id), keep)),
  refuse: async (error, _, scene) =>
    error.code === 'document_key_taken' ? broken('numbers', 'unique', await clash(scene, clashing(error))) : undefined,
};

function* modulesIn(step: Json | undefined): Generator<string> {
  if (!isObject(step)) return;
  if (typeof step['module'] === 'string') yield step['module'];
  if (!isObject(step['children'])) return;
  for (const child of Object.values(step['children'])) yield* modulesIn(child);
}
