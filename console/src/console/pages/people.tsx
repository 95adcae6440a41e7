import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { Button } from '../../kit/button.tsx';
import { SearchField } from '../../kit/field.tsx';
import { Icon } from '../../kit/icons.tsx';
import { fill } from '../../kit/languages.ts';
import { attempt } from '../act.ts';
import { since } from '../format.ts';
import { nameOf, type Person } from '../model.ts';
import { now } from '../now.ts';
import { VirtualList } from '../parts/virtual.tsx';
import type { LiveRoom } from '../room/live-room.ts';
import { Qualities } from '../room/qualities.ts';
import { request } from '../session.ts';
import { t } from '../words.ts';
import { PersonPanel } from './person-panel.tsx';
import { PersonRow } from './person-row.tsx';

const ROW = 64;
const NARROW_ROW = 88;
const narrow = matchMedia('(max-width: 760px)');

type Wanted = 'all' | 'talking' | 'hands' | 'muted';
const KEEPS: Readonly<Record<Wanted, (each: Person) => boolean>> = {
  all: () => true,
  talking: (each) => each.talking === true,
  hands: (each) => each.hand_raised_at !== undefined,
  muted: (each) => each.mute_reasons.length > 0,
};

/** Who is in, how they sound, and what can be done about it. */
export function People({ live }: { readonly live: LiveRoom }) {
  const { room } = t.value;
  const qualities = useMemo(() => new Qualities(live.id), [live]);
  useEffect(() => () => qualities.close(), [qualities]);
  const isNarrow = useSignal(narrow.matches);
  useEffect(() => {
    const over = new AbortController();
    narrow.addEventListener('change', () => (isNarrow.value = narrow.matches), { signal: over.signal });
    return () => over.abort();
  }, [isNarrow]);
  const text = useSignal('');
  const wanted = useSignal<Wanted>('all');
  const chosen = useSignal<string | undefined>(undefined);
  const shown = useComputed(() => {
    const order = live.order.value;
    const sought = text.value.trim().toLowerCase();
    if (sought === '' && wanted.value === 'all') return order;
    const keeps = KEEPS[wanted.value];
    return order.filter((id) => {
      const each = live.person(id)?.value;
      return (
        each !== undefined && keeps(each) && (sought === '' || `${each.caller_name} ${each.caller_number}`.toLowerCase().includes(sought))
      );
    });
  });
  const all = live.order.value.length;
  const one = chosen.value === undefined ? undefined : live.person(chosen.value);
  if (all === 0 && live.room.value.waiting.length === 0) return <Nobody live={live} />;
  return (
    <>
      <Waiting live={live} />
      <div class="filters">
        <SearchField label={t.value.search} hint={room.searchPeople} text={text} />
        {(['all', 'talking', 'hands', 'muted'] as const).map((each) => (
          <Button
            key={each}
            size="small"
            pressed={wanted.value === each}
            onClick={() => {
              wanted.value = each;
            }}
          >
            {{ all: room.all_, talking: room.talkingNow, hands: room.hands, muted: room.muted }[each]}
          </Button>
        ))}
        <span class="soft small" role="status">
          {fill(room.countShown, { shown: shown.value.length, all })}
        </span>
      </div>
      <div class="card rows people">
        <VirtualList
          items={shown.value}
          keyOf={(id) => id}
          row={isNarrow.value ? NARROW_ROW : ROW}
          label={room.tabs.people}
          draw={(id) => <PersonRow live={live} id={id} qualities={qualities} open={() => (chosen.value = id)} />}
          seen={(ids) => qualities.want(chosen.value === undefined || ids.includes(chosen.value) ? ids : [...ids, chosen.value])}
        />
      </div>
      {one !== undefined && <PersonPanel live={live} person={one} qualities={qualities} closed={() => (chosen.value = undefined)} />}
    </>
  );
}

function Nobody({ live }: { readonly live: LiveRoom }) {
  const { room } = t.value;
  const document = live.document.value;
  const numbers: readonly string[] = [document?.conference_numbers, document?.member?.numbers].flatMap((each) => each ?? []);
  return (
    <div class="empty soft">
      <Icon name="people" class="huge" />
      <p>{room.nobody}</p>
      <p class="small">{numbers.length === 0 ? room.noNumber : fill(room.nobodyHint, { numbers: numbers.join(', ') })}</p>
    </div>
  );
}

/** Who asks to be let in. */
function Waiting({ live }: { readonly live: LiveRoom }) {
  const { room } = t.value;
  const { waiting } = live.room.value;
  if (waiting.length === 0) return null;
  const ask = (call: string, act: 'admit' | 'deny') =>
    void attempt(() => request('POST', `/api/conferences/${live.id}/waiting/${call}/${act}`, { body: {} }));
  return (
    <section class="card waiting" aria-label={room.waiting}>
      <div class="head">
        <h2>{room.waiting}</h2>
        {waiting.length > 1 && (
          <Button size="small" onClick={() => ask('all', 'admit')}>
            {room.admitAll}
          </Button>
        )}
      </div>
      <ul>
        {waiting.slice(0, 50).map((each) => (
          <li key={each.id}>
            <span class="what">
              <strong class="clip" dir="auto">
                {nameOf(each)}
              </strong>
              <span class="soft small">
                {each.caller_number} · {fill(room.waitsSince, { time: since(each.waits_since, now.value) })}
              </span>
            </span>
            <Button size="small" kind="primary" onClick={() => ask(each.id, 'admit')}>
              {room.admit}
            </Button>
            <Button size="small" onClick={() => ask(each.id, 'deny')}>
              {room.deny}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
