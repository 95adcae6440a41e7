import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { visibleRows } from './visible-rows.ts';

export interface LongListOptions<T> {
  readonly items: readonly T[];
  /** Of every row, CSS pixels; rows must have exactly this. */
  readonly rowHeight: number;
  readonly label: string;
  readonly class?: string;
  /** One `<li>`, with a key; `place` says to screen readers where it stands. */
  readonly row: (item: T, place: { readonly 'aria-setsize': number; readonly 'aria-posinset': number }) => ComponentChildren;
}

/** A list of any length that draws only what is seen. */
export function LongList<T>({ items, rowHeight, label, class: more, row }: LongListOptions<T>) {
  const box = useRef<HTMLElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const look = (): void => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, []);
  const { first, last } = visibleRows({ ...view, rowHeight, count: items.length });
  const above = first * rowHeight;
  const below = (items.length - last) * rowHeight;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys.
    <section ref={box} class={more === undefined ? 'long-list' : `long-list ${more}`} tabIndex={0} aria-label={label}>
      <ul style={{ paddingTop: `${above}px`, paddingBottom: `${below}px` }}>
        {items.slice(first, last).map((item, at) => row(item, { 'aria-setsize': items.length, 'aria-posinset': first + at + 1 }))}
      </ul>
    </section>
  );
}
