import type { ReadonlySignal } from '@preact/signals';
import { Icon } from '../../kit/icons.tsx';
import type { LineState } from '../../kit/line.ts';
import { t } from '../words.ts';

/** Says that what is shown may be old. */
export function LostLine({ line }: { readonly line: ReadonlySignal<LineState> }) {
  if (line.value !== 'lost') return null;
  return (
    <p class="notice warn" role="status">
      <Icon name="warning" />
      {t.value.problem.lost}
    </p>
  );
}
