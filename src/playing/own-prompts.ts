import type { AccountId } from '../accounts/index.ts';
import type { Clock, JsonObject } from '../base/index.ts';
import type { MediaDocument, MediaDocuments } from '../conference/index.ts';
import { spokenText } from './media-values.ts';
import { familyOf, isOfFamily } from './spoken-languages.ts';

/** How long what an account has is remembered, ms: many prompts are played one behind the other. */
const FRESH = 1000;
/** Accounts that are remembered at once. */
const MOST = 500;

interface Own {
  readonly until: number;
  /** Of documents with a `prompt_id` that can be played; the newest first. */
  readonly prompts: Promise<readonly MediaDocument[]>;
}

const text = (document: JsonObject, key: string): string => {
  const value = document[key];
  return typeof value === 'string' ? value.toLowerCase() : '';
};

const languageOf = ({ document }: MediaDocument): string => text(document, 'language') || 'en-us';

const isPlayable = ({ document, sound }: MediaDocument): boolean => sound !== undefined || spokenText(document) !== undefined;

/** What accounts have uploaded in place of prompts: media documents with `prompt_id` and `language` (kazoo-facts §11.1). */
export class OwnPrompts {
  readonly #documents: MediaDocuments;
  readonly #clock: Clock;
  readonly #known = new Map<AccountId, Own>();

  constructor({ documents, clock }: { readonly documents: MediaDocuments; readonly clock: Clock }) {
    this.#documents = documents;
    this.#clock = clock;
  }

  /** The document that an account has for a prompt, in the language or another of its family. */
  async find(account: AccountId, name: string, language: string): Promise<MediaDocument | undefined> {
    const wanted = name.toLowerCase();
    const prompts = (await this.#of(account)).filter(({ document }) => text(document, 'prompt_id') === wanted);
    const family = familyOf(language);
    return (
      prompts.find((each) => languageOf(each) === language) ??
      prompts.find((each) => languageOf(each) === family) ??
      prompts.find((each) => isOfFamily(languageOf(each), family))
    );
  }

  #of(account: AccountId): Promise<readonly MediaDocument[]> {
    const now = this.#clock.now();
    const known = this.#known.get(account);
    if (known !== undefined && known.until > now) return known.prompts;
    const prompts = this.#documents.list(account).then((all) => {
      const own = all.filter((each) => text(each.document, 'prompt_id') !== '' && isPlayable(each));
      return own.sort((one, other) => other.modifiedAt - one.modifiedAt);
    });
    this.#known.delete(account);
    this.#known.set(account, { until: now + FRESH, prompts });
    // What failed is asked again.
    prompts.catch(() => this.#known.delete(account));
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST) break;
      this.#known.delete(oldest);
    }
    return prompts;
  }
}
