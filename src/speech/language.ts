import { Failure } from '../base/index.ts';
import type { EarProvider, Voice } from './speech-types.ts';

/** A tag of RFC 5646 as we compare it: lower case, with hyphens. */
export const tagOf = (language: string): string => language.trim().toLowerCase().replaceAll('_', '-');

/** Its first part: the language without region and script. */
export const primaryOf = (tag: string): string => tag.split('-')[0] ?? tag;

/** Could be a tag: what is no tag is refused without being looked for. */
export const isTag = (tag: string): boolean => /^[a-z]{2,8}(-[a-z0-9]{1,8}){0,6}$/.test(tag);

/** How well a voice speaks a language: 4 its own, 3 another of its tags, 2 the same language elsewhere, 1 any; 0: not at all. */
export function fit({ languages }: Pick<Voice, 'languages'>, tag: string): number {
  const at = languages.indexOf(tag);
  if (at >= 0) return at === 0 ? 4 : 3;
  if (languages.some((each) => primaryOf(each) === primaryOf(tag))) return 2;
  return languages.includes('*') ? 1 : 0;
}

/** In which language speech is recognised: the one that is wished, else the provider's own, else the server's. Refuses with invalid/language_not_recognised. */
export function heardLanguage(provider: EarProvider, wished: string | undefined, language = 'en-us'): string {
  const [own] = provider.languages;
  const tag = tagOf(wished ?? (own === undefined || own === '*' ? language : own));
  if (isTag(tag) && fit(provider, tag) > 0) return wished ?? tag;
  const words = `${provider.name} does not recognise ${JSON.stringify(tag.slice(0, 40))}; it knows ${provider.languages.join(', ')}`;
  throw new Failure('invalid', 'language_not_recognised', words, { details: { language: tag, languages: provider.languages } });
}
