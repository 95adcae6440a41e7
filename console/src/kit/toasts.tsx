import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Icon, type IconName } from './icons.tsx';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly kind: 'plain' | 'good' | 'warn' | 'bad';
}

const shown = signal<readonly Toast[]>([]);
const said = signal('');
let last = 0;

/** Shows a short word for a while; screen readers say it. */
export function toast(text: string, kind: Toast['kind'] = 'plain', ms = 5000): void {
  const id = ++last;
  shown.value = [...shown.value.slice(-3), { id, text, kind }];
  setTimeout(() => (shown.value = shown.value.filter((each) => each.id !== id)), ms);
}

/** Says something to screen readers only. */
export function announce(text: string): void {
  // The same words twice are said twice only if they differ.
  said.value = said.value === text ? `${text}\u00a0` : text;
}

const ICONS: Readonly<Record<Toast['kind'], IconName>> = { plain: 'info', good: 'check', warn: 'warning', bad: 'warning' };

/** Where toasts appear; once per page. */
export function Toasts() {
  const place = useRef<HTMLDivElement>(null);
  const count = shown.value.length;
  const newest = shown.value.at(-1)?.id;
  // Shown anew, it comes above whatever window was opened last.
  useEffect(() => {
    const element = place.current;
    if (element?.showPopover === undefined) return;
    element.hidePopover();
    if (count > 0) element.showPopover();
  }, [count, newest]);
  return (
    <>
      <div ref={place} class="toasts" popover="manual" role="status" aria-live="polite">
        {shown.value.map(({ id, text, kind }) => (
          <div key={id} class={`notice ${kind}`}>
            <Icon name={ICONS[kind]} />
            <span>{text}</span>
          </div>
        ))}
      </div>
      <div class="unseen" aria-live="polite" aria-atomic="true">
        {said.value}
      </div>
    </>
  );
}
