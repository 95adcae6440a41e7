import { Button } from '../../kit/button.tsx';
import { fill } from '../../kit/languages.ts';
import { attempt } from '../act.ts';
import { clockTime } from '../format.ts';
import { Listing, PageHead } from '../parts/listing.tsx';
import { usePages } from '../parts/pages.ts';
import { Link } from '../router.tsx';
import { request } from '../session.ts';
import { t } from '../words.ts';

interface Lockout {
  readonly conference: string | null;
  readonly caller_number: string;
  readonly failed_calls: number;
  readonly until: string;
}

/** Callers who may try no more, and letting them. */
export function Lockouts() {
  const { things } = t.value;
  const { lockouts, fields } = things;
  const pages = usePages<Lockout>('/api/lockouts');
  const release = async ({ conference, caller_number }: Lockout): Promise<void> => {
    const path = conference === null ? '/api/lockouts' : `/api/conferences/${conference}/lockouts`;
    if ((await attempt(() => request('DELETE', path, { query: { caller_number } }))) !== undefined) pages.again();
  };
  return (
    <>
      <PageHead title={lockouts.title} intro={lockouts.intro} />
      <Listing pages={pages} icon="lock" empty={lockouts.empty}>
        {(items) => (
          <ul class="card things">
            {items.map((each) => (
              <li key={`${each.conference} ${each.caller_number}`}>
                <span class="what">
                  <strong class="clip" dir="auto">
                    {each.caller_number || fields.withheld}
                  </strong>
                  <span class="soft small clip" dir="auto">
                    {fill(lockouts.until, { time: clockTime(each.until) })}
                  </span>
                </span>
                {each.conference === null ? (
                  <span class="badge">{fields.system}</span>
                ) : (
                  <Link to={`/conferences/${each.conference}`} class="small">
                    {fields.conference}
                  </Link>
                )}
                <Button size="small" icon="unlock" onClick={() => void release(each)}>
                  {lockouts.release}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Listing>
    </>
  );
}
