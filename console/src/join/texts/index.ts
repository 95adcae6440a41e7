import { texts } from '../../kit/i18n.ts';
import { english } from './en-us.ts';

/** What the join page says, in the language shown. */
export const t = texts(english, {
  'ar-sa': () => import('./ar-sa.ts').then(({ arabic }) => arabic),
  'de-de': () => import('./de-de.ts').then(({ german }) => german),
  'es-es': () => import('./es-es.ts').then(({ spanish }) => spanish),
  'fr-fr': () => import('./fr-fr.ts').then(({ french }) => french),
  'it-it': () => import('./it-it.ts').then(({ italian }) => italian),
  'ja-jp': () => import('./ja-jp.ts').then(({ japanese }) => japanese),
  'pt-br': () => import('./pt-br.ts').then(({ brazilian }) => brazilian),
  'pt-pt': () => import('./pt-pt.ts').then(({ portuguese }) => portuguese),
  'ru-ru': () => import('./ru-ru.ts').then(({ russian }) => russian),
  'zh-cn': () => import('./zh-cn.ts').then(({ chinese }) => chinese),
});
