import { createHash } from 'node:crypto';
import { Failure, type JsonObject } from '../../base/index.ts';
import { check, type SchemaName } from '../document/check.ts';
import { merged } from '../document/paths.ts';
import { gregorian } from '../stamp.ts';
import type { Answer, Decode, Scene } from './answer.ts';
import { type Lister, page } from './list.ts';
import { invalid, type Refusal, refusals, refuse } from './refuse.ts';
import { objectData } from './request.ts';

/** A document as this dialect serves it, wherever it is kept. */
export interface Entry {
  readonly id: string;
  /** All that clients see of it, but its id. */
  readonly document: JsonObject;
  readonly revision: number;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** One kind of documents: where they are kept, and in which words it is refused to keep them. */
export interface Resource {
  /** The schema of bodies. */
  readonly schema: SchemaName;
  /** KAZOO's `pvt_type`. */
  readonly type: string;
  /** Below `accounts/{A}`. */
  readonly path: string;
  readonly list: (scene: Scene) => Promise<readonly Entry[]>;
  /** One element of the list. */
  readonly item: (entry: Entry, scene: Scene) => JsonObject;
  readonly read: (scene: Scene, id: string) => Promise<Entry>;
  /** `document` is checked, with defaults. */
  readonly create: (scene: Scene, document: JsonObject) => Promise<Entry>;
  /** `change` gives the document, checked, out of the present one. */
  readonly change: (scene: Scene, id: string, change: (now: Entry) => JsonObject) => Promise<Entry>;
  /** What it was. */
  readonly remove: (scene: Scene, id: string, keep: boolean) => Promise<Entry>;
  /** Whether whoever asks may change this one (null: make one). Default: admins. */
  readonly mayChange?: (scene: Scene, id: string | null) => Promise<boolean>;
  /** What he may see of it. Default: everything. */
  readonly visible?: (entry: Entry, scene: Scene) => Promise<JsonObject>;
  /** What goes with an entity, under `_read_only` or beside the document. */
  readonly extras?: (entry: Entry, scene: Scene) => Promise<JsonObject>;
  /** Says a failure of the domain in words of its own. */
  readonly refuse?: (error: Failure, document: JsonObject, scene: Scene) => Refusal | undefined | Promise<Refusal | undefined>;
}

/** What no client may set: private keys, the id, what is told but not kept. */
/** KAZOO's forms send an empty text for nobody. */
const isNobody = ([key, value]: readonly [string, unknown]): boolean => key === 'owner_id' && value === '';
const isKept = (key: string): boolean => !key.startsWith('_') && !key.startsWith('pvt_') && key !== 'id' && key !== 'auth_token';

/** What of a body is kept. */
export const kept = (data: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(data).filter((each) => isKept(each[0]) && !isNobody(each)));

/** `N-32hex`, as CouchDB has it; the digits are made from the content. */
export const entryRevision = ({ id, revision, document }: Entry): string =>
  `${revision}-${createHash('sha256')
    .update(`${id} ${revision} ${JSON.stringify(document)}`)
    .digest('hex')
    .slice(0, 32)}`;

function checkedBy(schema: SchemaName, data: JsonObject): JsonObject {
  const result = check(schema, data);
  if (!result.ok) throw invalid(result.faults);
  return result.document;
}

/** Everything that can be done with one kind of documents. */
class Shelf {
  readonly #resource: Resource;
  readonly #name: string;

  constructor(resource: Resource) {
    this.#resource = resource;
    this.#name = `${resource.type}_id`;
  }

  readonly list: Decode = (scene) => {
    const answer = page(scene.asked.query, this.#lister(scene));
    return async () => answer(await this.#resource.list(scene));
  };

  readonly create: Decode = (scene) => {
    const document = checkedBy(this.#resource.schema, kept(objectData(scene.asked)));
    return this.#guarded(scene, null, document, async () => {
      const entry = await this.#resource.create(scene, document);
      const location = `/v2/accounts/${scene.account.id}/${this.#resource.path}/${encodeURIComponent(entry.id)}`;
      return { ...(await this.#answer(scene, 201, entry)), headers: { location } };
    });
  };

  readonly read: Decode = (scene) => async () => {
    const entry = await this.#resource.read(scene, this.#id(scene));
    const answer = await this.#answer(scene, 200, entry);
    return { ...answer, headers: { etag: `"${answer.revision}"` } };
  };

  readonly replace: Decode = (scene) => {
    const document = checkedBy(this.#resource.schema, kept(objectData(scene.asked)));
    return this.#changed(scene, document, () => document);
  };

  readonly patch: Decode = (scene) => {
    const change = kept(objectData(scene.asked));
    return this.#changed(scene, change, (now) => checkedBy(this.#resource.schema, kept(merged(now.document, change))));
  };

  readonly remove: Decode = (scene) => {
    const keep = scene.asked.query.get('should_soft_delete') !== 'false';
    return this.#guarded(scene, this.#id(scene), {}, async () => {
      const entry = await this.#resource.remove(scene, this.#id(scene), keep);
      const answer = await this.#answer(scene, 200, entry);
      return { ...answer, data: { ...(answer.data as JsonObject), _read_only: { deleted: true } } };
    });
  };

  #changed(scene: Scene, said: JsonObject, change: (now: Entry) => JsonObject): ReturnType<Decode> {
    const id = this.#id(scene);
    return this.#guarded(scene, id, said, async () => this.#answer(scene, 200, await this.#resource.change(scene, id, change)));
  }

  /** Only who may change it, and refused in the words of the kind. */
  #guarded(scene: Scene, id: string | null, said: JsonObject, run: () => Promise<Answer>): ReturnType<Decode> {
    const mayChange = this.#resource.mayChange ?? ((asker: Scene) => asker.isAdmin());
    return async () => {
      if (!(await mayChange(scene, id))) throw refusals.forbidden();
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        throw (await this.#resource.refuse?.(error, said, scene)) ?? refuse(error, id ?? '');
      }
    };
  }

  async #answer(scene: Scene, status: number, entry: Entry): Promise<Answer> {
    const [document, extras] = [await this.#resource.visible?.(entry, scene), await this.#resource.extras?.(entry, scene)];
    return { status, data: { ...(document ?? entry.document), ...extras, id: entry.id }, revision: entryRevision(entry) };
  }

  #lister(scene: Scene): Lister<Entry> {
    return {
      idOf: ({ id }) => id,
      stored: ({ id, document, createdAt, modifiedAt }) => ({
        ...document,
        id,
        _id: id,
        pvt_type: this.#resource.type,
        pvt_account_id: scene.account.id,
        pvt_created: gregorian(createdAt),
        pvt_modified: gregorian(modifiedAt),
      }),
      shown: (entry) => this.#resource.item(entry, scene),
    };
  }

  #id({ params }: Scene): string {
    return params[this.#name] ?? '';
  }
}

/** The rows of a kind of documents below a base path: the collection and each of them. */
export function rowsOf(resource: Resource, base: string): readonly { readonly path: string; readonly methods: Record<string, Decode> }[] {
  const { list, create, read, replace, patch, remove } = new Shelf(resource);
  return [
    { path: `${base}/${resource.path}`, methods: { GET: list, PUT: create, POST: create } },
    { path: `${base}/${resource.path}/:${resource.type}_id`, methods: { GET: read, POST: replace, PATCH: patch, DELETE: remove } },
  ];
}
