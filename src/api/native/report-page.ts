import { dashed, isoMillis } from '../../base/index.ts';
import type { Report, ReportPerson } from '../../conference/index.ts';
import { lossOf, mosOf, type ReportOf } from './report-encode.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** Everything that somebody else has written goes through here. Control characters, and those that turn the direction of text around, are shown as what they are. */
const text = (value: string): string => value.replace(/[&<>"']/g, (each) => ENTITIES[each] ?? '').replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd');

const STYLE = `
:root { color-scheme: light; --ink: #1d2733; --soft: #66727f; --line: #dde3e9; --talk: #2f6f8f; --here: #d8e6ee; --warn: #a8480c; }
* { box-sizing: border-box; }
body { margin: 0; background: #f3f5f7; color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", "Helvetica Neue", sans-serif; }
main { max-width: 60rem; margin: 2rem auto; padding: 2.5rem 3rem; background: #fff; border: 1px solid var(--line); border-radius: 10px; }
header p { margin: 0; color: var(--soft); } h1 { margin: .1rem 0 .2rem; font-size: 1.75rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 2.2rem 0 .7rem; font-size: 1.05rem; }
dl.figures { display: flex; flex-wrap: wrap; gap: .8rem 2.4rem; margin: 1.6rem 0 0; padding: 1.1rem 0; border: solid var(--line); border-width: 1px 0; }
dl.figures div { min-width: 6rem; } dl.figures dt { color: var(--soft); font-size: .8rem; } dl.figures dd { margin: 0; font-size: 1.3rem; font-variant-numeric: tabular-nums; }
table { width: 100%; border-collapse: collapse; } th { color: var(--soft); font-size: .8rem; font-weight: 500; text-align: left; vertical-align: bottom; }
th, td { padding: .45rem .6rem .45rem 0; border-bottom: 1px solid var(--line); } td { vertical-align: top; overflow-wrap: anywhere; } tr { break-inside: avoid; }
.one { white-space: nowrap; } .n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; } small { display: block; color: var(--soft); font-size: .8rem; }
.warn { color: var(--warn); } svg { display: block; width: 100%; height: 14px; } .plain { color: var(--soft); }
.when td { border: 0; padding-block: .2rem; } .when td:first-child { width: 12rem; } a { color: var(--talk); }
footer { margin-top: 2.5rem; color: var(--soft); font-size: .8rem; }
@media (max-width: 45rem) { main { margin: 0; padding: 1.2rem; border: 0; border-radius: 0; } .scroll { overflow-x: auto; } }
@media print { @page { margin: 16mm; } body { background: #fff; font-size: 10pt; } main { margin: 0; padding: 0; border: 0; max-width: none; } a { color: inherit; text-decoration: none; } * { print-color-adjust: exact; } }
`;

const two = (value: number): string => String(value).padStart(2, '0');

/** `1:02:03`, `4:05`. */
function span(ms: number | undefined): string {
  if (ms === undefined) return '–';
  const all = Math.round(ms / 1000);
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

const day = (epoch: number): string => isoMillis(epoch).slice(0, 10);
const clock = (epoch: number | undefined): string => (epoch === undefined ? '–' : isoMillis(epoch).slice(11, 19));
const percent = (share: number | undefined): string => (share === undefined ? '–' : `${(100 * share).toFixed(1)} %`);

const nameOf = ({ participant: { call, number } }: ReportPerson): string => call.callerName || call.callerNumber || `participant ${number}`;

const figure = (name: string, value: string): string => `<div><dt>${name}</dt><dd>${value}</dd></div>`;

function figures({ startedAt, endedAt, most, talk, people }: Report): string {
  const length = startedAt === undefined || endedAt === undefined ? undefined : endedAt - startedAt;
  const share = (ms: number | undefined): string =>
    ms === undefined || talk === undefined ? '–' : `${span(ms)} <small>${percent(ms / Math.max(1, talk.talkMs + talk.silenceMs))}</small>`;
  return `<dl class="figures">${[
    figure('Length', span(length)),
    figure('People', `${people.filter(({ participant }) => participant.call.stream === undefined).length}`),
    figure('At most at once', `${most}`),
    figure('Somebody talked', share(talk?.talkMs)),
    figure('Two or more at once', share(talk?.overlapMs)),
    figure('Silence', share(talk?.silenceMs)),
  ].join('')}</dl>`;
}

/** When everybody was there, on one scale. */
function presence({ startedAt, endedAt, people }: Report): string {
  const from = startedAt ?? Math.min(...people.map(({ joinedAt }) => joinedAt));
  const to = endedAt ?? Math.max(...people.map(({ leftAt, joinedAt }) => leftAt ?? joinedAt + 1));
  const scale = 1000 / Math.max(1, to - from);
  const at = (epoch: number): number => Math.round(Math.min(1000, Math.max(0, (epoch - from) * scale)));
  const rows = people.map((each) => {
    const [x, end] = [at(each.joinedAt), at(each.leftAt ?? to)];
    const bar = `<rect x="${x}" y="2" width="${Math.max(3, end - x)}" height="10" rx="2" fill="#8fb6c9"/>`;
    const label = `from ${clock(each.joinedAt)} to ${clock(each.leftAt)}`;
    return `<tr><td>${text(nameOf(each))}</td><td><svg viewBox="0 0 1000 14" preserveAspectRatio="none" role="img" aria-label="${label}"><rect y="6" width="1000" height="2" fill="#edf1f4"/>${bar}</svg></td></tr>`;
  });
  return `<h2>Who was there when</h2><table class="when">${rows.join('')}<tr class="plain"><td></td><td><small>${clock(from)} to ${clock(to)} UTC</small></td></tr></table>`;
}

/** What he said to being recorded. */
function consentWords({ consent }: ReportPerson['participant']): string {
  if (consent === undefined) return '';
  return { asked: 'did not say whether he may be recorded', given: 'agreed to be recorded', refused: 'did not agree to be recorded' }[
    consent.state
  ];
}

function remarks({ lateMs, silent, participant, reason, mutedMs }: ReportPerson): string {
  const all = [
    participant.call.stream === undefined ? '' : 'a program',
    participant.role === 'moderator' ? 'moderator' : '',
    lateMs === undefined ? '' : `<span class="warn">${span(lateMs)} late</span>`,
    mutedMs >= 1000 ? `muted for ${span(mutedMs)}` : '',
    silent === undefined ? '' : `<span class="warn">never heard: ${text(silent)}</span>`,
    consentWords(participant),
    reason === undefined || reason === 'hung-up' ? '' : `<span class="warn">${text(reason.replaceAll('-', ' '))}</span>`,
  ].filter((each) => each !== '');
  return all.length === 0 ? '' : `<small>${all.join(' · ')}</small>`;
}

function row(each: ReportPerson, most: number): string {
  const { talk, codec, participant } = each;
  const mos = mosOf(each);
  const loss = lossOf(each);
  const width = Math.round((1000 * (talk?.talkMs ?? 0)) / Math.max(1, most));
  const bar = `<svg viewBox="0 0 1000 14" preserveAspectRatio="none" aria-hidden="true"><rect y="4" width="1000" height="6" rx="2" fill="#edf1f4"/><rect y="4" width="${width}" height="6" rx="2" fill="#2f6f8f"/></svg>`;
  const number = participant.call.callerName === '' ? '' : `<small>${text(participant.call.callerNumber)}</small>`;
  return `<tr><td>${text(nameOf(each))}${number}${remarks(each)}</td><td class="n">${clock(each.joinedAt)}<small>${clock(each.leftAt)}</small></td>
<td class="n">${span(talk?.talkMs)}${bar}</td><td class="n">${span(talk?.overlapMs)}</td><td class="n">${talk?.turns ?? '–'}</td>
<td class="one">${codec === undefined ? '–' : text(codec)}</td><td class="n${loss !== undefined && loss > 0.02 ? ' warn' : ''}">${percent(loss)}</td><td class="n${mos !== undefined && mos < 3.5 ? ' warn' : ''}">${mos === undefined ? '–' : mos.toFixed(1)}</td></tr>`;
}

function people(report: Report): string {
  if (report.people.length === 0) return '<p class="plain">Nobody came in.</p>';
  const most = Math.max(...report.people.map(({ talk }) => talk?.talkMs ?? 0));
  return `${presence(report)}<h2>Participants</h2><div class="scroll"><table><thead><tr><th scope="col">Name</th><th scope="col" class="n">In, out</th><th scope="col" class="n">Talked</th><th scope="col" class="n">At once with others</th><th scope="col" class="n">Turns</th><th scope="col">Codec</th><th scope="col" class="n">Lost</th><th scope="col" class="n">MOS</th></tr></thead>
<tbody>${report.people.map((each) => row(each, most)).join('\n')}</tbody></table></div>`;
}

function papers({ recordings, transcriptions }: Report, { account, conference }: ReportOf): string {
  const rows = [
    ...recordings.map(
      ({ id, name, startedAt, seconds }) =>
        `<li><a href="/api/recordings/${dashed(id)}?account=${text(account)}">Recording${name === undefined ? '' : ` “${text(name)}”`}</a>, from ${clock(startedAt)}${seconds === undefined ? '' : `, ${span(seconds * 1000)} long`}</li>`,
    ),
    ...transcriptions.map(
      ({ language, startedAt, utterances }) =>
        `<li><a href="/api/conferences/${text(conference)}/transcripts?account=${text(account)}">Transcript</a> in ${text(language)}, from ${clock(startedAt)}, ${utterances} entries</li>`,
    ),
  ];
  return rows.length === 0 ? '' : `<h2>Recordings and transcripts</h2><ul>${rows.join('')}</ul>`;
}

const refusedCalls = ({ refused }: Report): string =>
  refused.length === 0
    ? ''
    : `<h2>Calls that were not taken</h2><ul>${refused.map(({ code, count }) => `<li>${count} × ${text(code.replaceAll('_', ' '))}</li>`).join('')}</ul>`;

/** A report as a page that can be printed: no script, nothing from elsewhere, times in UTC. */
export function reportPage(report: Report, of: ReportOf): string {
  const { startedAt, endedAt, isPartial, instance } = report;
  const title = of.name === '' ? 'Conference' : of.name;
  const when =
    startedAt === undefined
      ? ''
      : `${day(startedAt)}, ${clock(startedAt)}${endedAt === undefined ? ' UTC, and it goes on' : ` – ${clock(endedAt)} UTC`}`;
  const partial = isPartial ? '<p class="warn">The beginning of this run is kept no longer; what is told here is not all of it.</p>' : '';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${text(title)} – report</title><style>${STYLE}</style></head>
<body><main><header><p>Conference report</p><h1>${text(title)}</h1><p>${when}</p></header>${partial}
${figures(report)}
${people(report)}
${papers(report, of)}
${refusedCalls(report)}
<footer>Conference ${text(of.conference)}, run ${text(instance)}. Talk is what the server heard of people who were not muted; MOS is estimated from packets (E-model, 1 to 4.5).</footer>
</main></body></html>
`;
}
