import type { ReadonlySignal } from '@preact/signals';
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Avatar } from '../../kit/avatar.tsx';
import { Button } from '../../kit/button.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { SelectField } from '../../kit/field.tsx';
import { fill } from '../../kit/languages.ts';
import { attempt } from '../act.ts';
import { clockTime, number } from '../format.ts';
import { nameOf, type Person } from '../model.ts';
import { Chart } from '../parts/chart.tsx';
import { Values } from '../parts/values.tsx';
import type { LiveRoom } from '../room/live-room.ts';
import type { Qualities } from '../room/qualities.ts';
import { Link } from '../router.tsx';
import { request } from '../session.ts';
import { t } from '../words.ts';
import { Explain } from './explain.tsx';
import { States, steer } from './person-row.tsx';

interface Panel {
  readonly live: LiveRoom;
  readonly person: ReadonlySignal<Person>;
  readonly qualities: Qualities;
  readonly closed: () => void;
}

/** Everything about somebody who is in. */
export function PersonPanel({ live, person: shown, qualities, closed }: Panel) {
  const { person } = t.value;
  const each = shown.value;
  const name = nameOf(each);
  const quality = qualities.of(each.id).value;
  const isHere = live.order.value.includes(each.id);
  useEffect(() => {
    if (!isHere) closed();
  }, [isHere, closed]);
  return (
    <Dialog title={name} closeText={t.value.close} closed={closed} wide>
      <div class="about">
        <Avatar name={name} talking={each.talking === true} />
        <div>
          <p class="soft small">
            {[each.caller_number, person.roles[each.role], fill(person.joined, { time: clockTime(each.joined_at) })]
              .filter(Boolean)
              .join(' · ')}
          </p>
          <States each={each} live={live} />
        </div>
      </div>
      <Acts live={live} each={each} closed={closed} />
      <Volumes live={live} each={each} />
      <Coach live={live} each={each} />
      {quality?.codec != null && (
        <Values
          rows={[
            [person.codec, quality.codec],
            [person.mos, quality.mos === null ? '–' : number(quality.mos, 2)],
            [person.jitter, `${number(quality.jitter_ms ?? 0, 1)} ms`],
            [person.roundTrip, quality.round_trip_ms === null ? '–' : `${number(quality.round_trip_ms)} ms`],
            [person.buffer, `${number(quality.buffer_ms ?? 0)} ms`],
          ]}
        />
      )}
      <Chart samples={qualities.past(each.id)} label={person.chart} level={person.chartLevel} loss={person.chartLoss} />
      <Explain conference={live.id} participant={each.id} />
      {each.stream === undefined && (
        <Link to={`/calls/${encodeURIComponent(each.call_id)}`} class="small">
          {person.ladder}
        </Link>
      )}
    </Dialog>
  );
}

function Acts({ live, each, closed }: { readonly live: LiveRoom; readonly each: Person; readonly closed: () => void }) {
  const { person } = t.value;
  const isSure = useSignal(false);
  const change = (body: object) => void steer(live.id, each.id, body);
  const isMuted = each.mute_reasons.length > 0;
  const isHeld = each.mute_reasons.includes('moderator') && each.deaf;
  const kick = (): void => {
    if (!isSure.value) isSure.value = true;
    else void attempt(() => request('DELETE', `/api/conferences/${live.id}/participants/${each.id}`)).then(closed);
  };
  return (
    <div class="bar">
      <Button icon={isMuted ? 'mic' : 'mic-off'} pressed={isMuted} onClick={() => change({ muted: !isMuted })}>
        {isMuted ? person.unmute : person.mute}
      </Button>
      <Button icon={each.deaf ? 'speaker' : 'speaker-off'} pressed={each.deaf} onClick={() => change({ deaf: !each.deaf })}>
        {each.deaf ? person.undeafen : person.deafen}
      </Button>
      <Button icon="pause" pressed={isHeld} title={person.holdHint} onClick={() => change({ muted: !isHeld, deaf: !isHeld })}>
        {isHeld ? person.unhold : person.hold}
      </Button>
      <Button icon="star" onClick={() => change({ role: each.role === 'moderator' ? 'member' : 'moderator' })}>
        {each.role === 'moderator' ? person.demote : person.promote}
      </Button>
      {each.hand_raised_at !== undefined && (
        <Button icon="hand" onClick={() => change({ hand_raised: false })}>
          {person.lower}
        </Button>
      )}
      <Button icon="leave" kind={isSure.value ? 'danger' : 'plain'} onClick={kick}>
        {isSure.value ? fill(person.kickSure, { name: nameOf(each) }) : person.kick}
      </Button>
    </div>
  );
}

/** Steps of 3 dB from -18 to +12. */
const STEP_DB = 3;
const toStep = (gain: number): number => Math.round((20 * Math.log10(gain)) / STEP_DB);
const toGain = (step: number): number => Math.round(10 ** ((step * STEP_DB) / 20) * 1000) / 1000;

function Volumes({ live, each }: { readonly live: LiveRoom; readonly each: Person }) {
  const { person } = t.value;
  const name = nameOf(each);
  const one = (key: 'gain_in' | 'gain_out', text: string) => (
    <label class="field">
      <span class="label">{fill(text, { name })}</span>
      <span class="volume">
        <input
          type="range"
          min={-6}
          max={4}
          value={toStep(each[key])}
          aria-valuetext={`${toStep(each[key]) * STEP_DB} dB`}
          onChange={({ currentTarget }) => void steer(live.id, each.id, { [key]: toGain(Number(currentTarget.value)) })}
        />
        <output class="small mono" dir="ltr">{`${toStep(each[key]) > 0 ? '+' : ''}${toStep(each[key]) * STEP_DB} dB`}</output>
      </span>
    </label>
  );
  return (
    <div class="pair">
      {one('gain_in', person.volumeIn)}
      {one('gain_out', person.volumeOut)}
    </div>
  );
}

function Coach({ live, each }: { readonly live: LiveRoom; readonly each: Person }) {
  const { person } = t.value;
  const name = nameOf(each);
  const choose = (whom: string) =>
    void attempt(() =>
      request('PUT', `/api/conferences/${live.id}/participants/${each.id}/coach`, { body: { whom: whom === '' ? null : whom } }),
    );
  return (
    <SelectField
      label={person.coach}
      hint={fill(person.coachHint, { name })}
      value={each.coaches ?? ''}
      onChange={({ currentTarget }) => choose(currentTarget.value)}
    >
      <option value="">{fill(person.coachNobody, { name })}</option>
      {live
        .everybody()
        .filter(({ id }) => id !== each.id)
        .map((other) => (
          <option key={other.id} value={other.id}>
            {nameOf(other)}
          </option>
        ))}
    </SelectField>
  );
}
