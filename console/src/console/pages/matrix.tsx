// biome-ignore-all lint/a11y/useSemanticElements: a table cannot be drawn in part, as one of a thousand people must be.
// biome-ignore-all lint/a11y/useFocusableInteractive: of a grid one cell is focused, and the arrows go on from there (WAI-ARIA).
import { type Signal, useComputed, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { SearchField } from '../../kit/field.tsx';
import { fill } from '../../kit/languages.ts';
import { announce } from '../../kit/toasts.tsx';
import { attempt } from '../act.ts';
import { nameOf, type Person } from '../model.ts';
import { windowOf } from '../parts/window.ts';
import { type Hearing, hearing, type Rules, rulesOf, turn } from '../room/hearing.ts';
import type { LiveRoom } from '../room/live-room.ts';
import { request } from '../session.ts';
import { t } from '../words.ts';

const CELL = 38;
/** Of the first column and the first row, px. */
const SIDE = 150;
const TOP = 120;
const LEGEND: readonly Hearing[] = ['hears', 'apart', 'muted', 'deaf', 'coach', 'coached'];

interface Spot {
  readonly row: number;
  readonly column: number;
}

const STEPS: Readonly<Record<string, Spot>> = {
  ArrowUp: { row: -1, column: 0 },
  ArrowDown: { row: 1, column: 0 },
  ArrowLeft: { row: 0, column: -1 },
  ArrowRight: { row: 0, column: 1 },
  PageUp: { row: -10, column: 0 },
  PageDown: { row: 10, column: 0 },
  Home: { row: 0, column: -100_000 },
  End: { row: 0, column: 100_000 },
};

/** Where to scroll so that a cell can be seen. */
const shifted = (scrolled: number, at: number, room: number): number => Math.max(Math.min(scrolled, at), at + CELL - room);

const within = (value: number, count: number): number => Math.max(0, Math.min(count - 1, value));

/** Who hears whom, to click: only what can be seen is drawn, however many there are. */
export function Matrix({ live }: { readonly live: LiveRoom }) {
  const { matrix } = t.value;
  const text = useSignal('');
  const people = useComputed(() => {
    const sought = text.value.trim().toLowerCase();
    return live.order.value.flatMap((id) => {
      const each = live.person(id)?.value;
      if (each === undefined) return [];
      return sought === '' || `${each.caller_name} ${each.caller_number}`.toLowerCase().includes(sought) ? [each] : [];
    });
  });
  const rules = useComputed(() => rulesOf(live.room.value, live.document.value?.wait_for_moderator === true));
  if (live.order.value.length < 2) return <p class="empty soft">{matrix.empty}</p>;
  return (
    <>
      <p class="soft intro">{matrix.intro}</p>
      <div class="filters">
        <SearchField label={t.value.search} hint={t.value.room.searchPeople} text={text} />
        <ul class="legend small" aria-label={matrix.legend}>
          {LEGEND.map((each) => (
            <li key={each}>
              <span class={`sample ${each}`} aria-hidden="true" />
              {matrix.legends[each]}
            </li>
          ))}
        </ul>
      </div>
      <Grid live={live} people={people.value} rules={rules.value} />
    </>
  );
}

interface GridOptions {
  readonly live: LiveRoom;
  readonly people: readonly Person[];
  readonly rules: Rules;
}

/** Which cells can be seen of a grid of so many, and how to be there with the arrow keys. */
function useCells(count: number) {
  const box = useRef<HTMLDivElement>(null);
  const rows = useSignal(windowOf(0, 900, { row: CELL, count }));
  const columns = useSignal(windowOf(0, 1200, { row: CELL, count }));
  const here = useSignal<Spot>({ row: 0, column: Math.min(1, count - 1) });
  const look = (): void => {
    const element = box.current;
    if (element === null) return;
    const down = windowOf(element.scrollTop, element.clientHeight - TOP, { row: CELL, count });
    const right = windowOf(Math.abs(element.scrollLeft), element.clientWidth - SIDE, { row: CELL, count });
    if (down.first !== rows.peek().first || down.end !== rows.peek().end) rows.value = down;
    if (right.first !== columns.peek().first || right.end !== columns.peek().end) columns.value = right;
  };
  useEffect(() => {
    look();
    const watch = new ResizeObserver(look);
    if (box.current !== null) watch.observe(box.current);
    return () => watch.disconnect();
  });
  const press = (event: KeyboardEvent): void => {
    const by = STEPS[event.key];
    const element = box.current;
    if (by === undefined || element === null) return;
    event.preventDefault();
    const next = { row: within(here.value.row + by.row, count), column: within(here.value.column + by.column, count) };
    here.value = next;
    element.scrollTop = shifted(element.scrollTop, next.row * CELL, element.clientHeight - TOP);
    element.scrollLeft = shifted(element.scrollLeft, next.column * CELL, element.clientWidth - SIDE);
    // The cell may have to be drawn first.
    const focus = (): void => element.querySelector<HTMLElement>('[tabindex="0"]')?.focus({ preventScroll: true });
    requestAnimationFrame(() => requestAnimationFrame(focus));
  };
  return { box, rows: rows.value, columns: columns.value, here, look, press };
}

function Grid({ live, people, rules }: GridOptions) {
  const { matrix } = t.value;
  const count = people.length;
  const { box, rows, columns, here, look, press } = useCells(count);
  const flip = async ({ row, column }: Spot): Promise<void> => {
    const [listener, speaker] = [people[row], people[column]];
    if (listener === undefined || speaker === undefined || listener === speaker) return;
    const asked = turn(live.room.value.relationships, listener.id, speaker.id);
    await attempt(async () => {
      for (const body of asked) await request('PUT', `/api/conferences/${live.id}/relationships`, { body });
    });
    const how = asked[0]?.relationship === 'deaf' ? 'apart' : 'hears';
    announce(fill(matrix.cell, { listener: nameOf(listener), speaker: nameOf(speaker), how: matrix.how[how] ?? '' }));
  };
  const speakers = people.slice(columns.first, columns.end);
  return (
    <div class="matrix card" ref={box} onScroll={look}>
      <div
        role="grid"
        aria-label={matrix.title}
        aria-rowcount={count + 1}
        aria-colcount={count + 1}
        onKeyDown={press}
        style={{ width: `${SIDE + count * CELL}px`, height: `${TOP + count * CELL}px` }}
      >
        <Speakers speakers={speakers} first={columns.first} />
        {people.slice(rows.first, rows.end).map((listener, down) => {
          const row = rows.first + down;
          const each = { listener, speakers, row, first: columns.first, rules, here, flip };
          return <Row key={listener.id} {...each} />;
        })}
      </div>
    </div>
  );
}

/** The names above. */
function Speakers({ speakers, first }: { readonly speakers: readonly Person[]; readonly first: number }) {
  const { matrix } = t.value;
  return (
    <div role="row" class="names" aria-rowindex={1} style={{ height: `${TOP}px` }}>
      <span role="columnheader" class="corner small soft" aria-colindex={1} style={{ width: `${SIDE}px` }}>
        <span class="along">{matrix.speaker}</span>
        <span>{matrix.listener} ↓</span>
      </span>
      {speakers.map((each, index) => (
        <span
          key={each.id}
          role="columnheader"
          class={each.talking === true ? 'head talking' : 'head'}
          aria-colindex={first + index + 2}
          style={{ insetInlineStart: `${SIDE + (first + index) * CELL}px` }}
        >
          <span class="clip" dir="auto">
            {nameOf(each)}
          </span>
        </span>
      ))}
    </div>
  );
}

interface RowOptions {
  readonly listener: Person;
  readonly speakers: readonly Person[];
  readonly row: number;
  /** The column of the first of these speakers. */
  readonly first: number;
  readonly rules: Rules;
  readonly here: Signal<Spot>;
  readonly flip: (spot: Spot) => Promise<void>;
}

/** Whom one hears. */
function Row({ listener, speakers, row, first, rules, here, flip }: RowOptions) {
  const { matrix } = t.value;
  return (
    <div role="row" aria-rowindex={row + 2} class="line" style={{ top: `${TOP + row * CELL}px` }}>
      <span role="rowheader" class="head" aria-colindex={1} style={{ width: `${SIDE}px` }}>
        <span class="clip" dir="auto">
          {nameOf(listener)}
        </span>
      </span>
      {speakers.map((speaker, right) => {
        const column = first + right;
        const how = hearing(listener, speaker, rules);
        const label = fill(matrix.cell, { listener: nameOf(listener), speaker: nameOf(speaker), how: matrix.how[how] ?? '' });
        const isHere = here.value.row === row && here.value.column === column;
        return (
          <button
            type="button"
            role="gridcell"
            key={speaker.id}
            class={`cell ${how}`}
            aria-colindex={column + 2}
            aria-label={label}
            title={label}
            tabIndex={isHere ? 0 : -1}
            aria-disabled={how === 'self'}
            style={{ insetInlineStart: `${SIDE + column * CELL}px` }}
            onFocus={() => {
              here.value = { row, column };
            }}
            onClick={() => void flip({ row, column })}
          >
            <span aria-hidden="true" />
          </button>
        );
      })}
    </div>
  );
}
