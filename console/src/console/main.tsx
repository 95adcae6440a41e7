import { render } from 'preact';
import '../kit/theme.ts';
import { textsCame } from '../kit/i18n.ts';
import './console.css';
import { App } from './app.tsx';
import { recogniseSession } from './session.ts';

void recogniseSession();
void textsCame().then(() => render(<App />, document.getElementById('app')!));
