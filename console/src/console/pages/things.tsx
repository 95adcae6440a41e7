import { useSignal } from '@preact/signals';
import { Button } from '../../kit/button.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { SelectField, TextField } from '../../kit/field.tsx';
import { fill } from '../../kit/languages.ts';
import { toast } from '../../kit/toasts.tsx';
import { attempt } from '../act.ts';
import { Copyable } from '../parts/copy.tsx';
import { Listing, PageHead } from '../parts/listing.tsx';
import { usePages } from '../parts/pages.ts';
import { request, session } from '../session.ts';
import { t } from '../words.ts';
import { bodyOf, type Field, KINDS, type Kind, type KindName, type Thing } from './thing-kinds.ts';

type Open =
  | { readonly is: 'new' }
  | { readonly is: 'one'; readonly thing: Thing }
  | { readonly is: 'secret'; readonly secret: string }
  | undefined;

/** Things of one kind: a list, and a form for each. */
export function Things({ kind: name }: { readonly kind: KindName }) {
  const { things } = t.value;
  const kind: Kind = KINDS[name];
  const pages = usePages<Thing>(kind.path);
  const open = useSignal<Open>(undefined);
  const words = things[name];
  const done = (made: Thing | undefined): void => {
    pages.again();
    const secret = kind.secret === undefined ? undefined : made?.[kind.secret];
    open.value = typeof secret === 'string' ? { is: 'secret', secret } : undefined;
  };
  const shut = (): void => {
    open.value = undefined;
  };
  const dialog = open.value;
  return (
    <>
      <PageHead title={words.title} intro={fill(words.intro, { realm: session.value?.account.realm ?? '' })}>
        <Button kind="primary" icon="plus" onClick={() => (open.value = { is: 'new' })}>
          {words.add}
        </Button>
      </PageHead>
      <Listing pages={pages} icon={kind.icon} empty={things.empty}>
        {(items) => (
          <ul class="card things">
            {items.map((each) => (
              <li key={each.id}>
                <span class="what">
                  <strong class="clip" dir="auto">
                    {kind.nameOf(each)}
                  </strong>
                  <span class="soft small clip" dir="auto">
                    {kind.about(each).filter(Boolean).join(' · ')}
                  </span>
                </span>
                <span class="badges">
                  {kind.badges(each).map(([text, look]) => (
                    <span key={text} class={`badge ${look}`}>
                      {text}
                    </span>
                  ))}
                </span>
                {name === 'webhooks' && <TestButton hook={each} />}
                <Button size="small" icon="edit" bare title={t.value.edit} onClick={() => (open.value = { is: 'one', thing: each })}>
                  {`${t.value.edit}: ${kind.nameOf(each)}`}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Listing>
      {dialog?.is === 'new' && <Form kind={kind} title={words.add} closed={shut} done={done} />}
      {dialog?.is === 'one' && <Form kind={kind} title={kind.nameOf(dialog.thing)} thing={dialog.thing} closed={shut} done={done} />}
      {dialog?.is === 'secret' && (
        <Dialog title={things.secret} closeText={t.value.close} closed={shut}>
          <p>{things.secretHint}</p>
          <Copyable text={dialog.secret} label={things.secret} />
        </Dialog>
      )}
    </>
  );
}

function TestButton({ hook }: { readonly hook: Thing }) {
  const { fields } = t.value.things;
  const test = async (): Promise<void> => {
    const result = await attempt(() => request<{ taken: boolean; outcome: string }>('POST', `/api/webhooks/${hook.id}/test`));
    if (result !== undefined) toast(fill(fields.tested, { status: result.outcome }), result.taken ? 'good' : 'bad');
  };
  return (
    <Button size="small" icon="send" onClick={() => void test()}>
      {fields.test}
    </Button>
  );
}

interface FormOptions {
  readonly kind: Kind;
  readonly title: string;
  /** Absent: a new one is made. */
  readonly thing?: Thing;
  readonly closed: () => void;
  readonly done: (made: Thing | undefined) => void;
}

function Form({ kind, title, thing, closed, done }: FormOptions) {
  const isSure = useSignal(false);
  const isBusy = useSignal(false);
  const path = thing === undefined ? kind.path : `${kind.path}/${thing.id}`;
  const save = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const body = bodyOf(kind.fields, new FormData(event.currentTarget as HTMLFormElement), thing);
    if (thing !== undefined && Object.keys(body).length === 0) {
      closed();
      return;
    }
    isBusy.value = true;
    const made = await attempt(() => request<Thing>(thing === undefined ? 'POST' : 'PATCH', path, { body }), t.value.saved);
    isBusy.value = false;
    if (made !== undefined) done(made);
  };
  const remove = async (): Promise<void> => {
    if (!isSure.value) {
      isSure.value = true;
      return;
    }
    if ((await attempt(() => request<null>('DELETE', path), t.value.removed)) !== undefined) done(undefined);
  };
  return (
    <Dialog title={title} closeText={t.value.close} closed={closed}>
      <form class="stack" onSubmit={(event) => void save(event)}>
        {kind.fields.map((field) =>
          thing !== undefined && field.isOnlyNew === true ? null : <One key={field.name} field={field} thing={thing} />,
        )}
        <div class="foot">
          {thing !== undefined && (
            <Button kind={isSure.value ? 'danger' : 'ghost'} icon="trash" onClick={() => void remove()}>
              {isSure.value ? fill(t.value.things.sure, { name: title }) : t.value.remove}
            </Button>
          )}
          <Button onClick={closed}>{t.value.cancel}</Button>
          <Button type="submit" kind="primary" icon="check" busy={isBusy.value}>
            {t.value.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function One({ field, thing }: { readonly field: Field; readonly thing: Thing | undefined }) {
  const { name, kind, required = false } = field;
  const before = thing === undefined ? field.first : thing[name];
  const hint = thing !== undefined && kind === 'password' ? t.value.things.fields.passwordChange : field.hint?.();
  const label = { label: field.label(), ...(hint === undefined ? {} : { hint }) };
  if (kind === 'flag') {
    return (
      <label class="check">
        <input type="checkbox" name={name} defaultChecked={before === true} />
        {field.label()}
      </label>
    );
  }
  if (kind === 'choice') {
    const choices = field.choices?.() ?? [];
    return (
      <SelectField {...label} name={name} defaultValue={String(before ?? choices[0]?.[0] ?? '')}>
        {choices.map(([value, text]) => (
          <option key={value} value={value} selected={value === before}>
            {text}
          </option>
        ))}
      </SelectField>
    );
  }
  const text = Array.isArray(before) ? before.join(', ') : String(before ?? '');
  return (
    <TextField
      {...label}
      name={name}
      type={kind === 'password' ? 'password' : kind === 'url' ? 'url' : 'text'}
      defaultValue={kind === 'password' ? '' : text}
      required={required}
      autocomplete={kind === 'password' ? 'new-password' : 'off'}
      autocapitalize="none"
    />
  );
}
