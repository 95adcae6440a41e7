// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard (WCAG 2.1.1).
import { useSignal } from '@preact/signals';
import { Button } from '../../kit/button.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { SelectField, TextField } from '../../kit/field.tsx';
import { fill } from '../../kit/languages.ts';
import { attempt } from '../act.ts';
import { dayTime } from '../format.ts';
import type { Role } from '../model.ts';
import { Copyable } from '../parts/copy.tsx';
import { Listing } from '../parts/listing.tsx';
import { usePages } from '../parts/pages.ts';
import { request } from '../session.ts';
import { t } from '../words.ts';

interface Invitation {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly pin: string;
  readonly link: string;
  readonly expires_at: string;
  readonly max_uses: number | null;
  readonly uses: number;
  readonly used_at?: string;
}
interface Letter extends Invitation {
  readonly text: string;
  readonly one_time_pin?: string;
}

/** Who was invited, and new PINs. */
export function Invitations({ conference, owned }: { readonly conference: string; readonly owned: boolean }) {
  const { invitations, person } = t.value;
  const base = `/api/conferences/${conference}`;
  const pages = usePages<Invitation>(`${base}/invitations`);
  const isInviting = useSignal(false);
  const letter = useSignal<Letter | undefined>(undefined);
  const pins = useSignal<string | undefined>(undefined);
  const isSure = useSignal(false);
  const rotate = async (): Promise<void> => {
    if (!isSure.value) {
      isSure.value = true;
      return;
    }
    isSure.value = false;
    const made = await attempt(() => request<Record<Role, readonly string[]>>('POST', `${base}/pins/rotate`, { body: {} }));
    if (made === undefined) return;
    pins.value = Object.entries(made)
      .map(([role, all]) => `${person.roles[role as Role]}: ${all.join(', ')}`)
      .join(' · ');
  };
  const revoke = async (id: string): Promise<void> => {
    if ((await attempt(() => request('DELETE', `${base}/invitations/${id}`), t.value.removed)) !== undefined) pages.again();
  };
  return (
    <div class="stack">
      <div class="bar">
        <Button kind="primary" icon="plus" onClick={() => (isInviting.value = true)}>
          {invitations.create}
        </Button>
        {owned && (
          <Button icon="lock" kind={isSure.value ? 'danger' : 'plain'} onClick={() => void rotate()}>
            {isSure.value ? invitations.rotateSure : invitations.rotate}
          </Button>
        )}
        <a class="button" href={`${base}/keypad?format=html`} target="_blank" rel="noreferrer">
          {invitations.keypad}
        </a>
      </div>
      {pins.value !== undefined && <p class="notice good">{fill(invitations.newPins, { pins: pins.value })}</p>}
      <Listing pages={pages} icon="link" empty={invitations.empty}>
        {(items) =>
          items.map((each) => (
            <article class="card invitation" key={each.id}>
              <div class="what">
                <strong class="clip" dir="auto">
                  {each.name}
                </strong>
                <span class="soft small">
                  {person.roles[each.role]} · {invitations.pin}: {invitations.pins[each.pin] ?? each.pin} ·{' '}
                  {fill(invitations.expires, { time: dayTime(each.expires_at) })}
                  {each.max_uses !== null && ` · ${fill(invitations.uses, { uses: each.uses, most: each.max_uses })}`}
                  {each.used_at !== undefined && ` · ${fill(invitations.used, { time: dayTime(each.used_at) })}`}
                </span>
                <Copyable text={each.link} label={`${invitations.link} ${each.name}`} />
              </div>
              <Button size="small" icon="trash" onClick={() => void revoke(each.id)}>
                {invitations.revoke}
              </Button>
            </article>
          ))
        }
      </Listing>
      {isInviting.value && (
        <Invite
          base={base}
          closed={() => (isInviting.value = false)}
          made={(sent) => {
            isInviting.value = false;
            letter.value = sent;
            pages.again();
          }}
        />
      )}
      {letter.value !== undefined && (
        <Dialog title={invitations.letter} closeText={t.value.close} closed={() => (letter.value = undefined)} wide>
          <pre class="letter" tabIndex={0}>
            {letter.value.text}
          </pre>
          <Copyable text={letter.value.link} label={invitations.link} />
          <div class="foot">
            <Button icon="copy" kind="primary" onClick={() => void navigator.clipboard?.writeText(letter.value?.text ?? '')}>
              {t.value.copy}
            </Button>
          </div>
        </Dialog>
      )}
    </div>
  );
}

interface InviteOptions {
  readonly base: string;
  readonly closed: () => void;
  readonly made: (letter: Letter) => void;
}

function Invite({ base, closed, made }: InviteOptions) {
  const { invitations, person } = t.value;
  const invite = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const said = new FormData(event.currentTarget as HTMLFormElement);
    const pin = String(said.get('pin'));
    const most = String(said.get('max_uses'));
    const body = {
      name: said.get('name'),
      role: said.get('role'),
      ...(pin === '' ? {} : { pin }),
      ...(most === '' ? {} : { max_uses: Number(most) }),
    };
    const letter = await attempt(() => request<Letter>('POST', `${base}/invitations`, { body }));
    if (letter !== undefined) made(letter);
  };
  return (
    <Dialog title={invitations.create} closeText={t.value.close} closed={closed}>
      <form class="stack" onSubmit={(event) => void invite(event)}>
        <TextField label={invitations.name} name="name" required maxLength={128} autofocus />
        <SelectField label={invitations.role} name="role">
          <option value="member">{person.roles.member}</option>
          <option value="moderator">{person.roles.moderator}</option>
        </SelectField>
        <SelectField label={invitations.pin} name="pin">
          <option value="">{invitations.asUsual}</option>
          {Object.entries(invitations.pins).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </SelectField>
        <TextField label={invitations.maxUses} name="max_uses" type="number" min={1} max={1000} placeholder="∞" />
        <div class="foot">
          <Button onClick={closed}>{t.value.cancel}</Button>
          <Button type="submit" kind="primary" icon="send">
            {invitations.create}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
