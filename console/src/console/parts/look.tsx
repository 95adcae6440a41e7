import { chooseLanguage, language } from '../../kit/i18n.ts';
import { Icon } from '../../kit/icons.tsx';
import { LANGUAGES, type Language } from '../../kit/languages.ts';
import { type ThemeChoice, theme, themeChoice } from '../../kit/theme.ts';
import { t } from '../words.ts';

/** Into which the console is translated. */
const TRANSLATED: readonly Language[] = ['en-us', 'de-de'];

/** How everything looks, and in which language. */
export function Look() {
  const { look } = t.value;
  const shown = TRANSLATED.includes(language.value) ? language.value : 'en-us';
  return (
    <div class="look">
      <label>
        <Icon name={theme.value === 'dark' ? 'moon' : 'sun'} />
        <span class="unseen">{look.theme}</span>
        <select
          class="quiet"
          value={themeChoice.value}
          onChange={({ currentTarget }) => {
            themeChoice.value = currentTarget.value as ThemeChoice;
          }}
        >
          <option value="system">{look.system}</option>
          <option value="light">{look.light}</option>
          <option value="dark">{look.dark}</option>
        </select>
      </label>
      <label>
        <Icon name="globe" />
        <span class="unseen">{look.language}</span>
        <select class="quiet" value={shown} onChange={({ currentTarget }) => chooseLanguage(currentTarget.value as Language)}>
          {TRANSLATED.map((each) => (
            <option key={each} value={each}>
              {LANGUAGES[each]}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
