import { texts } from '../kit/i18n.ts';
import { words } from './words/en-us/words.ts';

/** Every text of the console, in the language shown. */
export const t = texts(words, {
  'ar-sa': async () => (await import('./words/ar-sa/words.ts')).words,
  'de-de': async () => (await import('./words/de-de/words.ts')).words,
  'es-es': async () => (await import('./words/es-es/words.ts')).words,
  'fr-fr': async () => (await import('./words/fr-fr/words.ts')).words,
  'it-it': async () => (await import('./words/it-it/words.ts')).words,
  'ja-jp': async () => (await import('./words/ja-jp/words.ts')).words,
  'pt-br': async () => (await import('./words/pt-br/words.ts')).words,
  'pt-pt': async () => (await import('./words/pt-pt/words.ts')).words,
  'ru-ru': async () => (await import('./words/ru-ru/words.ts')).words,
  'zh-cn': async () => (await import('./words/zh-cn/words.ts')).words,
});
