import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { Button } from '../../kit/button.tsx';
import { Icon, type IconName } from '../../kit/icons.tsx';
import { Mark } from '../../kit/mark.tsx';
import { go, Link, parts, path } from '../router.tsx';
import { isAdmin, logOut, session } from '../session.ts';
import { t } from '../words.ts';
import { Look } from './look.tsx';

const PLACES = [
  ['conferences', '/', 'people'],
  ['recordings', '/recordings', 'wave'],
  ['calls', '/calls', 'phone'],
] as const satisfies readonly (readonly [string, string, IconName])[];
const MANAGED = [
  ['users', '/users', 'person'],
  ['devices', '/devices', 'headphones'],
  ['trunks', '/trunks', 'network'],
  ['webhooks', '/webhooks', 'send'],
  ['lockouts', '/lockouts', 'lock'],
] as const satisfies readonly (readonly [string, string, IconName])[];

type Place = (typeof PLACES)[number] | (typeof MANAGED)[number];

function Places({ places, chosen }: { readonly places: readonly Place[]; readonly chosen: () => void }) {
  const here = parts()[0] ?? 'conferences';
  return (
    <ul>
      {places.map(([name, to, icon]) => (
        <li key={name}>
          <Link to={to} class="place" {...(here === name ? { 'aria-current': 'page' as const } : {})} onClickCapture={chosen}>
            <Icon name={icon} />
            {t.value.nav[name]}
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** Head, sections and the page. On a phone the sections come when they are called. */
export function Shell({ children }: { readonly children: ComponentChildren }) {
  const isOpen = useSignal(false);
  const shut = (): void => {
    isOpen.value = false;
  };
  const who = session.value;
  const places = isAdmin() ? PLACES : PLACES.slice(0, 1);
  return (
    <div class={isOpen.value ? 'shell open' : 'shell'}>
      <a class="skip" href="#content">
        {t.value.skip}
      </a>
      <header class="top">
        <Button
          class="burger"
          kind="ghost"
          bare
          icon="menu"
          aria-expanded={isOpen.value}
          onClick={() => {
            isOpen.value = !isOpen.value;
          }}
        >
          {t.value.nav.menu}
        </Button>
        <Link to="/" class="brand">
          <Mark />
          {t.value.app}
        </Link>
        <span class="soft small account">{who?.account.name}</span>
        <Look />
        <span class="small me">{who?.user?.name}</span>
        <Button
          kind="ghost"
          bare
          icon="logout"
          onClick={() => {
            void logOut().then(() => go('/'));
          }}
        >
          {t.value.login.out}
        </Button>
      </header>
      <nav class="side" aria-label={t.value.nav.label}>
        <Places places={places} chosen={shut} />
        {isAdmin() && <p class="small soft heading">{t.value.nav.manage}</p>}
        {isAdmin() && <Places places={MANAGED} chosen={shut} />}
        <Look />
      </nav>
      <main id="content" tabIndex={-1} key={path.value.split('/').slice(0, 3).join('/')}>
        {children}
      </main>
    </div>
  );
}
