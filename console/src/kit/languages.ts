/** The languages of Parley's prompts, as they call themselves. */
export const LANGUAGES = {
  'en-us': 'English',
  'de-de': 'Deutsch',
  'fr-fr': 'Français',
  'es-es': 'Español',
  'it-it': 'Italiano',
  'pt-br': 'Português (Brasil)',
  'pt-pt': 'Português (Portugal)',
  'ru-ru': 'Русский',
  'ar-sa': 'العربية',
  'zh-cn': '中文（简体）',
  'ja-jp': '日本語',
} as const;

export type Language = keyof typeof LANGUAGES;

const ALL = Object.keys(LANGUAGES) as Language[];

/** The language of the first wish that any is close to: `pt-AO` is Portuguese, `zh` Chinese; English when none is. */
export function languageFor(wishes: readonly (string | undefined)[]): Language {
  for (const wish of wishes) {
    const wanted = wish?.toLowerCase().replace('_', '-');
    if (wanted === undefined || wanted === '') continue;
    const exact = ALL.find((each) => each === wanted);
    if (exact !== undefined) return exact;
    // Brazil first: it has twenty times as many people. Any other Portuguese than Brazil's is nearer to Portugal's.
    const [tongue, region] = wanted.split('-');
    if (tongue === 'pt') return region === undefined ? 'pt-br' : 'pt-pt';
    const near = ALL.find((each) => each.split('-')[0] === tongue);
    if (near !== undefined) return near;
  }
  return 'en-us';
}

/** Which way it is written. */
export const directionOf = (language: Language): 'ltr' | 'rtl' => (language === 'ar-sa' ? 'rtl' : 'ltr');

/** For dates and numbers (RFC 5646 §2.2.6): everywhere the digits that telephones have, and the calendar that calls are booked in. */
export const localeOf = (language: Language): string => (language === 'ar-sa' ? 'ar-SA-u-ca-gregory-nu-latn' : language);

/** A text that depends on how many there are: a form for each plural category of its language (Unicode CLDR). */
export type Forms = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & Record<'other', string>>;

/** The form for so many. */
export const formOf = (forms: Forms, count: number, language: Language): string =>
  forms[new Intl.PluralRules(language).select(count)] ?? forms.other;

/** `fill('{name} left', {name: 'Ann'})`. */
export const fill = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, key: string) => (key in values ? String(values[key]) : whole));
