import { Button } from '../kit/button.tsx';
import { isSilenced, play } from './page.ts';
import { t } from './texts/index.ts';

/** Where the browser plays nothing before a click, a button to click. */
export function Unblock() {
  if (!isSilenced.value) return null;
  return (
    <Button kind="primary" icon="speaker" wide onClick={play}>
      {t.value.unblockSound}
    </Button>
  );
}
