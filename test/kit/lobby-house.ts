import { noLog } from '../../src/base/index.ts';
import { Shield } from '../../src/conference/entry/shield.ts';
import {
  type Call,
  type CallId,
  type Conference,
  type ConferenceId,
  Conferences,
  EntryDesk,
  type Execute,
  type FlowPlan,
  Lobbies,
  type LobbyNeeds,
  lobbyOf,
  noDefaults,
} from '../../src/conference/index.ts';
import {
  aCall,
  aConferenceId,
  anAccount,
  anActor,
  FaultyStore,
  RecordingEvents,
  RecordingMedia,
  RecordingTelephony,
} from './conference-fakes.ts';
import { FakeSounds } from './conference-sounds.ts';
import { FakeClock } from './fake-clock.ts';
import { SeededChance } from './seeded-chance.ts';

/** Lobbies before a domain, everything around both faked. What telephones are told is done at once. */
export class LobbyHouse {
  readonly clock = new FakeClock();
  readonly store = new FaultyStore();
  readonly events = new RecordingEvents();
  readonly media = new RecordingMedia();
  readonly telephony = new RecordingTelephony();
  readonly sounds = new FakeSounds();
  readonly lobbies: Lobbies;
  readonly conferences: Conferences;
  readonly execute: Execute;

  constructor(more: Partial<LobbyNeeds> = {}) {
    const { clock, store, media, telephony, events, sounds } = this;
    store.storing = (facts) => events.stored(facts);
    const chance = new SeededChance(1);
    const shield = new Shield({
      clock,
      keeping: { all: async () => [], find: async () => undefined, save: () => {}, remove: () => {} },
      locked: () => {},
    });
    const desk = new EntryDesk({
      log: noLog,
      shield,
      conference: async (account, id) => {
        const found = await store.load(account, id);
        return found?.deletedAt === undefined ? found : undefined;
      },
      byNumber: (account, number) => store.findByNumber(account, number),
      defaults: async () => noDefaults,
    });
    const inner: Execute = (name, input, actor) => this.conferences.execute(name, input, actor);
    this.lobbies = new Lobbies({ clock, chance, log: noLog, media, telephony, desk, player: sounds.player, execute: inner, ...more });
    const { player, recorder, scribe } = sounds;
    const ports = { media, telephony: this.lobbies.telephony, player, recorder, scribe, streams: sounds };
    this.conferences = new Conferences({ clock, chance, log: noLog, store, events, ...ports });
    this.execute = this.lobbies.execute;
  }

  /** The `n`th call of the kit comes to its lobby with this flow, and is up. */
  async comes(n: number, actions: FlowPlan['actions'], parts: Partial<Call> = {}): Promise<Call> {
    const call = aCall(n, parts);
    await this.execute(
      'call.arrived',
      { conference: lobbyOf(call.id), call, role: undefined, flow: { actions }, dialled: '1000' },
      anActor,
    );
    await this.execute('call.answered', { conference: lobbyOf(call.id), call: call.id }, anActor);
    await this.settled();
    return call;
  }

  /** Lets everything happen that is under way. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 100; turn += 1) await undefined;
  }

  /** Where the signalling has the call: its commands go there. */
  placeOf(call: CallId): ConferenceId {
    return this.telephony.brought.findLast((each) => each.call === call)?.place.conference ?? lobbyOf(call);
  }

  /** The signalling says that the call is gone. */
  async ends(call: CallId): Promise<void> {
    await this.execute('call.ended', { conference: this.placeOf(call), call, reason: 'hung-up' }, anActor);
  }

  async press(call: CallId, digits: string): Promise<void> {
    for (const digit of digits) await this.execute('call.digit', { conference: this.placeOf(call), call, digit }, anActor);
    await this.settled();
  }

  /** What is played in the lobby of a call. */
  playing(call: CallId): readonly string[] {
    const room = `${anAccount}/${lobbyOf(call)}/${lobbyOf(call)}`;
    return [...this.sounds.playings.values()]
      .filter((each) => each.room === room)
      .flatMap(({ playing }) => playing.sources.map((source) => (typeof source === 'string' ? source : source.say)));
  }

  /** The player comes to the end of what is played in the lobby. */
  async played(call: CallId): Promise<void> {
    for (const [id, { room }] of this.sounds.playings) {
      if (!room.includes(call)) continue;
      this.sounds.playings.delete(id);
      await this.execute('play.ended', { conference: lobbyOf(call), playing: id, reason: 'finished' }, anActor);
    }
    await this.settled();
  }

  async create(document: Conference['document'], id = aConferenceId): Promise<void> {
    await this.execute('conference.create', { id, document }, anActor);
  }

  async read(id = aConferenceId): Promise<Conference> {
    return (await this.execute('conference.read', { conference: id }, anActor)).conference;
  }
}
