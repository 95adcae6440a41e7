// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard (WCAG 2.1.1).
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Problem } from '../../kit/api.ts';
import { Icon } from '../../kit/icons.tsx';
import { wordsOf } from '../act.ts';
import { clockTime, counted, dayTime, number } from '../format.ts';
import { type SoundHappening, soundWords } from '../room/sound-words.ts';
import { request } from '../session.ts';
import { t } from '../words.ts';

interface Message {
  readonly at: string;
  readonly ms: number;
  readonly from: number;
  readonly to: number;
  readonly transport: string;
  readonly label: string;
  readonly status: number | null;
  readonly repeated: boolean;
  readonly text: string;
}
interface Trace {
  readonly call: {
    readonly id: string;
    readonly call_id: string;
    readonly direction: string;
    readonly caller_name: string;
    readonly caller_number: string;
    readonly called_number: string;
    readonly started_at: string;
    readonly ended_at: string | null;
    readonly live: boolean;
  };
  readonly endpoints: readonly { readonly name: string; readonly address: string; readonly ours: boolean }[];
  readonly messages: readonly Message[];
  readonly media: readonly (SoundHappening & { readonly at: string; readonly ms: number })[];
  readonly dropped: number;
}

const LANE = 260;
const STEP = 44;
const TOP = 64;

/** A call from its first message to its last: the ladder, and what happened to its sound. */
export function TracePage({ call }: { readonly call: string }) {
  const { calls } = t.value;
  const trace = useSignal<Trace | undefined>(undefined);
  const error = useSignal<unknown>(undefined);
  const chosen = useSignal<number | undefined>(undefined);
  const base = `/api/calls/${encodeURIComponent(call)}`;
  useEffect(() => {
    request<Trace>('GET', `${base}/trace`).then(
      (found) => {
        trace.value = found;
      },
      (cause: unknown) => {
        error.value = cause;
      },
    );
  }, [base, trace, error]);
  if (error.value !== undefined) {
    const isGone = error.value instanceof Problem && error.value.status === 404;
    return <p class="empty soft">{isGone ? calls.noTrace : wordsOf(error.value)}</p>;
  }
  const found = trace.value;
  if (found === undefined) return <p class="empty soft">{t.value.loading}</p>;
  const about = found.call;
  const shown = chosen.value === undefined ? undefined : found.messages[chosen.value];
  return (
    <>
      <div class="page-head">
        <div class="what">
          <h1 class="clip" dir="auto">
            {about.caller_name || about.caller_number || about.call_id}
          </h1>
          <p class="soft small">
            <bdi dir="ltr">
              {about.caller_number} → {about.called_number || '–'}
            </bdi>{' '}
            · {dayTime(about.started_at)}
            {about.live && (
              <>
                {' '}
                <span class="badge good">{calls.live}</span>
              </>
            )}
          </p>
        </div>
        <div class="bar">
          <a class="button" href={`${base}/trace.pcap`} download title={calls.masked}>
            <Icon name="download" />
            {calls.pcap}
          </a>
        </div>
      </div>
      <p class="soft small">{calls.masked}</p>
      <h2>{calls.messages}</h2>
      {found.dropped > 0 && <p class="notice warn">{counted(calls.dropped, found.dropped)}</p>}
      <div class="ladder-side">
        <Ladder trace={found} chosen={chosen.value} choose={(index) => (chosen.value = index)} />
        {shown !== undefined && (
          <section class="card message" aria-label={calls.message} tabIndex={0}>
            <pre>{shown.text}</pre>
          </section>
        )}
      </div>
      <h2>{calls.media}</h2>
      <ol class="card media-line">
        {found.media.map((each) => (
          <li key={`${each.ms} ${each.type} ${each.text}`} class={/loss|silent|lost/.test(each.type) ? 'bad' : ''}>
            <time class="mono small soft">{clockTime(each.at, true)}</time>
            <span dir="auto">{soundWords(each)}</span>
          </li>
        ))}
      </ol>
    </>
  );
}

interface LadderOptions {
  readonly trace: Trace;
  readonly chosen: number | undefined;
  readonly choose: (index: number) => void;
}

function Ladder({ trace: { endpoints, messages }, chosen, choose }: LadderOptions) {
  const { calls } = t.value;
  const width = Math.max(1, endpoints.length) * LANE;
  const height = TOP + messages.length * STEP + 16;
  const x = (lane: number): number => lane * LANE + LANE / 2;
  return (
    <div class="card ladder">
      <div style={{ width: `${width}px`, height: `${height}px` }}>
        <svg width={width} height={height} aria-hidden="true">
          {endpoints.map((each, lane) => (
            <line key={each.address} x1={x(lane)} x2={x(lane)} y1={TOP - 8} y2={height} class="lane" />
          ))}
          {messages.map((each, index) => {
            const y = TOP + index * STEP + 26;
            const [from, to] = [x(each.from), x(each.to)];
            const tip = to > from ? -7 : 7;
            return (
              <g key={`${each.ms} ${each.label}`} class={each.status !== null && each.status >= 300 ? 'arrow bad' : 'arrow'}>
                <line x1={from} x2={to} y1={y} y2={y} />
                <path d={`M${to} ${y}l${tip} -4v8z`} />
              </g>
            );
          })}
        </svg>
        {endpoints.map((each, lane) => (
          <div key={each.address} class="endpoint" style={{ insetInlineStart: `${lane * LANE}px`, width: `${LANE}px` }}>
            <strong class="clip" dir="auto">
              {each.name}
            </strong>
            <span class="soft small mono clip" dir="auto">
              {each.address}
            </span>
          </div>
        ))}
        <ol aria-label={calls.messages}>
          {messages.map((each, index) => {
            const left = Math.min(x(each.from), x(each.to));
            const style = { top: `${TOP + index * STEP}px`, left: `${left}px`, width: `${Math.abs(x(each.to) - x(each.from))}px` };
            return (
              <li key={`${each.ms} ${each.label} ${each.from}`} style={style}>
                <button type="button" aria-pressed={chosen === index} onClick={() => choose(index)}>
                  <span class="unseen">{`${endpoints[each.from]?.name ?? ''} → ${endpoints[each.to]?.name ?? ''}: `}</span>
                  <span class="clip" dir="auto">
                    {each.label}
                  </span>
                  <span class="soft mono">
                    +{number(each.ms)} ms{each.repeated ? ` · ${calls.repeated}` : ''}
                  </span>
                </button>
              </li>
            );
          })}
        </ol>
      </div>
    </div>
  );
}
