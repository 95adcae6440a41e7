import { Button } from '../../kit/button.tsx';
import { Icon } from '../../kit/icons.tsx';
import { dayTime, duration, number } from '../format.ts';
import type { Cdr } from '../model.ts';
import { Listing, PageHead } from '../parts/listing.tsx';
import { usePages } from '../parts/pages.ts';
import { Link } from '../router.tsx';
import { t } from '../words.ts';

/** Calls that have ended, the newest first. */
export function Calls() {
  const { calls, person } = t.value;
  const pages = usePages<Cdr>('/api/cdrs', { limit: 50 });
  return (
    <>
      <PageHead title={calls.title}>
        <Button icon="history" onClick={pages.again}>
          {person.again}
        </Button>
      </PageHead>
      <Listing pages={pages} icon="phone" empty={calls.empty}>
        {(items) => (
          <div class="card wide-table">
            <table class="table">
              <thead>
                <tr>
                  <th scope="col">{calls.when}</th>
                  <th scope="col">{calls.from}</th>
                  <th scope="col">{calls.to}</th>
                  <th scope="col">{calls.long}</th>
                  <th scope="col">{calls.end}</th>
                  <th scope="col">{calls.quality}</th>
                  <th scope="col">{calls.ladder}</th>
                </tr>
              </thead>
              <tbody>
                {items.map((each) => (
                  <tr key={each.id}>
                    <td class="nowrap">{dayTime(each.started_at)}</td>
                    <th scope="row">
                      {each.caller_name || each.caller_number || '–'}
                      {each.caller_name !== '' && <span class="soft small"> {each.caller_number}</span>}
                    </th>
                    <td>{each.called_number || '–'}</td>
                    <td class="mono">{duration(each.duration_seconds)}</td>
                    <td>
                      <span class={each.sip_status < 300 ? 'badge' : 'badge bad'}>
                        {each.sip_status} {t.value.timeline.reasons[each.reason] ?? each.reason}
                      </span>
                    </td>
                    <td>
                      {each.codec ?? '–'}
                      {typeof each.quality?.['mosCq'] === 'number' && (
                        <span class="soft small">{` ${person.mos} ${number(each.quality['mosCq'], 1)}`}</span>
                      )}
                    </td>
                    <td>
                      <Link to={`/calls/${each.id}`} aria-label={`${calls.ladder}: ${each.caller_name || each.caller_number}`}>
                        <Icon name="chevron-right" />
                      </Link>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Listing>
    </>
  );
}
