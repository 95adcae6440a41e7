import { render } from 'preact';
import '../kit/theme.ts';

render(<main>Parley</main>, document.getElementById('app')!);
