import { Avatar } from '../../kit/avatar.tsx';
import { Button } from '../../kit/button.tsx';
import { Icon } from '../../kit/icons.tsx';
import { fill } from '../../kit/languages.ts';
import { attempt } from '../act.ts';
import { number } from '../format.ts';
import { nameOf, type Person, type Quality } from '../model.ts';
import type { LiveRoom } from '../room/live-room.ts';
import { lossOf, loudness, type Qualities } from '../room/qualities.ts';
import { request } from '../session.ts';
import { t } from '../words.ts';

/** Changes something about somebody. */
export const steer = (conference: string, id: string, body: object) =>
  attempt(() => request('PATCH', `/api/conferences/${conference}/participants/${id}`, { body }));

/** Why he is not heard, in words. */
export const reasonsOf = ({ mute_reasons: reasons }: Person): string =>
  reasons.map((each) => t.value.person.reasons[each] ?? each).join(', ');

/** What holds of somebody. */
export function States({ each, live }: { readonly each: Person; readonly live: LiveRoom }) {
  const { person } = t.value;
  const coached = each.coaches === undefined ? undefined : live.person(each.coaches)?.value;
  return (
    <span class="badges">
      {each.hand_raised_at !== undefined && (
        <span class="badge accent">
          <Icon name="hand" />
          <span>{person.hand}</span>
        </span>
      )}
      {each.mute_reasons.length > 0 && (
        <span class="badge warn">
          <Icon name="mic-off" />
          <span>{fill(person.mutedBy, { reasons: reasonsOf(each) })}</span>
        </span>
      )}
      {each.deaf && (
        <span class="badge warn">
          <Icon name="speaker-off" />
          <span>{person.deaf}</span>
        </span>
      )}
      {each.coaches !== undefined && (
        <span class="badge accent">
          <Icon name="headphones" />
          <span>{coached === undefined ? person.coachGone : fill(person.coaches, { name: nameOf(coached) })}</span>
        </span>
      )}
    </span>
  );
}

/** Codec, loss and MOS of a line. */
function Line({ quality }: { readonly quality: Quality | undefined }) {
  const { person } = t.value;
  if (quality === undefined || quality.codec === null) return <span class="line soft small">–</span>;
  const loss = lossOf(quality);
  const { mos } = quality;
  const how = mos === null ? '' : mos >= 3.6 ? 'good' : mos >= 3 ? 'warn' : 'bad';
  return (
    <span class="line small">
      <span class="mono" title={person.codec}>
        {quality.codec}
      </span>
      <span class={loss >= 3 ? 'value bad' : loss >= 1 ? 'value warn' : 'value'}>
        <span class="soft">{person.loss}</span> {number(loss, 1)} %
      </span>
      <span class={`value ${how}`}>
        <span class="soft">{person.mos}</span> {mos === null ? '–' : number(mos, 1)}
      </span>
    </span>
  );
}

interface RowOptions {
  readonly live: LiveRoom;
  readonly id: string;
  readonly qualities: Qualities;
  readonly open: () => void;
}

/** Somebody in a list of many. */
export function PersonRow({ live, id, qualities, open }: RowOptions) {
  const each = live.person(id)?.value;
  if (each === undefined) return null;
  const { person } = t.value;
  const name = nameOf(each);
  const isMuted = each.mute_reasons.length > 0;
  return (
    <div class="person">
      <Avatar name={name} talking={each.talking === true} />
      <button type="button" class="what" onClick={open}>
        <strong class="clip" dir="auto">
          {name}
        </strong>
        <span class="soft small clip" dir="auto">
          {[each.caller_number, each.stream === undefined ? undefined : person.program, each.ghost ? person.ghost : undefined]
            .filter((part) => part !== undefined && part !== '' && part !== name)
            .join(' · ')}
        </span>
      </button>
      {each.role === 'moderator' && (
        <span class="badge accent star">
          <Icon name="star" />
          {person.roles.moderator}
        </span>
      )}
      <States each={each} live={live} />
      <Sound qualities={qualities} id={id} />
      <span class="acts">
        <Button
          size="small"
          kind={isMuted ? 'plain' : 'ghost'}
          bare
          icon={isMuted ? 'mic-off' : 'mic'}
          pressed={isMuted}
          title={isMuted ? person.unmute : person.mute}
          onClick={() => void steer(live.id, id, { muted: !isMuted })}
        >
          {`${isMuted ? person.unmute : person.mute}: ${name}`}
        </Button>
        <Button
          size="small"
          kind={each.deaf ? 'plain' : 'ghost'}
          bare
          icon={each.deaf ? 'speaker-off' : 'speaker'}
          pressed={each.deaf}
          title={each.deaf ? person.undeafen : person.deafen}
          onClick={() => void steer(live.id, id, { deaf: !each.deaf })}
        >
          {`${each.deaf ? person.undeafen : person.deafen}: ${name}`}
        </Button>
        <Button size="small" kind="ghost" bare icon="more" title={fill(person.more, { name })} onClick={open}>
          {fill(person.more, { name })}
        </Button>
      </span>
    </div>
  );
}

/** Level and line: what changes each second is drawn alone. */
function Sound({ qualities, id }: { readonly qualities: Qualities; readonly id: string }) {
  const quality = qualities.of(id).value;
  const level = loudness(quality?.energy ?? 0);
  return (
    <>
      <span class="level" aria-hidden="true">
        <span style={{ transform: `scaleX(${level})` }} />
      </span>
      <Line quality={quality} />
    </>
  );
}
