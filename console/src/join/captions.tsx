import { useEffect, useRef } from 'preact/hooks';
import type { Session } from './session.ts';
import { t } from './texts/index.ts';

/** What is said, as text; the newest at the bottom, unless somebody has scrolled up to read. */
export function Captions({ session }: { readonly session: Session }) {
  const words = t.value;
  const { captions } = session.room.value;
  const list = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  useEffect(() => {
    const element = list.current;
    if (element !== null && follows.current) element.scrollTop = element.scrollHeight;
  }, [captions]);
  return (
    <section class="card captions" aria-label={words.captions}>
      <div
        ref={list}
        class="lines"
        role="log"
        aria-live="polite"
        aria-label={words.captions}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys.
        tabIndex={0}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          follows.current = scrollHeight - scrollTop - clientHeight < 24;
        }}
      >
        {captions.length === 0 && <p class="soft">{words.captionsEmpty}</p>}
        {captions.map(({ id, name, text, final, language }) => (
          <p key={id} class={final ? 'line' : 'line soft'} dir="auto">
            <strong>{name === '' ? words.somebody : name}</strong> <span lang={language}>{text}</span>
          </p>
        ))}
      </div>
    </section>
  );
}
