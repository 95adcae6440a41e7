import { Icon } from '../kit/icons.tsx';
import { link } from './page.ts';
import type { Session } from './session.ts';
import { t } from './texts/index.ts';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

/** The keys of a telephone: whatever a conference lets people do by them, a browser can do too. */
export function Keypad({ session }: { readonly session: Session }) {
  const words = t.value;
  return (
    <details class="keypad">
      <summary>
        <Icon name="grid" /> {words.keypad}
      </summary>
      <p class="soft small">
        {words.keypadHint}{' '}
        <a href={`${link}/keypad`} target="_blank" rel="noopener">
          {words.keypadCard}
        </a>
      </p>
      <div class="keys" dir="ltr">
        {KEYS.map((key) => (
          <button key={key} type="button" class="button" onClick={() => session.key(key)}>
            {key}
          </button>
        ))}
      </div>
    </details>
  );
}
