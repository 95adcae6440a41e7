import { chooseLanguage, language } from '../kit/i18n.ts';
import { Icon } from '../kit/icons.tsx';
import { LANGUAGES, type Language } from '../kit/languages.ts';
import { Mark } from '../kit/mark.tsx';
import { type ThemeChoice, theme, themeChoice } from '../kit/theme.ts';
import { t } from './texts/index.ts';

/** Which language, and light or dark. */
export function Preferences() {
  const { language: languageText, appearance, asSystem, light, dark } = t.value;
  return (
    <div class="preferences">
      <label class="chooser">
        <Icon name="globe" />
        <span class="unseen">{languageText}</span>
        <select value={language.value} onChange={(event) => chooseLanguage(event.currentTarget.value as Language)}>
          {Object.entries(LANGUAGES).map(([id, called]) => (
            <option key={id} value={id} lang={id}>
              {called}
            </option>
          ))}
        </select>
      </label>
      <label class="chooser">
        <Icon name={theme.value === 'dark' ? 'moon' : 'sun'} />
        <span class="unseen">{appearance}</span>
        <select value={themeChoice.value} onChange={(event) => (themeChoice.value = event.currentTarget.value as ThemeChoice)}>
          <option value="system">{asSystem}</option>
          <option value="light">{light}</option>
          <option value="dark">{dark}</option>
        </select>
      </label>
    </div>
  );
}

/** The head of every page but the conference's own. */
export function Header() {
  return (
    <header class="page-head">
      <span class="brand">
        <Mark /> Parley
      </span>
      <Preferences />
    </header>
  );
}
