// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard (WCAG 2.1.1).
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Button } from '../../kit/button.tsx';
import { Icon } from '../../kit/icons.tsx';
import { fill } from '../../kit/languages.ts';
import { wordsOf } from '../act.ts';
import { clockTime, dayTime, duration, number } from '../format.ts';
import type { KeptRecording } from '../model.ts';
import { usePages } from '../parts/pages.ts';
import { request } from '../session.ts';
import { t } from '../words.ts';
import { RecordingList } from './recordings.tsx';

interface Run {
  readonly instance: string;
  readonly started_at: string | null;
  readonly url: string;
}
interface ReportPerson {
  readonly id: string;
  readonly number: number;
  readonly caller_name: string;
  readonly caller_number: string;
  readonly joined_at: string;
  readonly left_at: string | null;
  readonly talk_seconds: number | null;
  readonly late_seconds: number;
  readonly codec: string | null;
  readonly loss: number | null;
  readonly quality: { readonly mosCq?: number | null } | null;
}
interface Report {
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly seconds: number | null;
  readonly most_people: number;
  readonly talk_seconds: number | null;
  readonly overlap_seconds: number | null;
  readonly silence_seconds: number | null;
  readonly participants: readonly ReportPerson[];
}

/** What was recorded, and how each run of the room was. */
export function History({ conference }: { readonly conference: string }) {
  const pages = usePages<KeptRecording>('/api/recordings', { conference, limit: 20 });
  const runs = useSignal<readonly Run[] | undefined>(undefined);
  const error = useSignal<unknown>(undefined);
  const most = useSignal(10);
  useEffect(() => {
    request<{ items: readonly Run[] }>('GET', `/api/conferences/${conference}/reports`).then(
      ({ items }) => {
        runs.value = items;
      },
      (cause: unknown) => {
        error.value = cause;
      },
    );
  }, [conference, runs, error]);
  const { recordings, history } = t.value;
  return (
    <div class="stack">
      <h2>{recordings.title}</h2>
      <RecordingList pages={pages} />
      <h2>{history.reports}</h2>
      {error.value !== undefined && <p class="notice bad">{wordsOf(error.value)}</p>}
      {runs.value?.length === 0 && <p class="soft">{history.noReports}</p>}
      {runs.value?.slice(0, most.value).map((run) => (
        <Card key={run.instance} run={run} />
      ))}
      {(runs.value?.length ?? 0) > most.value && <Button onClick={() => (most.value += 10)}>{t.value.more}</Button>}
    </div>
  );
}

function Card({ run }: { readonly run: Run }) {
  const { history } = t.value;
  const report = useSignal<Report | undefined>(undefined);
  const isOpen = useSignal(false);
  const error = useSignal<unknown>(undefined);
  useEffect(() => {
    if (!isOpen.value || report.value !== undefined) return;
    request<Report>('GET', run.url, { query: { format: 'json' } }).then(
      (found) => {
        report.value = found;
      },
      (cause: unknown) => {
        error.value = cause;
      },
    );
  }, [isOpen.value, run.url, report, error, isOpen]);
  return (
    <details class="card report" onToggle={({ currentTarget }) => (isOpen.value = currentTarget.open)}>
      <summary>
        <Icon name="chevron-right" />
        <strong>{run.started_at === null ? '–' : dayTime(run.started_at)}</strong>
      </summary>
      {error.value !== undefined && <p class="notice bad">{wordsOf(error.value)}</p>}
      {report.value !== undefined && (
        <>
          <Figures report={report.value} />
          <a href={`${run.url}?format=html`} target="_blank" rel="noreferrer" class="small">
            {history.print}
          </a>
        </>
      )}
    </details>
  );
}

function Figures({ report }: { readonly report: Report }) {
  const { history, person } = t.value;
  const whole = (report.talk_seconds ?? 0) + (report.silence_seconds ?? 0);
  const part = (seconds: number | null): string => (seconds === null || whole === 0 ? '–' : number((100 * seconds) / whole));
  const most = Math.max(1, ...report.participants.map(({ talk_seconds: talk }) => talk ?? 0));
  return (
    <>
      <p class="badges">
        <span class="badge">{duration(report.seconds ?? 0)}</span>
        <span class="badge">{fill(history.people, { count: report.most_people })}</span>
        <span class="badge good">{fill(history.talk, { percent: part(report.talk_seconds) })}</span>
        <span class="badge">{fill(history.silence, { percent: part(report.silence_seconds) })}</span>
        <span class="badge warn">{fill(history.overlap, { percent: part(report.overlap_seconds) })}</span>
      </p>
      <section class="wide-table" tabIndex={0} aria-label={history.reports}>
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{person.name}</th>
              <th scope="col">{history.came}</th>
              <th scope="col">{history.share}</th>
              <th scope="col">{person.codec}</th>
              <th scope="col">{person.loss}</th>
              <th scope="col">{person.mos}</th>
            </tr>
          </thead>
          <tbody>
            {report.participants.slice(0, 500).map((each) => (
              <tr key={each.id}>
                <th scope="row">{each.caller_name || each.caller_number || `#${each.number}`}</th>
                <td>
                  {clockTime(each.joined_at)} – {each.left_at === null ? '' : clockTime(each.left_at)}
                  {each.late_seconds > 0 && <span class="soft small"> {fill(history.late, { time: duration(each.late_seconds) })}</span>}
                </td>
                <td>
                  <span class="share" aria-hidden="true">
                    <span style={{ transform: `scaleX(${(each.talk_seconds ?? 0) / most})` }} />
                  </span>
                  {duration(each.talk_seconds ?? 0)}
                </td>
                <td class="mono">{each.codec ?? '–'}</td>
                <td>{each.loss === null ? '–' : `${number(100 * each.loss, 1)} %`}</td>
                <td>{each.quality?.mosCq == null ? '–' : number(each.quality.mosCq, 1)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}
