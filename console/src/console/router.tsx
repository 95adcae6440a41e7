import { signal } from '@preact/signals';
import type { JSX } from 'preact';

const BASE = '/console';
const here = (): string => location.pathname.slice(BASE.length).replace(/\/+$/, '') || '/';

/** Where we are, below /console. */
export const path = signal(here());
addEventListener('popstate', () => {
  path.value = here();
});

/** The path in its parts, each as it was written. */
export const parts = (): readonly string[] =>
  path.value
    .split('/')
    .filter((each) => each !== '')
    .map((each) => {
      try {
        return decodeURIComponent(each);
      } catch {
        return each;
      }
    });

/** Goes to a place below /console. */
export function go(to: string, { replace = false } = {}): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', BASE + (to === '/' ? '' : to));
  path.value = to;
  if (!replace) scrollTo(0, 0);
}

type LinkOptions = Omit<JSX.IntrinsicElements['a'], 'href'> & { readonly to: string };

/** A link to a place below /console. */
export function Link({ to, children, ...rest }: LinkOptions) {
  const follow = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(to);
  };
  const attributes = { ...rest, href: BASE + (to === '/' ? '' : to), onClick: follow } as JSX.IntrinsicElements['a'];
  return <a {...attributes}>{children}</a>;
}
