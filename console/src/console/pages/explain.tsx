import { useSignal } from '@preact/signals';
import { Button } from '../../kit/button.tsx';
import { Icon } from '../../kit/icons.tsx';
import { fill } from '../../kit/languages.ts';
import { attempt } from '../act.ts';
import { clockTime, counted, number } from '../format.ts';
import { Values } from '../parts/values.tsx';
import { request } from '../session.ts';
import { t } from '../words.ts';

interface Somebody {
  readonly id: string;
  readonly name: string;
}
interface Finding {
  readonly code: string;
  readonly severity: 'cause' | 'warning' | 'hint' | 'fine';
  readonly direction: string;
  readonly text: string;
  readonly advice: string;
  readonly others?: readonly Somebody[];
}
interface Flow {
  readonly packets: number;
  readonly packets_per_second: number | null;
}
interface Address {
  readonly address: string;
  readonly port: number;
}
interface Explanation {
  readonly at: string;
  readonly summary: string;
  readonly heard_by: readonly Somebody[];
  readonly hears_whom: readonly Somebody[];
  readonly findings: readonly Finding[];
  readonly media: {
    readonly codec: string | null;
    readonly direction: string | null;
    readonly encrypted: boolean;
    readonly local: Address | null;
    readonly remote: Address | null;
    readonly rtp_in: Flow | null;
    readonly rtp_out: Flow | null;
    readonly last_packet_ms_ago: number | null;
    readonly last_sound_ms_ago: number | null;
    readonly last_renegotiation: string | null;
  } | null;
}

const KINDS = { cause: 'bad', warning: 'warn', hint: '', fine: 'good' } as const;
const ICONS = { cause: 'warning', warning: 'warning', hint: 'info', fine: 'check' } as const;

/** A finding in the language shown; undefined: only the server's own words tell it. */
function translated({ code, direction, others = [] }: Finding): string | undefined {
  const { findings } = t.value.person;
  const text = findings[`${code}.${direction}`] ?? findings[code];
  return text === undefined ? undefined : fill(text, { names: names(others) });
}

/** Why somebody is not heard, or hears nobody: asked for, and told in words. */
export function Explain({ conference, participant }: { readonly conference: string; readonly participant: string }) {
  const { person } = t.value;
  const told = useSignal<Explanation | undefined>(undefined);
  const isBusy = useSignal(false);
  const look = async (): Promise<void> => {
    isBusy.value = true;
    const path = `/api/conferences/${conference}/participants/${participant}/explain`;
    told.value = (await attempt(() => request<Explanation>('GET', path))) ?? told.value;
    isBusy.value = false;
  };
  const found = told.value;
  return (
    <section class="explain">
      <Button icon="search" kind="primary" busy={isBusy.value} onClick={() => void look()}>
        {found === undefined ? person.explain : person.again}
      </Button>
      {found === undefined ? (
        <p class="soft small">{person.explainHint}</p>
      ) : (
        <div class="found" role="status">
          <h3>{(found.findings[0] && translated(found.findings[0])) ?? found.summary}</h3>
          <ul>
            {found.findings.map((each) => (
              <li key={each.code + each.text} class={`notice ${KINDS[each.severity]}`}>
                <Icon name={ICONS[each.severity]} />
                <span>
                  <span class="says">{translated(each) ?? each.text}</span>
                  <Advice finding={each} />
                </span>
              </li>
            ))}
          </ul>
          <Media found={found} />
        </div>
      )}
    </section>
  );
}

/** What to do about it. Where the finding is told in another language, the server's own words come with it: they have the figures. */
function Advice({ finding: { text, advice }, finding }: { readonly finding: Finding }) {
  const said = translated(finding) === undefined ? advice : [text, advice].filter(Boolean).join('; ');
  if (said === '') return null;
  return (
    <span class="advice small" lang="en" dir="ltr">
      {said}
    </span>
  );
}

const names = (all: readonly Somebody[]): string =>
  all.length === 0
    ? t.value.person.nobody
    : all
        .slice(0, 12)
        .map(({ name }) => name)
        .join(', ') + (all.length > 12 ? ' …' : '');
const place = (address: Address | null): string => (address === null ? '–' : `${address.address}:${address.port}`);
const flow = (each: Flow | null): string =>
  each === null ? '–' : counted(t.value.person.rate, each.packets, { rate: number(each.packets_per_second ?? 0) });
const ago = (ms: number | null): string => (ms === null ? '–' : fill(t.value.person.ago, { seconds: number(ms / 1000, 1) }));

function Media({ found }: { readonly found: Explanation }) {
  const { facts, codec, heardBy, hearsWhom } = t.value.person;
  const { media } = found;
  return (
    <>
      <p class="small">{fill(heardBy, { names: names(found.heard_by) })}</p>
      <p class="small">{fill(hearsWhom, { names: names(found.hears_whom) })}</p>
      {media !== null && (
        <Values
          rows={[
            [codec, media.codec ?? '–'],
            [facts.direction, media.direction ?? '–'],
            [facts.in, flow(media.rtp_in)],
            [facts.out, flow(media.rtp_out)],
            [facts.far, place(media.remote)],
            [facts.ours, place(media.local)],
            [facts.encrypted, media.encrypted ? t.value.yes : t.value.no],
            [facts.lastPacket, ago(media.last_packet_ms_ago)],
            [facts.lastSound, ago(media.last_sound_ms_ago)],
            [facts.renegotiated, media.last_renegotiation === null ? '–' : clockTime(media.last_renegotiation, true)],
          ]}
        />
      )}
    </>
  );
}
