import { render } from 'preact';
import '../kit/theme.ts';
import './console.css';
import { App } from './app.tsx';
import { recogniseSession } from './session.ts';

void recogniseSession();
render(<App />, document.getElementById('app')!);
