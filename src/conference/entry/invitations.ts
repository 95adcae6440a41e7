import { createHash, createHmac } from 'node:crypto';
import type { AccountDocument, AccountId, DocumentId, DocumentName, Documents } from '../../accounts/index.ts';
import { type Chance, type Clock, Failure, type JsonObject, newId, randomHex } from '../../base/index.ts';
import type { Execute } from '../commands.ts';
import type { Conference, Role } from '../conference.ts';
import type { ConferenceId } from '../ids.ts';
import { type Settings, settingsOf } from '../settings.ts';
import type { GuestPin, GuestPins } from './desk.ts';
import { newPin } from './digits.ts';
import type { Recognised, Visitor } from './entry-plan.ts';
import { documentOf, type Invitation, type InvitationPin, invitationOf, isUsable, usedOnce } from './invitation.ts';
import { isOneOf } from './judge-pin.ts';

/** What invitations are kept with. */
export interface InvitationsOptions {
  readonly documents: Documents;
  readonly clock: Clock;
  readonly chance: Chance;
  /** With which PINs are hashed; whoever has the store alone cannot try them out. */
  readonly key: Uint8Array;
  readonly execute: Execute;
}

/** Whom to invite. Times are epoch ms. */
export interface InvitationWish {
  readonly name: string;
  readonly role: Role;
  readonly language?: string;
  /** Default: shared where the conference has PINs of this role, else none. */
  readonly pin?: InvitationPin;
  /** Default: a day after its end, or in 30 days. */
  readonly expiresAt?: number;
  readonly startsAt?: number;
  readonly endsAt?: number;
  readonly timeZone?: string;
  /** How many guests may come in by it. Default: one with a PIN of his own, else as many as like. */
  readonly maxUses?: number;
}

const DAY = 86_400_000;
const USUAL_LIFE = 30 * DAY;
/** ms that an invitation is listed after its end. */
const KEPT_FOR = 30 * DAY;
const SHORTEST_PIN = 6;
const LONGEST_PIN = 16;
const MOST = 1_000;
/** ms for which it is remembered how long guests' PINs are. */
const FRESH = 10_000;

const noSuch = (id: string): Failure =>
  new Failure('not-found', 'invitation_not_found', 'there is no such invitation', { details: { id } });
const hashOf = (code: string): string => `code:${createHash('sha256').update(code).digest('hex')}`;
const isTaken = (error: unknown): boolean => error instanceof Failure && error.code === 'document_key_taken';

/** How long new PINs of a conference are: as those that it has, if they are of one length and long enough. */
export function pinLengthFor({ member, moderator }: Pick<Settings, 'member' | 'moderator'>): number {
  const lengths = new Set([...member.pins, ...moderator.pins].map((each) => each.length));
  const [only = 0] = lengths.size === 1 ? lengths : [];
  return Math.min(LONGEST_PIN, Math.max(SHORTEST_PIN, only));
}

/** Who was invited to the conferences of all accounts, kept as sealed documents. */
export class Invitations implements GuestPins {
  readonly #options: InvitationsOptions;
  readonly #lengths = new Map<string, { readonly at: number; readonly lengths: readonly number[] }>();

  constructor(options: InvitationsOptions) {
    this.#options = options;
  }

  /** Invites somebody; `pin` is told here and never again. Refuses with conflict/no_pins_set, limit/too_many_invitations. */
  async invite(conference: Conference, wish: InvitationWish): Promise<{ readonly invitation: Invitation; readonly pin?: string }> {
    const { clock, chance, execute } = this.#options;
    const { account, id } = conference;
    await this.#makeRoom(account, id);
    const now = clock.epoch();
    const kind = pinFor(conference, wish);
    const base: Invitation = {
      ...wish,
      id: newId(chance, now),
      account,
      conference: id,
      pin: kind,
      code: randomHex(chance, 16),
      createdAt: now,
      expiresAt: wish.expiresAt ?? (wish.endsAt === undefined ? now + USUAL_LIFE : wish.endsAt + DAY),
      uses: 0,
      ...(wish.maxUses === undefined && kind === 'one-time' ? { maxUses: 1 } : {}),
    };
    const made = kind === 'one-time' ? await this.#withPin(conference, base) : { invitation: await this.#add(base, []) };
    this.#lengths.delete(`${account}/${id}`);
    await execute('entry.tell', { conference: id, happening: told('invitation.created', base) }, { account, kind: 'system' });
    return made;
  }

  /** Of one conference, newest first. */
  async list(account: AccountId, conference: ConferenceId): Promise<readonly Invitation[]> {
    const all = await this.#options.documents.list({ account, kind: 'invitation', order: 'down' });
    return all.map(read).filter((each) => each.conference === conference);
  }

  /** Refuses with not-found/invitation_not_found. */
  async get(account: AccountId, conference: ConferenceId, id: string): Promise<Invitation> {
    const found = await this.#options.documents.find({ account, kind: 'invitation', id: id as DocumentId });
    const invitation = found && read(found);
    if (invitation?.conference !== conference) throw noSuch(id);
    return invitation;
  }

  /** Whoever shows the code of a link; undefined: it is over, or never was. */
  async byCode(code: string): Promise<Invitation | undefined> {
    const found = await this.kept(code);
    return found?.over === undefined ? found?.invitation : undefined;
  }

  /** Also one that is over: `expired`, or `used` up by others than whom `nameOf` names. Undefined: there never was one, or it was taken back. */
  async kept(
    code: string,
    nameOf?: (invitation: Invitation) => string,
  ): Promise<{ readonly invitation: Invitation; readonly over?: 'expired' | 'used' } | undefined> {
    const [found] = await this.#options.documents.holders('invitation', hashOf(code));
    if (found === undefined) return undefined;
    const invitation = read(found);
    const now = this.#options.clock.epoch();
    if (now >= invitation.expiresAt) return { invitation, over: 'expired' };
    return nameOf === undefined || isUsable(invitation, nameOf(invitation), now) ? { invitation } : { invitation, over: 'used' };
  }

  /** Somebody has come in by its link: that is kept and told. False: others have used it up while he was on his way. A PIN of his own tells it by itself. */
  async opened(invitation: Invitation, by: string): Promise<boolean> {
    const { account, id, pin, code } = invitation;
    if (pin === 'one-time') return true;
    const which = { account, kind: 'invitation' as const, id: id as DocumentId };
    return (await this.#use(which, { by, keys: [hashOf(code)] })).isIn;
  }

  /** One more guest has used it, or one comes back; two at once come one behind the other. */
  async #use(
    which: DocumentName,
    { by, keys }: { readonly by: string; readonly keys: readonly string[] },
  ): Promise<{ readonly isIn: boolean; readonly invitation: Invitation }> {
    const { documents, clock, execute } = this.#options;
    let [isNew, isIn] = [false, false];
    const invitation = read(
      await documents.change(which, (latest) => {
        const before = read(latest);
        const after = clock.epoch() < before.expiresAt ? usedOnce(before, by, clock.epoch()) : undefined;
        isIn = after !== undefined;
        // Without a limit only the first time is told.
        isNew = after !== undefined && after.uses > before.uses && (before.maxUses !== undefined || before.uses === 0);
        return { document: after === undefined ? latest.document : documentOf(after), keys };
      }),
    );
    const { account, conference } = invitation;
    if (isNew) await execute('entry.tell', { conference, happening: told('invitation.used', invitation) }, { account, kind: 'system' });
    return { isIn, invitation };
  }

  /** It is good no longer; who is in stays in. */
  async revoke(account: AccountId, conference: ConferenceId, id: string): Promise<Invitation> {
    const invitation = await this.get(account, conference, id);
    await this.#options.documents.remove({ account, kind: 'invitation', id: id as DocumentId }, false);
    this.#lengths.delete(`${account}/${conference}`);
    await this.#options.execute(
      'entry.tell',
      { conference, happening: told('invitation.revoked', invitation) },
      { account, kind: 'system' },
    );
    return invitation;
  }

  /**
   * New PINs for these roles, as many as each has; those who were invited with the old ones are in the fact `pins.rotated`.
   * Refuses with conflict/no_pins_set where a role has none.
   */
  async rotate(conference: Conference, roles: readonly Role[]): Promise<Readonly<Partial<Record<Role, readonly string[]>>>> {
    const { account, id } = conference;
    const all = settingsOf(conference);
    if (roles.length === 0 || roles.some((role) => all[role].pins.length === 0)) throw noPins();
    const length = pinLengthFor(all);
    const taken = new Set([...all.member.pins, ...all.moderator.pins]);
    const pins: Partial<Record<Role, readonly string[]>> = {};
    for (const role of new Set(roles)) {
      pins[role] = all[role].pins.map(() => {
        const pin = newPin(this.#options.chance, length, (each) => taken.has(each));
        taken.add(pin);
        return pin;
      });
    }
    const now = this.#options.clock.epoch();
    const invited = (await this.list(account, id)).filter(
      (each) => each.pin === 'shared' && roles.includes(each.role) && now < each.expiresAt,
    );
    const input = { conference: id, pins, invited: invited.map((each) => each.id), revision: conference.revision };
    await this.#options.execute('pins.rotate', input, { account, kind: 'api' });
    return pins;
  }

  async lengths(account: AccountId, conference: ConferenceId): Promise<readonly number[]> {
    const { clock } = this.#options;
    const key = `${account}/${conference}`;
    const known = this.#lengths.get(key);
    if (known !== undefined && clock.now() - known.at < FRESH) return known.lengths;
    const now = clock.epoch();
    const good = (await this.list(account, conference)).filter((each) => now < each.expiresAt);
    const lengths = [...new Set(good.flatMap(({ pinLength }) => (pinLength === undefined ? [] : [pinLength])))];
    if (this.#lengths.size >= MOST) this.#lengths.clear();
    this.#lengths.set(key, { at: clock.now(), lengths });
    return lengths;
  }

  async recognise(
    visitor: Visitor,
    conference: ConferenceId,
    { pin, role: wanted, invitation: own, knownAs }: GuestPin,
  ): Promise<Recognised | undefined> {
    const { documents } = this.#options;
    const { account, callerNumber } = visitor;
    const found = await documents.holder({ account, kind: 'invitation' }, this.#hashed(conference, pin));
    if (found === undefined || (wanted !== undefined && read(found).role !== wanted)) return undefined;
    if (own !== undefined && found.id !== own) return undefined;
    const by = knownAs ?? callerNumber;
    const { isIn, invitation } = await this.#use(found, { by, keys: this.#keysOf(found, conference, pin) });
    if (!isIn) return undefined;
    const { id, name, role, language } = invitation;
    return { role, guest: { invitation: id, name, ...(language === undefined ? {} : { language }) } };
  }

  /** With a PIN that neither the conference nor another guest has. */
  async #withPin(conference: Conference, base: Invitation): Promise<{ readonly invitation: Invitation; readonly pin: string }> {
    const all = settingsOf(conference);
    const pins = [...all.member.pins, ...all.moderator.pins];
    for (;;) {
      const pin = newPin(this.#options.chance, pinLengthFor(all), (each) => isOneOf(each, pins));
      try {
        const invitation = await this.#add({ ...base, pinLength: pin.length }, [this.#hashed(conference.id, pin)]);
        return { invitation, pin };
      } catch (error) {
        if (!isTaken(error)) throw error;
      }
    }
  }

  async #add(invitation: Invitation, keys: readonly string[]): Promise<Invitation> {
    const { account, id, code } = invitation;
    const wish = { account, kind: 'invitation' as const, id: id as DocumentId, document: documentOf(invitation) };
    await this.#options.documents.create({ ...wish, keys: [hashOf(code), ...keys] });
    return invitation;
  }

  /** What is long over goes before something new comes. */
  async #makeRoom(account: AccountId, conference: ConferenceId): Promise<void> {
    const now = this.#options.clock.epoch();
    const all = await this.list(account, conference);
    const over = all.filter((each) => now >= each.expiresAt + KEPT_FOR);
    for (const { id } of over) await this.#options.documents.remove({ account, kind: 'invitation', id: id as DocumentId }, false);
    if (all.length - over.length >= MOST) {
      throw new Failure('limit', 'too_many_invitations', 'the conference has too many invitations', { details: { limit: MOST } });
    }
  }

  #hashed(conference: ConferenceId, pin: string): string {
    return `pin:${createHmac('sha256', this.#options.key)
      .update(JSON.stringify([conference, pin]))
      .digest('hex')}`;
  }

  #keysOf({ document }: Pick<AccountDocument, 'document'>, conference: ConferenceId, pin: string): readonly string[] {
    return [hashOf(String(document['code'])), this.#hashed(conference, pin)];
  }
}

const read = ({
  account,
  id,
  document,
}: {
  readonly account: AccountId;
  readonly id: DocumentId;
  readonly document: JsonObject;
}): Invitation => invitationOf(account, id, document);

const told = (type: 'invitation.created' | 'invitation.used' | 'invitation.revoked', { id, role }: Invitation) => ({
  type,
  invitation: id,
  role,
});

const noPins = (): Failure =>
  new Failure('conflict', 'no_pins_set', 'the conference asks nobody of this role for a PIN; set member.pins or moderator.pins');

/** Which PIN he gives. One of his own helps only where others need one too. */
function pinFor(conference: Conference, { pin, role }: InvitationWish): InvitationPin {
  const { member, moderator } = settingsOf(conference);
  const hasAny = member.pins.length + moderator.pins.length > 0;
  const own = (role === 'moderator' ? moderator : member).pins.length > 0;
  if (pin === undefined) return own ? 'shared' : 'none';
  if ((pin === 'one-time' && !hasAny) || (pin === 'shared' && !own)) throw noPins();
  return pin;
}
