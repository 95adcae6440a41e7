import type { AccountId } from '../accounts/index.ts';
import type { MediaDocument, MediaDocuments, MediaId, UploadedSound } from '../conference/index.ts';
import { json, jsonObject, number, optional, text } from './rows.ts';
import { type Engine, type Row, row, rows, run } from './work.ts';

const SQL = {
  one: 'SELECT * FROM media WHERE account = ?1 AND id = ?2',
  ofAccount: 'SELECT * FROM media WHERE account = ?1 ORDER BY id',
  save: `INSERT INTO media (account, id, document, revision, created_at, modified_at, sound) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT (account, id) DO UPDATE SET document = excluded.document, revision = excluded.revision,
      created_at = excluded.created_at, modified_at = excluded.modified_at, sound = excluded.sound`,
  remove: 'DELETE FROM media WHERE account = ?1 AND id = ?2',
} as const;

function documentOf(found: Row): MediaDocument {
  const sound = optional(found, 'sound', json) as UploadedSound | undefined;
  return {
    account: text(found, 'account') as AccountId,
    id: text(found, 'id') as MediaId,
    document: jsonObject(found, 'document'),
    revision: number(found, 'revision'),
    createdAt: number(found, 'created_at'),
    modifiedAt: number(found, 'modified_at'),
    ...(sound === undefined ? {} : { sound }),
  };
}

/** Media documents in a table. */
export class TableMediaDocuments implements MediaDocuments {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async find(account: AccountId, id: MediaId): Promise<MediaDocument | undefined> {
    const found = await this.#engine.read(() => row(SQL.one, account, id));
    return found && documentOf(found);
  }

  async list(account: AccountId): Promise<readonly MediaDocument[]> {
    return (await this.#engine.read(() => rows(SQL.ofAccount, account))).map(documentOf);
  }

  async save({ account, id, document, revision, createdAt, modifiedAt, sound }: MediaDocument): Promise<void> {
    const said = sound === undefined ? null : JSON.stringify(sound);
    await this.#engine.write(() => run(SQL.save, account, id, JSON.stringify(document), revision, createdAt, modifiedAt, said));
  }

  async remove(account: AccountId, id: MediaId): Promise<void> {
    await this.#engine.write(() => run(SQL.remove, account, id));
  }
}
