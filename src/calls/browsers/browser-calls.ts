import type { Account } from '../../accounts/index.ts';
import { Failure, newId } from '../../base/index.ts';
import { type Call as CallFacts, type CallId, enteringAs, type LegId, lobbyOf } from '../../conference/index.ts';
import type { Wishes } from '../../sdp/index.ts';
import type { Call } from '../call.ts';
import type { CallOpening } from '../call-opening.ts';
import { CdrDraft } from '../cdr.ts';
import type { InUse, Limits } from '../limits.ts';
import { judgeOffer } from '../media-session.ts';
import { mediaWishes } from '../media-wishes.ts';
import type { CallsOptions } from '../options.ts';
import type { Surroundings } from '../surroundings.ts';
import { badOffer } from './browser-end.ts';
import { type BrowserCall, type BrowserWish, guestNumber } from './page.ts';

/** What makes calls of browsers. */
export interface BrowserCallsNeeds {
  readonly options: CallsOptions;
  readonly around: Surroundings;
  readonly limiting: Limits;
  /** There may be one more call. */
  readonly hasRoom: () => boolean;
  readonly inUse: (account: Account) => InUse;
  /** It is a call from now on. */
  readonly begin: (opening: Omit<CallOpening, 'dialled' | 'subscribed' | 'referred' | 'gone'>) => Call;
}

/**
 * Lets the browser of an invited guest in, without SIP: it stands in its lobby like every caller (docs/decisions/0017), where it is asked for what its invitation
 * leaves open. Refuses with invalid/bad_offer, unavailable/overloaded, not-found/account_not_found and what limits an account.
 */
export async function joinByBrowser(wish: BrowserWish, needs: BrowserCallsNeeds): Promise<BrowserCall> {
  const { options, around, limiting, hasRoom, inUse, begin } = needs;
  const { invited, conference, offer, address, page } = wish;
  const account = await options.accounts.account(wish.account);
  if (account === undefined) throw new Failure('not-found', 'account_not_found', 'there is no such account');
  const { codecs, order } = mediaWishes(account.media, undefined);
  const wishes: Wishes = { codecs, order, encryption: 'offered' };
  refuseBad(offer, wishes);
  const used = await limiting.usedSeconds(account);
  if (!hasRoom()) throw new Failure('unavailable', 'overloaded', 'the server takes no more calls now');
  if (account.limits !== undefined) limiting.check(account, inUse(account), used);
  const startedAt = options.clock.epoch();
  const facts = factsOf(wish, account, newId(options.chance, startedAt) as CallId);
  const { leg: _leg, ...start } = facts;
  const known = { ...start, account: account.id, calledNumber: '', startedAt };
  around.cdrs.traces?.claim({ ...known, tag: '' });
  const cdr = new CdrDraft(known, around.cdrs);
  cdr.toward(conference);
  const log = options.log.with({ call: facts.id, conference });
  const place = lobbyOf(facts.id);
  const browser = { offer, address, page };
  const call = begin({
    id: facts.id,
    account: account.id,
    conference: place,
    focus: conference,
    invite: undefined,
    browser,
    wishes,
    log,
    cdr,
  });
  log.info('a browser arrived', { account: account.id, invitation: invited.invitation });
  const flow = enteringAs(conference, invited);
  around.follow(
    options
      .execute('call.arrived', { conference: place, call: facts, role: undefined, flow, address }, { account: account.id, kind: 'call' })
      .catch((error: unknown) => call.refuse(error)),
  );
  return doorOf(call);
}

/** What is no offer of a browser is refused before there is a call. */
function refuseBad(offer: string, wishes: Wishes): void {
  const outcome = judgeOffer(offer, wishes);
  if ('refused' in outcome) throw badOffer(outcome.words);
  if (outcome.agreed.webrtc === null) throw badOffer('it is none of a browser, with ICE and DTLS');
}

const doorOf = (call: Call): BrowserCall => ({
  id: call.id,
  offer(sdp) {
    if (call.browser === undefined || !call.isLive) throw new Failure('conflict', 'call_not_up', 'the call is over');
    return call.browser.renegotiate(sdp);
  },
  press: (key) => call.digit({ key, way: 'info', ms: 0 }),
  leave: () => call.leave(),
});

/** What is known of it, for the domain. */
const factsOf = ({ invited }: BrowserWish, { id: account, name, realm }: Account, id: CallId): CallFacts => ({
  id,
  leg: id as string as LegId,
  sipCallId: id,
  direction: 'inbound',
  callerName: invited.name,
  callerNumber: guestNumber(invited.invitation),
  channelVars: {
    account_id: account,
    account_name: name,
    account_realm: realm,
    realm,
    is_conference: 'true',
    authorizing_id: invited.invitation,
    authorizing_type: 'invitation',
  },
});
