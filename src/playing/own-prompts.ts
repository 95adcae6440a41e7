import type { AccountId } from '../accounts/index.ts';
import type { Clock, JsonObject } from '../base/index.ts';
import type { MediaDocument, MediaDocuments } from '../conference/index.ts';
import { ForAWhile } from './for-a-while.ts';
import { spokenText } from './media-values.ts';
import { familyOf, isOfFamily } from './spoken-languages.ts';

const text = (document: JsonObject, key: string): string => {
  const value = document[key];
  return typeof value === 'string' ? value.toLowerCase() : '';
};

const languageOf = ({ document }: MediaDocument): string => text(document, 'language') || 'en-us';

const isPlayable = ({ document, sound }: MediaDocument): boolean => sound !== undefined || spokenText(document) !== undefined;

/** What accounts have uploaded in place of prompts: media documents with `prompt_id` and `language` (kazoo-facts §11.1). */
export class OwnPrompts {
  /** By account: documents with a `prompt_id` that can be played; the newest first. */
  readonly #prompts: ForAWhile<readonly MediaDocument[]>;

  constructor({ documents, clock }: { readonly documents: MediaDocuments; readonly clock: Clock }) {
    this.#prompts = new ForAWhile(clock, async (account) => {
      const own = (await documents.list(account as AccountId)).filter(
        (each) => text(each.document, 'prompt_id') !== '' && isPlayable(each),
      );
      return own.sort((one, other) => other.modifiedAt - one.modifiedAt);
    });
  }

  /** The document that an account has for a prompt, in the language or another of its family. */
  async find(account: AccountId, name: string, language: string): Promise<MediaDocument | undefined> {
    const wanted = name.toLowerCase();
    const prompts = (await this.#prompts.of(account)).filter(({ document }) => text(document, 'prompt_id') === wanted);
    const family = familyOf(language);
    return (
      prompts.find((each) => languageOf(each) === language) ??
      prompts.find((each) => languageOf(each) === family) ??
      prompts.find((each) => isOfFamily(languageOf(each), family))
    );
  }
}
