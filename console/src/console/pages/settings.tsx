import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { Button } from '../../kit/button.tsx';
import { SelectField, TextField } from '../../kit/field.tsx';
import { fill, LANGUAGES } from '../../kit/languages.ts';
import { attempt } from '../act.ts';
import type { Document } from '../model.ts';
import type { LiveRoom } from '../room/live-room.ts';
import { go } from '../router.tsx';
import { request } from '../session.ts';
import { t } from '../words.ts';
import { listOf } from './room-dialogs.tsx';

type Kind = 'text' | 'digits' | 'flag' | 'number' | 'language' | 'consent';
type Setting = readonly [name: string, kind: Kind];

const NUMBERS: readonly Setting[] = [
  ['name', 'text'],
  ['conference_numbers', 'digits'],
  ['member.numbers', 'digits'],
  ['member.pins', 'digits'],
  ['moderator.numbers', 'digits'],
  ['moderator.pins', 'digits'],
];
const WHO: readonly Setting[] = [
  ['waiting_room', 'flag'],
  ['wait_for_moderator', 'flag'],
  ['require_moderator', 'flag'],
  ['max_participants', 'number'],
];
const HOW: readonly Setting[] = [
  ['member.join_muted', 'flag'],
  ['member.join_deaf', 'flag'],
  ['play_name', 'flag'],
  ['recording', 'flag'],
  ['recording_notice', 'flag'],
  ['recording_consent', 'consent'],
  ['max_duration', 'number'],
  ['language', 'language'],
];
/** What holds where the document says nothing. */
const DEFAULTS: Readonly<Record<string, boolean>> = { recording_notice: true, 'member.join_muted': true };

/** What a document says under `member.pins`. */
const read = (document: Document, name: string): unknown =>
  name.split('.').reduce<unknown>((at, key) => (at as Document | undefined)?.[key], document);

function shown(document: Document, [name, kind]: Setting): string {
  const value = read(document, name);
  if (kind === 'digits') return Array.isArray(value) ? value.join(', ') : '';
  return value === undefined || value === null ? '' : String(value);
}

/** Recording may say how, too: then it is on where it is automatic. */
function isOn(document: Document, name: string): boolean {
  const value = read(document, name);
  if (typeof value === 'boolean') return value;
  return typeof value === 'object' && value !== null ? (value as Document)['automatic'] === true : (DEFAULTS[name] ?? false);
}

/** What a form says of a setting; undefined: nothing is to change. */
function written(form: FormData, document: Document, [name, kind]: Setting): unknown {
  if (kind === 'flag') {
    const wanted = form.get(name) === 'on';
    if (wanted === isOn(document, name)) return undefined;
    const before = read(document, name);
    return typeof before === 'object' && before !== null ? { automatic: wanted } : wanted;
  }
  const said = String(form.get(name) ?? '').trim();
  if (said === shown(document, [name, kind])) return undefined;
  if (kind === 'digits') return listOf(said);
  if (kind === 'number') return said === '' ? null : Number(said);
  if (kind === 'consent' && said === 'false') return false;
  return said === '' ? null : said;
}

/** A merge patch (RFC 7396) of what was changed. */
export function patchOf(form: FormData, document: Document): Document {
  const patch: Document = {};
  for (const setting of [...NUMBERS, ...WHO, ...HOW]) {
    const value = written(form, document, setting);
    if (value === undefined) continue;
    const [group = '', key] = setting[0].split('.');
    if (key === undefined) patch[group] = value;
    else patch[group] = { ...patch[group], [key]: value };
  }
  return patch;
}

function Fields({
  title,
  settings,
  document,
}: {
  readonly title: string;
  readonly settings: readonly Setting[];
  readonly document: Document;
}) {
  const { fields } = t.value.settings;
  return (
    <fieldset class="card group">
      <legend>{title}</legend>
      {settings.map((setting) => {
        const [name, kind] = setting;
        const [label, hint] = fields[name] ?? [name, ''];
        if (kind === 'flag') {
          return (
            <label key={name} class="check">
              <input type="checkbox" name={name} defaultChecked={isOn(document, name)} />
              <span>
                {label}
                {hint !== '' && <span class="soft small hint">{hint}</span>}
              </span>
            </label>
          );
        }
        const Choice = CHOICES[kind];
        if (Choice !== undefined) return <Choice key={name} label={label} name={name} chosen={shown(document, setting)} />;
        return (
          <TextField
            key={name}
            label={label}
            {...(hint === '' ? {} : { hint })}
            name={name}
            defaultValue={shown(document, setting)}
            {...(kind === 'number' ? { type: 'number', min: 0 } : {})}
            {...(kind === 'digits' ? { inputMode: 'numeric', pattern: '[0-9,; ]*' } : {})}
            {...(name === 'name' ? { required: true, maxLength: 128 } : {})}
            autocomplete="off"
          />
        );
      })}
    </fieldset>
  );
}

interface ChoiceOptions {
  readonly label: string;
  readonly name: string;
  readonly chosen: string;
}

/** What becomes of those who do not agree to be recorded. */
function ConsentField({ label, name, chosen }: ChoiceOptions) {
  const { fields } = t.value.settings;
  return (
    <SelectField label={label} name={name}>
      <option value="">{t.value.invitations.asUsual}</option>
      {['false', 'exclude', 'leave'].map((each) => (
        <option key={each} value={each} selected={each === chosen}>
          {fields[`${name}.${each}`]?.[0]}
        </option>
      ))}
    </SelectField>
  );
}

/** One of the languages of the prompts; another one that is configured stays to be chosen. */
function LanguageField({ label, name, chosen }: ChoiceOptions) {
  const known = Object.entries(LANGUAGES);
  const other = chosen === '' || known.some(([id]) => id === chosen.toLowerCase()) ? [] : [[chosen, chosen] as const];
  return (
    <SelectField label={label} name={name}>
      <option value="">{t.value.invitations.asUsual}</option>
      {[...other, ...known].map(([id, called]) => (
        <option
          key={id}
          value={id === chosen.toLowerCase() ? chosen : id}
          lang={id}
          selected={id === chosen.toLowerCase() || id === chosen}
        >
          {called}
        </option>
      ))}
    </SelectField>
  );
}

const CHOICES: Partial<Record<Kind, typeof LanguageField>> = { language: LanguageField, consent: ConsentField };

/** How a conference is configured. */
export function Settings({ live }: { readonly live: LiveRoom }) {
  const { settings } = t.value;
  const document = live.document.value;
  const isBusy = useSignal(false);
  const isSure = useSignal(false);
  // A form that is being written in is not drawn anew when somebody else changes the document.
  const first = useMemo(() => document, [document !== undefined]);
  if (document === undefined || first === undefined) return <p class="soft">{t.value.loading}</p>;
  const save = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const patch = patchOf(new FormData(event.currentTarget as HTMLFormElement), document);
    if (Object.keys(patch).length === 0) return;
    isBusy.value = true;
    await attempt(() => request('PATCH', `/api/conferences/${live.id}`, { body: { document: patch } }), t.value.saved);
    isBusy.value = false;
  };
  const remove = (): void => {
    if (!isSure.value) isSure.value = true;
    else
      void attempt(() => request('DELETE', `/api/conferences/${live.id}`), t.value.removed).then((done) => {
        if (done !== undefined) go('/', { replace: true });
      });
  };
  return (
    <form class="settings" onSubmit={(event) => void save(event)}>
      <Fields title={settings.groups.numbers} settings={NUMBERS} document={first} />
      <div class="stack">
        <Fields title={settings.groups.who} settings={WHO} document={first} />
        <Fields title={settings.groups.how} settings={HOW} document={first} />
      </div>
      <div class="foot">
        <Button kind={isSure.value ? 'danger' : 'ghost'} icon="trash" onClick={remove}>
          {isSure.value ? fill(settings.dangerSure, { name: live.name.value }) : settings.danger}
        </Button>
        <Button type="submit" kind="primary" icon="check" busy={isBusy.value}>
          {t.value.save}
        </Button>
      </div>
    </form>
  );
}
