import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { Avatar } from '../../kit/avatar.tsx';
import { Button } from '../../kit/button.tsx';
import { SelectField } from '../../kit/field.tsx';
import { Icon } from '../../kit/icons.tsx';
import { fill } from '../../kit/languages.ts';
import { clockTime, counted, dayTime } from '../format.ts';
import { type Event, nameOf } from '../model.ts';
import { now } from '../now.ts';
import { VirtualList } from '../parts/virtual.tsx';
import { factWords, namesIn } from '../room/fact-words.ts';
import type { LiveRoom } from '../room/live-room.ts';
import { Past, type Then } from '../room/past.ts';
import { type Run, runsOf } from '../room/runs.ts';
import { t } from '../words.ts';
import { reasonsOf } from './person-row.tsx';

const ROW = 40;

/** What happened, and the room at any moment of it. */
export function Timeline({ live }: { readonly live: LiveRoom }) {
  const { timeline } = t.value;
  const past = useMemo(() => new Past(live.id), [live]);
  const events = live.events.value;
  useEffect(() => past.add([...events].reverse()), [events, past, past.isLoading.value]);
  const runs = useComputed(() => runsOf(past.facts.value));
  const chosen = useSignal<string | undefined>(undefined);
  const run = runs.value.find((each) => each.instance === chosen.value) ?? runs.value[0];
  const names = useComputed(() => namesIn(past.facts.value));
  const shown = useComputed(() => {
    const instance = run?.instance;
    return past.facts.value.filter((each) => each.instance === undefined || each.instance === instance).reverse();
  });
  if (past.facts.value.length === 0) return <p class="empty soft">{past.isLoading.value ? t.value.loading : timeline.empty}</p>;
  const here = past.was.value?.sequence;
  return (
    <div class="timeline">
      {runs.value.length > 1 && (
        <SelectField
          label={timeline.run}
          value={run?.instance ?? ''}
          onChange={({ currentTarget }) => {
            chosen.value = currentTarget.value;
            past.leave();
          }}
        >
          {runs.value.map(({ instance, from, to }) => (
            <option key={instance} value={instance}>
              {dayTime(from)} – {to === undefined ? timeline.live : clockTime(to)}
            </option>
          ))}
        </SelectField>
      )}
      {run !== undefined && <Scrubber past={past} run={run} />}
      {past.was.value !== undefined && <RoomThen then={past.was.value} />}
      <h2>{timeline.title}</h2>
      <div class="card rows facts-list">
        <VirtualList
          items={shown.value}
          keyOf={(each) => String(each.sequence)}
          row={ROW}
          label={timeline.title}
          draw={(each) => (
            <button
              type="button"
              class="fact"
              aria-pressed={here !== undefined && each.sequence === here}
              onClick={() => void past.lookAt(String(each.sequence))}
            >
              <time class="mono small soft">{clockTime(each.at, true)}</time>
              <Icon name={iconOf(each)} class="faint" />
              <span class="clip">{factWords(each, names.value)}</span>
            </button>
          )}
        />
      </div>
      {past.isForgotten.value && <p class="soft small">{timeline.forgotten}</p>}
    </div>
  );
}

function iconOf({ type }: Event) {
  if (type === 'participant.left') return 'leave';
  if (type.startsWith('recording')) return 'record';
  if (type.startsWith('transcript') || type.startsWith('transcription')) return 'captions';
  if (type.includes('mute')) return 'mic-off';
  if (type.includes('lock')) return 'lock';
  if (type.startsWith('play')) return 'speaker';
  if (type.includes('hand')) return 'hand';
  return type.startsWith('participant') || type.startsWith('waiting') ? 'person' : 'info';
}

/** A slider over one run; the marks are people who came and went. */
function Scrubber({ past, run }: { readonly past: Past; readonly run: Run }) {
  const { timeline } = t.value;
  const end = run.to ?? now.value;
  const length = Math.max(1000, end - run.from);
  const then = past.was.value;
  const dragged = useSignal<number | undefined>(undefined);
  const at = dragged.value ?? (then?.at == null ? end : Date.parse(then.at));
  const facts = past.facts.value;
  const marks = useMemo(
    () =>
      facts
        .filter((each) => each.instance === run.instance && /^participant\.(joined|left)$/.test(each.type))
        .slice(0, 400)
        .map((each) => ({
          type: each.type,
          part: Math.min(1, Math.max(0, (Date.parse(each.at) - run.from) / length)),
          key: each.sequence,
        })),
    [facts, run, length],
  );
  const move = (to: number): void => {
    dragged.value = to;
    void past.lookAt(to).then(() => {
      if (dragged.value === to) dragged.value = undefined;
    });
  };
  const step = (by: 1 | -1): void => {
    const own = facts.filter((each) => each.instance === run.instance);
    const here = then?.sequence ?? own.at(-1)?.sequence ?? 0;
    const found = by === 1 ? own.find((each) => (each.sequence ?? 0) > here) : own.findLast((each) => (each.sequence ?? 0) < here);
    if (found !== undefined) void past.lookAt(String(found.sequence));
  };
  return (
    <div class="card scrubber">
      <div class="track">
        <div class="marks" aria-hidden="true">
          {marks.map(({ type, part, key }) => (
            <span key={key} class={type === 'participant.joined' ? 'in' : 'out'} style={{ insetInlineStart: `${100 * part}%` }} />
          ))}
        </div>
        <input
          type="range"
          aria-label={timeline.scrub}
          min={run.from}
          max={run.from + length}
          step={Math.max(100, Math.round(length / 1000))}
          value={at}
          aria-valuetext={clockTime(at, true)}
          onInput={({ currentTarget }) => move(Number(currentTarget.value))}
        />
      </div>
      <div class="hands">
        <Button size="small" icon="back" bare onClick={() => step(-1)}>
          {timeline.previous}
        </Button>
        <Button size="small" icon="chevron-right" bare onClick={() => step(1)}>
          {timeline.next}
        </Button>
        <output class="mono">{then === undefined && dragged.value === undefined ? timeline.now : clockTime(at, true)}</output>
        <span class="soft small">
          {clockTime(run.from, true)} – {run.to === undefined ? timeline.now : clockTime(run.to, true)}
        </span>
        {then !== undefined && (
          <Button size="small" onClick={() => past.leave()}>
            {timeline.now}
          </Button>
        )}
      </div>
    </div>
  );
}

/** How the room was. */
function RoomThen({ then }: { readonly then: Then }) {
  const { timeline, room, person } = t.value;
  return (
    <section class="card then" aria-live="polite">
      <h2>{fill(timeline.roomAt, { time: then.at === null ? '–' : clockTime(then.at, true) })}</h2>
      <p class="badges">
        {then.locked && (
          <span class="badge">
            <Icon name="lock" />
            {timeline.was.locked}
          </span>
        )}
        {then.recording !== null && (
          <span class="badge bad">
            <Icon name="record" />
            {timeline.was.recording}
          </span>
        )}
        {then.relationships.length > 0 && <span class="badge">{counted(timeline.was.apart, then.relationships.length)}</span>}
        {then.waiting.length > 0 && (
          <span class="badge warn">{`${room.waiting}: ${then.waiting.slice(0, 10).map(nameOf).join(', ')}`}</span>
        )}
      </p>
      {then.participants.length === 0 ? (
        <p class="soft">{timeline.emptyThen}</p>
      ) : (
        <ul class="crowd">
          {then.participants.slice(0, 200).map((each) => (
            <li key={each.id}>
              <Avatar name={nameOf(each)} />
              <span class="what">
                <strong class="clip" dir="auto">
                  {nameOf(each)}
                </strong>
                <span class="soft small clip" dir="auto">
                  {[
                    each.role === 'moderator' ? person.roles.moderator : undefined,
                    each.mute_reasons.length > 0 ? fill(person.mutedBy, { reasons: reasonsOf(each) }) : undefined,
                    each.deaf ? person.deaf : undefined,
                    each.hand_raised_at === undefined ? undefined : person.hand,
                  ]
                    .filter(Boolean)
                    .join(' · ') || each.caller_number}
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
      {then.participants.length > 200 && <p class="soft small">{fill(room.countShown, { shown: 200, all: then.participants.length })}</p>}
    </section>
  );
}
