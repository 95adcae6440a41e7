import { Avatar } from '../kit/avatar.tsx';
import { Icon } from '../kit/icons.tsx';
import { fill } from '../kit/languages.ts';
import type { Session } from './session.ts';
import { t } from './texts/index.ts';

const MOST = 6;

/** Who is talking, large. */
export function Stage({ session }: { readonly session: Session }) {
  const words = t.value;
  const { people } = session.room.value;
  const talkers = [...people.values()].filter(({ talking }) => talking).slice(0, MOST);
  return (
    <section class="card stage" aria-label={words.talking}>
      {talkers.length === 0 ? (
        <p class="soft stack centred">
          <Icon name="wave" class="quiet" />
          {people.size <= 1 ? words.alone : words.nobodyTalks}
        </p>
      ) : (
        <ul class="talkers">
          {talkers.map(({ id, name }) => (
            <li key={id}>
              <Avatar name={name} talking />
              <span class="name" dir="auto">
                {name}
              </span>
            </li>
          ))}
        </ul>
      )}
      <p class="unseen">{talkers.length > 0 && fill(words.talkingNow, { names: talkers.map(({ name }) => name).join(', ') })}</p>
    </section>
  );
}
