import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { directionOf, type Language, languageFor, localeOf } from './languages.ts';
import { recall, remember } from './memory.ts';

/** The language shown; set it with `chooseLanguage`. */
export const language = signal<Language>(languageFor([recall('language'), ...navigator.languages]));

/** How dates and numbers are written. */
export const locale = computed(() => localeOf(language.value));

/** Shows everything in another language, and remembers it for this browser. */
export function chooseLanguage(wanted: Language): void {
  language.value = wanted;
  remember('language', wanted);
}

/** What a page suggests, as an invitation's language: it counts only where the person has not chosen. */
export function suggestLanguage(wish: string | undefined): void {
  if (wish !== undefined && recall('language') === undefined) language.value = languageFor([wish, ...navigator.languages]);
}

/** As long as a page waits for its texts before it shows itself in English, ms. */
const PATIENCE = 1500;
let coming: Promise<void> | undefined;

/** Resolves when the texts of the language shown have come: a page that is drawn then does not change its language before one's eyes. */
export const textsCame = (): Promise<void> =>
  coming === undefined ? Promise.resolve() : Promise.race([coming, new Promise<void>((wake) => setTimeout(wake, PATIENCE))]);

/** The texts of a page in the language shown; English until another one has come. */
export function texts<T>(english: T, others: Readonly<Record<Exclude<Language, 'en-us'>, () => Promise<T>>>): ReadonlySignal<T> {
  const shown = signal(english);
  effect(() => {
    const wanted = language.value;
    const show = (texts: T): void => {
      if (language.value !== wanted) return;
      shown.value = texts;
      document.documentElement.lang = wanted;
      document.documentElement.dir = directionOf(wanted);
    };
    if (wanted === 'en-us') show(english);
    else coming = others[wanted]().then(show, () => show(english));
  });
  return shown;
}
