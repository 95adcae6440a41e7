import type { AccountId } from '../../../accounts/index.ts';
import { dashed, type Log } from '../../../base/index.ts';
import {
  type CallId,
  type ConferenceId,
  type ConferenceView,
  type Execute,
  type Fact,
  type InterimSignal,
  type Participant,
  type ParticipantId,
  settingsOf,
  type TalkSignal,
  type Waiting,
} from '../../../conference/index.ts';
import type { JoinConference, ToBrowser } from '../join-shapes.ts';
import { isSeenByMembers, joinCaller, joinPerson, type Seen, speakerName } from './person.ts';
import { frameOf, joinConference, joinedFrame, selfFrame } from './room-frames.ts';

/** Somebody in the room whose page is told of it. */
export interface RoomGuest {
  readonly participant: ParticipantId;
  tell(frame: Uint8Array): void;
}

/** What a room needs. */
export interface JoinRoomNeeds {
  readonly account: AccountId;
  readonly conference: ConferenceId;
  readonly execute: Execute;
  readonly log: Log;
  /** Who talks now, of every account. */
  readonly talking: ReadonlySet<ParticipantId>;
}

/** Facts that wait while the room is looked at. */
const HELD = 5000;

/** Facts after which the conference as a whole may be otherwise. */
const OF_ALL =
  /^(conference\.(changed|locked|unlocked)|room\.|recording\.(started|stopped|paused|resumed)|transcription\.(started|stopped))/;

/** One conference as the pages of its guests show it: looked at once, and told to all of them from then on. */
export class JoinRoom {
  readonly #needs: JoinRoomNeeds;
  readonly #guests = new Set<RoomGuest>();
  /** Those who have come and were shown nothing yet. */
  readonly #coming = new Set<RoomGuest>();
  readonly #people = new Map<ParticipantId, Participant>();
  /** Who waits to be let in, in the order of coming. */
  readonly #waiting = new Map<CallId, Waiting>();
  #conference: JoinConference | undefined;
  #selfUnmute = true;
  /** Facts up to this number are in what is shown. */
  #sequence = 0;
  #held: Fact[] | undefined = [];
  #looking = false;
  #lookAgain = false;

  constructor(needs: JoinRoomNeeds) {
    this.#needs = needs;
  }

  /** Nobody is told any more. */
  get isEmpty(): boolean {
    return this.#guests.size + this.#coming.size === 0;
  }

  /** Somebody has come, or has come back: he is told how it is, and what happens. */
  enter(guest: RoomGuest): void {
    this.#coming.add(guest);
    // Who is not known to be in yet is welcomed by the fact that tells it.
    if (this.#held === undefined) this.#welcome(guest);
    else this.begin();
  }

  leave(guest: RoomGuest): void {
    this.#guests.delete(guest);
    this.#coming.delete(guest);
  }

  /** Looks at the room, and shows it to everybody anew. */
  begin(): void {
    if (this.#looking) this.#lookAgain = true;
    else void this.#look();
  }

  fact(fact: Fact): void {
    if (this.#held === undefined) this.#take(fact);
    else if (this.#held.length < HELD) this.#held.push(fact);
    else this.begin();
  }

  signal(signal: InterimSignal | TalkSignal): void {
    if (this.#held !== undefined) return;
    if (signal.type === 'transcript.interim') {
      this.#caption(signal.about, signal, false);
      return;
    }
    const participant = this.#people.get(signal.about.id);
    if (participant !== undefined) this.#tellOf(participant);
  }

  async #look(): Promise<void> {
    const { account, conference, execute, log } = this.#needs;
    this.#looking = true;
    try {
      do {
        this.#lookAgain = false;
        this.#held ??= [];
        this.#show(await execute('conference.read', { conference }, { account, kind: 'system' }));
      } while (this.#lookAgain);
    } catch (error) {
      // A conference that is deleted has nobody left to show it to.
      log.info('a conference cannot be shown to its guests', { conference, error });
    } finally {
      this.#looking = false;
    }
  }

  #show(view: ConferenceView): void {
    const { room, sequence } = view.conference;
    this.#sequence = sequence;
    this.#people.clear();
    for (const each of room?.participants ?? []) this.#people.set(each.id, each);
    this.#waiting.clear();
    for (const each of room?.waiting ?? []) this.#waiting.set(each.call.id, each);
    this.#selfUnmute = settingsOf(view.conference).selfUnmute;
    this.#conference = joinConference(view);
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const guest of [...this.#guests, ...this.#coming]) this.#welcome(guest);
    for (const fact of held) this.#take(fact);
  }

  #welcome(guest: RoomGuest): void {
    const me = this.#people.get(guest.participant);
    if (me === undefined || this.#conference === undefined) return;
    this.#coming.delete(guest);
    this.#guests.add(guest);
    guest.tell(frameOf(joinedFrame(me, this.#conference)));
    this.#tellAll(guest, me);
  }

  #tellAll(guest: RoomGuest, me: Participant): void {
    guest.tell(frameOf(this.#everybody(me.role === 'moderator')));
    guest.tell(frameOf(selfFrame(me, this.#selfUnmute)));
    if (me.role === 'moderator') guest.tell(frameOf(this.#callers()));
  }

  #callers(): ToBrowser {
    return { type: 'callers', callers: [...this.#waiting.values()].map(joinCaller) };
  }

  #everybody(isModerator: boolean): ToBrowser {
    const seen = [...this.#people.values()].filter((each) => isModerator || isSeenByMembers(each));
    return { type: 'people', people: seen.map((each) => joinPerson(this.#seen(each), isModerator)) };
  }

  #seen(participant: Participant): Seen {
    return { participant, talking: this.#needs.talking.has(participant.id) };
  }

  #take(fact: Fact): void {
    if (fact.sequence <= this.#sequence) return;
    this.#sequence = fact.sequence;
    if (fact.type === 'participant.left') this.#left(fact.participant);
    else if (fact.type === 'waiting.joined' || fact.type === 'waiting.admitted' || fact.type === 'waiting.left') this.#waits(fact);
    else if (fact.type === 'transcript.created') this.#caption(fact.about ?? this.#people.get(fact.participant), fact, true);
    else if (fact.about !== undefined) this.#changed(fact.about);
    if (OF_ALL.test(fact.type)) void this.#lookAtAll();
  }

  #waits(fact: Extract<Fact, { type: 'waiting.joined' | 'waiting.admitted' | 'waiting.left' }>): void {
    if (fact.type === 'waiting.joined') this.#waiting.set(fact.waiting.call.id, fact.waiting);
    else this.#waiting.delete(fact.call);
    this.#tell((isModerator) => (isModerator ? this.#callers() : undefined));
  }

  #left(id: ParticipantId): void {
    const gone = this.#people.get(id);
    if (gone === undefined) return;
    this.#people.delete(id);
    this.#tell((isModerator) => (isModerator || isSeenByMembers(gone) ? { type: 'left', id: dashed(id) } : undefined));
  }

  #changed(now: Participant): void {
    const before = this.#people.get(now.id);
    this.#people.set(now.id, now);
    if (before === undefined || isOtherwise(before, now)) this.#tellOf(now);
    for (const guest of this.#coming) if (guest.participant === now.id) this.#welcome(guest);
    for (const guest of this.#guests) {
      if (guest.participant !== now.id || before === undefined) continue;
      // What he sees of the others depends on what he is.
      if (before.role !== now.role) this.#tellAll(guest, now);
      else if (isOtherwise(before, now)) guest.tell(frameOf(selfFrame(now, this.#selfUnmute)));
    }
  }

  #tellOf(participant: Participant): void {
    const seen = this.#seen(participant);
    this.#tell((isModerator) =>
      isModerator || isSeenByMembers(participant) ? { type: 'person', person: joinPerson(seen, isModerator) } : undefined,
    );
  }

  #caption(speaker: Participant | undefined, { text, language }: Pick<InterimSignal, 'text' | 'language'>, final: boolean): void {
    this.#tell((isModerator) => ({
      type: 'caption',
      who: speaker === undefined ? null : dashed(speaker.id),
      name: speaker === undefined ? '' : speakerName(speaker, isModerator),
      text,
      final,
      language,
    }));
  }

  /** To each guest what he may see; written once for members and once for moderators. */
  #tell(write: (isModerator: boolean) => ToBrowser | undefined): void {
    const written = new Map<boolean, Uint8Array | undefined>();
    for (const guest of this.#guests) {
      const isModerator = this.#people.get(guest.participant)?.role === 'moderator';
      if (!written.has(isModerator)) {
        const frame = write(isModerator);
        written.set(isModerator, frame && frameOf(frame));
      }
      const frame = written.get(isModerator);
      if (frame !== undefined) guest.tell(frame);
    }
  }

  /** How the conference as a whole is now: looked at once for whatever happened in the meantime. */
  async #lookAtAll(): Promise<void> {
    const { account, conference, execute } = this.#needs;
    const view = await execute('conference.read', { conference }, { account, kind: 'system' }).catch(() => undefined);
    if (view === undefined || this.#held !== undefined) return;
    const now = joinConference(view);
    const { selfUnmute } = settingsOf(view.conference);
    if (selfUnmute !== this.#selfUnmute) {
      this.#selfUnmute = selfUnmute;
      for (const guest of this.#guests) this.#tellSelf(guest);
    }
    if (JSON.stringify(now) === JSON.stringify(this.#conference)) return;
    this.#conference = now;
    this.#tell(() => ({ type: 'conference', conference: now }));
  }

  #tellSelf(guest: RoomGuest): void {
    const me = this.#people.get(guest.participant);
    if (me !== undefined) guest.tell(frameOf(selfFrame(me, this.#selfUnmute)));
  }
}

/** Whether a guest would see a difference. */
const isOtherwise = (one: Participant, other: Participant): boolean =>
  one.role !== other.role ||
  one.deaf !== other.deaf ||
  one.handRaisedAt !== other.handRaisedAt ||
  one.consent?.state !== other.consent?.state ||
  one.muted.join() !== other.muted.join() ||
  one.call.callerName !== other.call.callerName;
