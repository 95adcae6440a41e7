import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../kit/button.tsx';
import { Icon } from '../kit/icons.tsx';
import { wordsOf } from './endings.ts';
import { again, session } from './page.ts';
import type { Ending } from './room.ts';
import { t } from './texts/index.ts';

/** It is over, or was never to be: why, and what one can do. */
export function Ended({ ending }: { readonly ending: Ending }) {
  const words = t.value;
  const { text, more, canTryAgain, isCalm } = wordsOf(ending);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const detail = text === 'endFailed' ? ending.text : undefined;
  return (
    <div class="card waiting">
      <div class="stack centred">
        <span class={isCalm ? 'sign' : 'sign warn'} aria-hidden="true">
          <Icon name={isCalm ? 'leave' : text === 'endLocked' ? 'lock' : 'warning'} />
        </span>
        <h1 ref={heading} tabIndex={-1}>
          {words[text]}
        </h1>
        {more !== undefined && <p class="soft">{words[more]}</p>}
        {detail !== undefined && detail !== '' && (
          <p class="soft" dir="auto">
            {detail}
          </p>
        )}
      </div>
      {canTryAgain && (
        <Button kind="primary" size="large" wide onClick={again}>
          {session.value === undefined ? words.tryAgain : words.joinAgain}
        </Button>
      )}
    </div>
  );
}
