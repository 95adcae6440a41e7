import { Link } from '../router.tsx';

export interface Tab {
  readonly name: string;
  readonly text: string;
  readonly to: string;
}

/** Links to the parts of a thing; the one that is shown says so. */
export function Tabs({ label, tabs, here }: { readonly label: string; readonly tabs: readonly Tab[]; readonly here: string }) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ name, text, to }) => (
        <Link key={name} to={to} {...(name === here ? { 'aria-current': 'page' as const } : {})}>
          {text}
        </Link>
      ))}
    </nav>
  );
}
