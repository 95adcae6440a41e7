import { computed, effect, signal } from '@preact/signals';
import { recall, remember } from './memory.ts';

/** What somebody chose; `system` follows the system. */
export type ThemeChoice = 'system' | 'light' | 'dark';

const isChoice = (text: string | undefined): text is ThemeChoice => text === 'system' || text === 'light' || text === 'dark';
const remembered = recall('theme');
const dark = matchMedia('(prefers-color-scheme: dark)');
const systemIsDark = signal(dark.matches);
dark.addEventListener('change', () => (systemIsDark.value = dark.matches));

/** Light, dark, or as the system; may be set. */
export const themeChoice = signal<ThemeChoice>(isChoice(remembered) ? remembered : 'system');
/** What is shown. */
export const theme = computed(() => (themeChoice.value === 'system' ? (systemIsDark.value ? 'dark' : 'light') : themeChoice.value));

effect(() => {
  document.documentElement.dataset['theme'] = theme.value;
  remember('theme', themeChoice.value === 'system' ? undefined : themeChoice.value);
});
