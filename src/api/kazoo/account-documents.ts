import type { AccountDocument, DocumentId, DocumentKind, Documents } from '../../accounts/index.ts';
import { Failure, type JsonObject, undashed } from '../../base/index.ts';
import type { Scene } from './answer.ts';
import { refusals } from './refuse.ts';
import type { Entry } from './resource.ts';

/** The documents of the account in the URL; without any there is no such route. */
export function documentsOf({ documents }: Scene): Documents {
  if (documents === undefined) throw refusals.noSuchRoute();
  return documents;
}

/** A document as this dialect serves it. */
export const entryOfDocument = ({ id, document, revision, createdAt, modifiedAt }: AccountDocument): Entry => ({
  id,
  document,
  revision,
  createdAt,
  modifiedAt,
});

/** The name of a document in the account of the URL. */
export const nameIn = ({ account }: Scene, kind: DocumentKind, id: string) => ({
  account: account.id,
  kind,
  id: undashed(id) as DocumentId,
});

/** Reads one; who is not there is refused in KAZOO's words. */
export async function readDocument(scene: Scene, kind: DocumentKind, id: string): Promise<Entry> {
  try {
    return entryOfDocument(await documentsOf(scene).get(nameIn(scene, kind, id)));
  } catch (error) {
    throw error instanceof Failure && error.kind === 'not-found' ? refusals.badId(id) : error;
  }
}

/** The keys that clashed. */
export function clashing({ details }: Failure): readonly string[] {
  const keys = (details as JsonObject | undefined)?.['keys'];
  return Array.isArray(keys) ? keys.map(String) : [];
}
