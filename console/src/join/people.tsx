import { useSignal } from '@preact/signals';
import { Component } from 'preact';
import { Avatar } from '../kit/avatar.tsx';
import { Button } from '../kit/button.tsx';
import { Icon } from '../kit/icons.tsx';
import { fill } from '../kit/languages.ts';
import { LongList } from '../kit/long-list.tsx';
import { Callers, PersonActs, RoomActs } from './moderating.tsx';
import type { Person } from './protocol.ts';
import { inOrder } from './room.ts';
import type { Session } from './session.ts';
import type { Texts } from './texts/en-us.ts';
import { t } from './texts/index.ts';

interface RowOptions {
  readonly person: Person;
  readonly isMe: boolean;
  readonly words: Texts;
  /** Of a moderator, for others than himself: what can be done about this person. */
  readonly open: ((person: Person) => void) | undefined;
  readonly place: { readonly 'aria-setsize': number; readonly 'aria-posinset': number };
}

/** One person; drawn again only when he has changed. */
class Row extends Component<RowOptions> {
  override shouldComponentUpdate(next: RowOptions): boolean {
    const { person, isMe, words, open, place } = this.props;
    return (
      next.person !== person ||
      next.isMe !== isMe ||
      next.words !== words ||
      (next.open === undefined) !== (open === undefined) ||
      next.place['aria-posinset'] !== place['aria-posinset'] ||
      next.place['aria-setsize'] !== place['aria-setsize']
    );
  }

  override render({ person, isMe, words, open, place }: RowOptions) {
    const { name, role, kind, talking, muted, deaf, hand } = person;
    const [icon, where] = (
      { phone: ['phone', words.onPhone], browser: ['globe', words.inBrowser], program: ['settings', words.aProgram] } as const
    )[kind];
    return (
      <li class="person" {...place}>
        <Avatar name={name} talking={talking} />
        <span class="who">
          <span class="name" dir="auto">
            {name}
            {isMe && <span class="soft"> ({words.you})</span>}
          </span>
          <span class="soft small with-icon">
            {role === 'moderator' && (
              <>
                <Icon name="star" /> {words.moderator} ·{' '}
              </>
            )}
            <Icon name={icon} /> {where}
          </span>
        </span>
        <span class="signs">
          {hand && <Icon name="hand" label={words.handIsUp} class="raised" />}
          {deaf && <Icon name="speaker-off" label={words.hearsNothing} class="soft" />}
          {muted ? (
            <Icon name="mic-off" label={words.muted} class="soft" />
          ) : (
            talking && <Icon name="wave" label={words.talking} class="talks" />
          )}
        </span>
        {open !== undefined && (
          <Button size="small" kind="ghost" bare icon="more" onClick={() => open(person)}>
            {fill(words.moreAbout, { name })}
          </Button>
        )}
      </li>
    );
  }
}

/** Everybody. */
export function People({ session }: { readonly session: Session }) {
  const words = t.value;
  const { people, me, self } = session.room.value;
  const chosen = useSignal<string | undefined>(undefined);
  const isModerator = self.role === 'moderator';
  const one = isModerator && chosen.value !== undefined ? people.get(chosen.value) : undefined;
  const open = ({ id }: Person): void => {
    chosen.value = id;
  };
  return (
    <aside class="people" aria-label={words.people}>
      <h2>
        {words.people} <span class="badge">{people.size}</span>
      </h2>
      {isModerator && <RoomActs session={session} />}
      {isModerator && <Callers session={session} />}
      <LongList
        items={inOrder(people, me)}
        rowHeight={58}
        label={words.people}
        row={(person, place) => (
          <Row
            key={person.id}
            person={person}
            isMe={person.id === me}
            words={words}
            open={isModerator && person.id !== me ? open : undefined}
            place={place}
          />
        )}
      />
      {one !== undefined && <PersonActs session={session} person={one} closed={() => (chosen.value = undefined)} />}
    </aside>
  );
}
