import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type Window, windowOf } from './window.ts';

export interface VirtualOptions<T> {
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  /** Height of every row, px. */
  readonly row: number;
  readonly label: string;
  readonly draw: (item: T, index: number) => ComponentChildren;
  /** Told whenever other ones can be seen. */
  readonly seen?: (items: readonly T[]) => void;
}

/** A list of rows of one height, of which only those are drawn that can be seen: it scrolls with the page. */
export function VirtualList<T>({ items, keyOf, row, label, draw, seen }: VirtualOptions<T>) {
  const element = useRef<HTMLUListElement>(null);
  const shown = useSignal<Window>({ first: 0, end: Math.min(items.length, 40) });
  const count = items.length;
  useEffect(() => {
    let isDue = false;
    const look = (): void => {
      isDue = false;
      const top = element.current?.getBoundingClientRect().top ?? 0;
      const next = windowOf(Math.max(0, -top), innerHeight - Math.max(0, top), { row, count });
      const { first, end } = shown.peek();
      if (next.first !== first || next.end !== end) shown.value = next;
    };
    const ask = (): void => {
      if (isDue) return;
      isDue = true;
      requestAnimationFrame(look);
    };
    look();
    const over = new AbortController();
    addEventListener('scroll', ask, { passive: true, signal: over.signal });
    addEventListener('resize', ask, { passive: true, signal: over.signal });
    return () => over.abort();
  }, [count, row, shown]);
  const { first, end } = shown.value;
  const part = items.slice(first, end);
  const names = part.map(keyOf).join(' ');
  useEffect(() => seen?.(part), [names]);
  return (
    <ul class="virtual" ref={element} aria-label={label} style={{ height: `${count * row}px` }}>
      {part.map((item, index) => (
        <li
          key={keyOf(item)}
          aria-setsize={count}
          aria-posinset={first + index + 1}
          style={{ transform: `translateY(${(first + index) * row}px)`, height: `${row}px` }}
        >
          {draw(item, first + index)}
        </li>
      ))}
    </ul>
  );
}
