import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { Button } from '../../kit/button.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { SearchField, TextField } from '../../kit/field.tsx';
import { Icon } from '../../kit/icons.tsx';
import { fill } from '../../kit/languages.ts';
import { attempt, wordsOf } from '../act.ts';
import { counted, since } from '../format.ts';
import type { Conference } from '../model.ts';
import { now } from '../now.ts';
import { PageHead } from '../parts/listing.tsx';
import { LostLine } from '../parts/lost-line.tsx';
import { VirtualList } from '../parts/virtual.tsx';
import { type Listed, LiveList } from '../room/live-list.ts';
import { go, Link } from '../router.tsx';
import { request } from '../session.ts';
import { t } from '../words.ts';

const ROW = 76;

/** All conferences, live ones on top. */
export function ConferenceList() {
  const { list } = t.value;
  const live = useMemo(() => new LiveList(), []);
  useEffect(() => () => live.close(), [live]);
  const wanted = useSignal('');
  const isOnlyLive = useSignal(false);
  const isCreating = useSignal(false);
  const fitting = useComputed(() => {
    const text = wanted.value.trim().toLowerCase();
    return live.items.value.filter(
      ({ name, numbers, since: open, id }) =>
        (!isOnlyLive.value || open !== null) &&
        (text === '' || name.toLowerCase().includes(text) || numbers.some((each) => each.includes(text)) || id.startsWith(text)),
    );
  });
  const all = live.items.value.length;
  const open = live.items.value.filter((each) => each.since !== null).length;
  return (
    <>
      <LostLine line={live.line} />
      <PageHead title={list.title} intro={fill(list.intro, { live: open, all })}>
        <Button
          kind="primary"
          icon="plus"
          onClick={() => {
            isCreating.value = true;
          }}
        >
          {list.create}
        </Button>
      </PageHead>
      <div class="filters">
        <SearchField label={t.value.search} hint={list.searchHint} text={wanted} />
        <Button
          pressed={isOnlyLive.value}
          onClick={() => {
            isOnlyLive.value = !isOnlyLive.value;
          }}
        >
          {list.onlyLive}
        </Button>
      </div>
      {live.failed.value !== undefined && <p class="notice bad">{wordsOf(live.failed.value)}</p>}
      {fitting.value.length === 0 ? (
        <p class="empty soft">{live.isLoading.value ? t.value.loading : all === 0 ? list.first : list.empty}</p>
      ) : (
        <div class="card rows">
          <VirtualList items={fitting.value} keyOf={(each) => each.id} row={ROW} label={list.title} draw={(each) => <Row each={each} />} />
        </div>
      )}
      {isCreating.value && (
        <Create
          closed={() => {
            isCreating.value = false;
          }}
        />
      )}
    </>
  );
}

function Row({ each }: { readonly each: Listed }) {
  const { list } = t.value;
  const { id, name, numbers, people, waiting, locked, recording, since: open } = each;
  return (
    <Link to={`/conferences/${id}`} class={open === null ? 'conference' : 'conference live'}>
      <span class="sign" aria-hidden="true">
        <Icon name={open === null ? 'phone' : 'people'} />
      </span>
      <span class="what">
        <strong class="clip" dir="auto">
          {name || list.unnamed}
        </strong>
        <span class="soft small clip" dir="auto">
          {numbers.join(', ') || id.slice(0, 8)}
        </span>
      </span>
      <span class="badges">
        {waiting > 0 && <span class="badge warn">{counted(list.waiting, waiting)}</span>}
        {recording && (
          <span class="badge bad">
            <Icon name="record" />
            {list.recording}
          </span>
        )}
        {locked && (
          <span class="badge">
            <Icon name="lock" />
            {list.locked}
          </span>
        )}
      </span>
      <span class="count">
        {open === null ? <span class="soft small">{list.idle}</span> : <strong>{counted(list.people, people)}</strong>}
        {open !== null && <span class="soft small">{fill(list.for, { time: since(open, now.value) })}</span>}
      </span>
      <Icon name="chevron-right" class="faint" />
    </Link>
  );
}

function Create({ closed }: { readonly closed: () => void }) {
  const { list } = t.value;
  const create = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget as HTMLFormElement).get('name')).trim();
    const made = await attempt(() => request<Conference>('POST', '/api/conferences', { body: { document: { name } } }));
    if (made !== undefined) go(`/conferences/${made.id}/settings`);
  };
  return (
    <Dialog title={list.create} closeText={t.value.close} closed={closed}>
      <form class="stack" onSubmit={(event) => void create(event)}>
        <TextField label={list.named} name="name" required maxLength={128} autofocus />
        <div class="foot">
          <Button onClick={closed}>{t.value.cancel}</Button>
          <Button type="submit" kind="primary">
            {t.value.add}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
