import type { ComponentChildren } from 'preact';
import { Button } from '../../kit/button.tsx';
import { Icon, type IconName } from '../../kit/icons.tsx';
import { wordsOf } from '../act.ts';
import { t } from '../words.ts';
import type { Paged } from './pages.ts';

interface Head {
  readonly title: string;
  readonly intro?: string;
  /** What can be done to all of it. */
  readonly children?: ComponentChildren;
}

/** The head of a page. */
export function PageHead({ title, intro, children }: Head) {
  return (
    <div class="page-head">
      <div>
        <h1>{title}</h1>
        {intro !== undefined && <p class="soft">{intro}</p>}
      </div>
      {children}
    </div>
  );
}

interface ListingOptions<T> {
  readonly pages: Paged<T>;
  /** What is shown and said where there is nothing. */
  readonly icon: IconName;
  readonly empty: string;
  readonly children: (items: readonly T[]) => ComponentChildren;
}

/** A list that is read page by page: what is there, that it is being read, that there is nothing, or what went wrong. */
export function Listing<T>({ pages, icon, empty, children }: ListingOptions<T>) {
  return (
    <>
      {pages.error !== undefined && <p class="notice bad">{wordsOf(pages.error)}</p>}
      {pages.items.length > 0 && children(pages.items)}
      {pages.items.length === 0 && pages.error === undefined && (
        <div class="empty soft">
          {pages.isLoading ? <span class="spinner" /> : <Icon name={icon} class="huge" />}
          <p>{pages.isLoading ? t.value.loading : empty}</p>
        </div>
      )}
      {pages.more !== undefined && <Button onClick={pages.more}>{t.value.more}</Button>}
    </>
  );
}
