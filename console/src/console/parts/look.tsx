import { chooseLanguage, language } from '../../kit/i18n.ts';
import { Icon } from '../../kit/icons.tsx';
import { LANGUAGES, type Language } from '../../kit/languages.ts';
import { type ThemeChoice, theme, themeChoice } from '../../kit/theme.ts';
import { t } from '../words.ts';

/** How everything looks, and in which language. */
export function Look() {
  const { look } = t.value;
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
        <select class="quiet" value={language.value} onChange={({ currentTarget }) => chooseLanguage(currentTarget.value as Language)}>
          {Object.entries(LANGUAGES).map(([id, called]) => (
            <option key={id} value={id} lang={id}>
              {called}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
