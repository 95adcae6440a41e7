import { useSignal } from '@preact/signals';
import { Button } from '../../kit/button.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { SelectField, TextField } from '../../kit/field.tsx';
import { fill } from '../../kit/languages.ts';
import { toast } from '../../kit/toasts.tsx';
import { attempt } from '../act.ts';
import { nameOf, type Recording } from '../model.ts';
import { refusalWords } from '../refusals.ts';
import type { LiveRoom } from '../room/live-room.ts';
import { request } from '../session.ts';
import { t } from '../words.ts';

interface Closable {
  readonly conference: string;
  readonly closed: () => void;
}

const formOf = (event: SubmitEvent): FormData => {
  event.preventDefault();
  return new FormData(event.currentTarget as HTMLFormElement);
};

/** Parts of a text between commas. */
export const listOf = (text: unknown): readonly string[] =>
  String(text ?? '')
    .split(/[,;\n]/)
    .map((each) => each.trim())
    .filter((each) => each !== '');

interface Dialled {
  readonly items: readonly {
    readonly endpoint: string;
    readonly status: string;
    readonly code: string | null;
    readonly message: string | null;
  }[];
}

/** Whom to call in. */
export function DialDialog({ conference, closed }: Closable) {
  const { room, person } = t.value;
  const isBusy = useSignal(false);
  const dial = async (event: SubmitEvent): Promise<void> => {
    const said = formOf(event);
    isBusy.value = true;
    const body = { endpoints: listOf(said.get('whom')), role: said.get('role'), muted: said.get('muted') === 'on' };
    // A key: a second click calls nobody twice.
    const asked = { body, idempotencyKey: crypto.randomUUID() };
    const answer = await attempt(() => request<Dialled>('POST', `/api/conferences/${conference}/dial`, asked));
    isBusy.value = false;
    for (const { endpoint, status, code, message } of answer?.items ?? []) {
      if (status === 'joined') toast(fill(room.joined, { endpoint }), 'good');
      else toast(fill(room.failed, { endpoint, reason: refusalWords({ code: code ?? '', detail: message ?? code ?? '' }) }), 'bad', 8000);
    }
    if (answer?.items.every(({ status }) => status === 'joined')) closed();
  };
  return (
    <Dialog title={room.dialTitle} closeText={t.value.close} closed={closed}>
      <form class="stack" onSubmit={(event) => void dial(event)}>
        <TextField label={room.dialWhom} name="whom" hint={room.dialHint} required autofocus autocapitalize="none" />
        <SelectField label={person.role} name="role">
          <option value="member">{person.roles.member}</option>
          <option value="moderator">{person.roles.moderator}</option>
        </SelectField>
        <label class="check">
          <input type="checkbox" name="muted" />
          {person.mute}
        </label>
        {isBusy.value && <p role="status">{room.dialing}</p>}
        <div class="foot">
          <Button onClick={closed}>{t.value.close}</Button>
          <Button type="submit" kind="primary" icon="phone" busy={isBusy.value}>
            {room.dialGo}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** What to say, and to whom. */
export function AnnounceDialog({ live, closed }: { readonly live: LiveRoom; readonly closed: () => void }) {
  const { room } = t.value;
  const announce = async (event: SubmitEvent): Promise<void> => {
    const said = formOf(event);
    const [text, source] = [String(said.get('text')).trim(), String(said.get('source')).trim()];
    const sources = [...(text === '' ? [] : [{ say: text }]), ...(source === '' ? [] : [source])];
    if (sources.length === 0) return;
    const body = { sources, to: String(said.get('to')) };
    if ((await attempt(() => request('POST', `/api/conferences/${live.id}/plays`, { body }))) !== undefined) closed();
  };
  return (
    <Dialog title={room.announceTitle} closeText={t.value.close} closed={closed}>
      <form class="stack" onSubmit={(event) => void announce(event)}>
        <div class="field">
          <label class="label" for="announce-text">
            {room.announceText}
          </label>
          <textarea id="announce-text" class="input" name="text" rows={3} maxLength={4000} />
        </div>
        <TextField label={room.playSource} name="source" autocapitalize="none" />
        <SelectField label={room.announceTo} name="to">
          <option value="all">{room.all}</option>
          {live.everybody().map((each) => (
            <option key={each.id} value={each.id}>
              {nameOf(each)}
            </option>
          ))}
        </SelectField>
        <div class="foot">
          <Button onClick={closed}>{t.value.cancel}</Button>
          <Button type="submit" kind="primary" icon="speaker">
            {room.announceGo}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** How to record. */
export function RecordDialog({ conference, closed }: Closable) {
  const { room } = t.value;
  const record = async (event: SubmitEvent): Promise<void> => {
    const said = formOf(event);
    const name = String(said.get('name')).trim();
    const body = { stems: said.get('stems') === 'on', ...(name === '' ? {} : { name }) };
    if ((await attempt(() => request<Recording>('POST', `/api/conferences/${conference}/recordings`, { body }))) !== undefined) closed();
  };
  return (
    <Dialog title={room.recordTitle} closeText={t.value.close} closed={closed}>
      <form class="stack" onSubmit={(event) => void record(event)}>
        <p class="soft">{room.recordHint}</p>
        <TextField label={room.recordName} name="name" maxLength={128} />
        <label class="check">
          <input type="checkbox" name="stems" />
          {room.stems}
        </label>
        <div class="foot">
          <Button onClick={closed}>{t.value.cancel}</Button>
          <Button type="submit" kind="primary" icon="record" autofocus>
            {room.record}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
