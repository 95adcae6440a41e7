import type {
  AccountDocument,
  AccountId,
  DocumentId,
  DocumentKind,
  DocumentName,
  DocumentQuery,
  DocumentStore,
} from '../accounts/index.ts';
import type { JsonObject } from '../base/index.ts';
import { documentKeyTaken, noAccount, revisionChanged } from './refusals.ts';
import { bytes, number, optional, text } from './rows.ts';
import type { Seal } from './sealing.ts';
import { type Engine, type Row, row, rows, run, type Work } from './work.ts';

const SQL = {
  one: 'SELECT * FROM documents WHERE account = ?1 AND kind = ?2 AND id = ?3 AND deleted_at IS NULL',
  kept: 'SELECT revision, deleted_at FROM documents WHERE account = ?1 AND kind = ?2 AND id = ?3',
  up: 'SELECT * FROM documents WHERE account = ?1 AND kind = ?2 AND deleted_at IS NULL AND id > ?3 ORDER BY id LIMIT ?4',
  down: 'SELECT * FROM documents WHERE account = ?1 AND kind = ?2 AND deleted_at IS NULL ORDER BY id DESC LIMIT ?3',
  downFrom: 'SELECT * FROM documents WHERE account = ?1 AND kind = ?2 AND deleted_at IS NULL AND id < ?3 ORDER BY id DESC LIMIT ?4',
  all: 'SELECT * FROM documents WHERE kind = ?1 AND deleted_at IS NULL ORDER BY account, id',
  holder: `SELECT documents.* FROM document_keys JOIN documents ON documents.account = document_keys.account AND documents.kind = document_keys.kind
      AND documents.id = document_keys.document WHERE document_keys.kind = ?1 AND document_keys.key = ?2 AND document_keys.account = ?3`,
  holders: `SELECT documents.* FROM document_keys JOIN documents ON documents.account = document_keys.account AND documents.kind = document_keys.kind
      AND documents.id = document_keys.document WHERE document_keys.kind = ?1 AND document_keys.key = ?2 ORDER BY documents.account`,
  // Two statements and no upsert: what somebody else made meanwhile must be measured against first.
  add: `INSERT INTO documents (account, kind, id, document_sealed, revision, created_at, modified_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
  change: `UPDATE documents SET document_sealed = ?4, revision = ?5, created_at = ?6, modified_at = ?7, deleted_at = NULL
    WHERE account = ?1 AND kind = ?2 AND id = ?3`,
  remove: 'DELETE FROM documents WHERE account = ?1 AND kind = ?2 AND id = ?3',
  mark: 'UPDATE documents SET deleted_at = ?4 WHERE account = ?1 AND kind = ?2 AND id = ?3 AND deleted_at IS NULL',
  account: 'SELECT id FROM accounts WHERE id = ?1 AND deleted_at IS NULL',
  keys: 'SELECT key FROM document_keys WHERE account = ?1 AND kind = ?2 AND document = ?3',
  owner: 'SELECT document FROM document_keys WHERE kind = ?1 AND key = ?2 AND account = ?3',
  owners: 'SELECT document FROM document_keys WHERE kind = ?1 AND key = ?2',
  claim: 'INSERT INTO document_keys (kind, key, account, document) VALUES (?1, ?2, ?3, ?4)',
  release: 'DELETE FROM document_keys WHERE kind = ?1 AND key = ?2 AND account = ?3',
} as const;

/** More than there ever are; a limit that is none. */
const ALL = 1_000_000_000;

const cell = ({ account, kind, id }: DocumentName) => ({ table: 'documents', column: 'document', row: `${account}/${kind}/${id}` });

/** Documents of accounts in tables. */
export class TableDocuments implements DocumentStore {
  readonly #engine: Engine;
  readonly #seal: Seal;

  constructor(engine: Engine, seal: Seal) {
    this.#engine = engine;
    this.#seal = seal;
  }

  async find({ account, kind, id }: DocumentName): Promise<AccountDocument | undefined> {
    const found = await this.#engine.read(() => row(SQL.one, account, kind, id));
    return found && this.#documentOf(found);
  }

  async holder({ account, kind }: Pick<DocumentName, 'account' | 'kind'>, key: string): Promise<AccountDocument | undefined> {
    const found = await this.#engine.read(() => row(SQL.holder, kind, key, account));
    return found && this.#documentOf(found);
  }

  async holders(kind: DocumentKind, key: string): Promise<readonly AccountDocument[]> {
    return this.#many(() => rows(SQL.holders, kind, key));
  }

  async list({ account, kind, after, order = 'up', limit = ALL }: DocumentQuery): Promise<readonly AccountDocument[]> {
    if (order === 'up') return this.#many(() => rows(SQL.up, account, kind, after ?? '', limit));
    return this.#many(() => (after === undefined ? rows(SQL.down, account, kind, limit) : rows(SQL.downFrom, account, kind, after, limit)));
  }

  async all(kind: DocumentKind): Promise<readonly AccountDocument[]> {
    return this.#many(() => rows(SQL.all, kind));
  }

  async save(document: AccountDocument, keys: readonly string[]): Promise<void> {
    await this.#engine.write(() => this.#save(document, keys));
  }

  async remove(name: DocumentName, deletedAt?: number): Promise<void> {
    await this.#engine.write(() => removed(name, deletedAt));
  }

  *#save({ account, kind, id, document, revision, createdAt, modifiedAt }: AccountDocument, keys: readonly string[]): Work<void> {
    if ((yield* row(SQL.account, account)) === undefined) throw noAccount();
    const kept = yield* row(SQL.kept + this.#engine.dialect.forUpdate, account, kind, id);
    const isThere = kept !== undefined && optional(kept, 'deleted_at', number) === undefined;
    const before = isThere ? number(kept, 'revision') : 0;
    if (isThere ? before !== revision - 1 : revision !== 1) throw revisionChanged(before);
    const sealed = this.#seal.seal(JSON.stringify(document), cell({ account, kind, id }));
    yield* run(kept === undefined ? SQL.add : SQL.change, account, kind, id, sealed, revision, createdAt, modifiedAt);
    yield* claim({ account, kind, id }, new Set(keys));
  }

  async #many(work: () => Work<readonly Row[]>): Promise<readonly AccountDocument[]> {
    return (await this.#engine.read(work)).map((each) => this.#documentOf(each));
  }

  #documentOf(found: Row): AccountDocument {
    const name = {
      account: text(found, 'account') as AccountId,
      kind: text(found, 'kind') as DocumentKind,
      id: text(found, 'id') as DocumentId,
    };
    return {
      ...name,
      document: JSON.parse(this.#seal.open(bytes(found, 'document_sealed'), cell(name))) as JsonObject,
      revision: number(found, 'revision'),
      createdAt: number(found, 'created_at'),
      modifiedAt: number(found, 'modified_at'),
    };
  }
}

function* removed({ account, kind, id }: DocumentName, deletedAt: number | undefined): Work<void> {
  if (deletedAt === undefined) return yield* run(SQL.remove, account, kind, id);
  yield* claim({ account, kind, id }, new Set());
  yield* run(SQL.mark, account, kind, id, deletedAt);
}

/** Only what differs is written. */
function* claim({ account, kind, id }: DocumentName, wanted: ReadonlySet<string>): Work<void> {
  const held = new Set((yield* rows(SQL.keys, account, kind, id)).map((each) => text(each, 'key')));
  for (const each of held) if (!wanted.has(each)) yield* run(SQL.release, kind, each, account);
  const fresh = [...wanted].filter((each) => !held.has(each));
  const taken: string[] = [];
  for (const each of fresh) {
    const owner = kind === 'number' ? row(SQL.owners, kind, each) : row(SQL.owner, kind, each, account);
    if ((yield* owner) !== undefined) taken.push(each);
  }
  if (taken.length > 0) throw documentKeyTaken(taken);
  for (const each of fresh) yield* run(SQL.claim, kind, each, account, id);
}
