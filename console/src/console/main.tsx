import { effect } from '@preact/signals';
import { render } from 'preact';
import '../kit/theme.ts';
import { language } from '../kit/i18n.ts';
import './console.css';
import { App } from './app.tsx';
import { recogniseSession } from './session.ts';
import { t } from './words.ts';

// Languages that are not translated yet are shown in English, and say so to screen readers.
effect(() => {
  if (t.value.app === '' || language.value === 'de-de') return;
  document.documentElement.lang = 'en-us';
  document.documentElement.dir = 'ltr';
});

void recogniseSession();
render(<App />, document.getElementById('app')!);
