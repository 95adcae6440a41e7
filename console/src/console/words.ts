import { texts } from '../kit/i18n.ts';
import { en } from './words/en.ts';

const english = async () => en;

/** Every text of the console. Languages that are not translated yet are shown in English. */
export const t = texts(en, {
  'de-de': async () => (await import('./words/de.ts')).de,
  'fr-fr': english,
  'es-es': english,
  'it-it': english,
  'pt-br': english,
  'pt-pt': english,
  'ru-ru': english,
  'ar-sa': english,
  'zh-cn': english,
  'ja-jp': english,
});
