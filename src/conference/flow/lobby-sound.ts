import type { AccountId } from '../../accounts/index.ts';
import type { Log } from '../../base/index.ts';
import type { Call, LegId } from '../conference.ts';
import type { PlayEnd, Playing, PlayingId, PlaySource } from '../playing.ts';
import type { Media, Player, RoomOf } from '../ports.ts';
import { lobbyOf } from './lobby.ts';

/** What the sound of a lobby needs. */
export interface LobbySoundNeeds {
  readonly account: AccountId;
  readonly call: Call;
  readonly media: Media;
  readonly player: Player | undefined;
  readonly log: Log;
  newId(): string;
  epoch(): number;
  /** Something has come to its end by itself. */
  ended(play: number, reason: 'finished' | 'failed'): void;
}

/** Something that is to be heard. */
interface Asked {
  readonly play: number;
  readonly id: PlayingId;
  readonly sources: readonly PlaySource[];
  readonly loops: number;
}

/** What a caller hears in his lobby: one thing behind another, and perhaps himself. */
export class LobbySound {
  readonly #needs: LobbySoundNeeds;
  readonly #room: RoomOf;
  #queue: readonly Asked[] = [];
  /** It is being looked for, or it plays. */
  #current: Asked | undefined;
  #isPlaying = false;
  #echo = false;
  /** Who wants what he says. */
  readonly #listeners = new Set<string>();
  /** What he says is not heard; he hears nothing. */
  #quiet = { muted: false, deaf: false };
  /** Those who talk to him here. */
  #peers: readonly LegId[] = [];
  #programs: readonly LegId[] = [];
  /** The number of the last sound that no action asked for; below 0, where no action looks. */
  #aside = -2;
  /** Whoever waits for the end of such a one. */
  readonly #asides = new Map<number, () => void>();
  #isHere = false;
  #version = 0;

  constructor(needs: LobbySoundNeeds) {
    this.#needs = needs;
    const conference = lobbyOf(needs.call.id);
    this.#room = { account: needs.account, conference, instance: conference };
  }

  /** The call is in its lobby and can be played to. */
  enter(): void {
    this.#isHere = true;
    this.#rehear();
    this.#pump();
  }

  /** The call is elsewhere, or gone: whatever is played or waits is not any more, and its end is not told. */
  leave(): void {
    for (const play of [...this.#asides.keys()]) this.#asideOver(play);
    if (!this.#isHere) return;
    this.#silence();
    this.#queue = [];
    this.#echo = false;
    this.#isHere = false;
    this.#rehear();
  }

  play({ play, sources, loops }: Omit<Asked, 'id'>): void {
    this.#queue = [...this.#queue, { play, id: this.#needs.newId() as PlayingId, sources, loops }];
    this.#pump();
  }

  /** Something that no action asked for, behind what plays; resolves when it is over, however. */
  aside(source: PlaySource): Promise<void> {
    this.#aside -= 1;
    const play = this.#aside;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#asides.set(play, resolve);
    this.play({ play, sources: [source], loops: 1 });
    return promise;
  }

  #asideOver(play: number): void {
    this.#asides.get(play)?.();
    this.#asides.delete(play);
  }

  hush(play: number): void {
    this.#queue = this.#queue.filter((each) => each.play !== play);
    if (this.#current?.play !== play) return;
    this.#silence();
    this.#rehear();
    this.#pump();
  }

  echo(on: boolean): void {
    this.#echo = on;
    this.#rehear();
  }

  /** What he says can be taken by this one, or not any more. */
  listen(who: string, on: boolean): void {
    if (on) this.#listeners.add(who);
    else this.#listeners.delete(who);
    this.#rehear();
  }

  /** Programs that hear what he says, and speak to him. */
  programs(streams: readonly LegId[]): void {
    this.#programs = streams;
    this.#rehear();
  }

  /** He is silenced, or not any more. */
  quiet(quiet: { readonly muted: boolean; readonly deaf: boolean }): void {
    this.#quiet = { ...quiet };
    this.#rehear();
  }

  /** These are here besides. */
  with(peers: readonly LegId[]): void {
    this.#peers = peers;
    this.#rehear();
  }

  /** The player has come to the end of it. */
  playEnded(id: PlayingId, reason: PlayEnd): void {
    if (this.#current?.id === id) this.#over(this.#current, reason === 'finished' ? 'finished' : 'failed');
  }

  #pump(): void {
    if (!this.#isHere || this.#current !== undefined) return;
    const [next, ...rest] = this.#queue;
    if (next === undefined) return;
    this.#queue = rest;
    this.#current = next;
    void this.#start(next);
  }

  /** Sources that are not there are left out, so that the rest is heard. */
  async #start(asked: Asked): Promise<void> {
    const { player, account, log, call } = this.#needs;
    const there = await Promise.all(
      asked.sources.map((each) =>
        (player === undefined ? Promise.reject(new Error('no player')) : player.check(account, [each])).then(
          () => true,
          (error: unknown) => {
            log.warn('something is not played to a caller', { call: call.id, account, error: String(error) });
            return false;
          },
        ),
      ),
    );
    if (this.#current !== asked) return;
    const sources = asked.sources.filter((_, index) => there[index]);
    if (sources.length === 0 || player === undefined) return this.#over(asked, 'failed');
    this.#isPlaying = true;
    this.#rehear();
    const playing: Playing = { id: asked.id, sources, to: 'all', loops: asked.loops, duck: 1, startedAt: this.#needs.epoch() };
    player.start(this.#room, playing);
  }

  #over(asked: Asked, reason: 'finished' | 'failed'): void {
    this.#current = undefined;
    this.#isPlaying = false;
    this.#rehear();
    this.#asideOver(asked.play);
    this.#needs.ended(asked.play, reason);
    this.#pump();
  }

  #silence(): void {
    const { player } = this.#needs;
    if (this.#current !== undefined && this.#isPlaying) player?.stop(this.#room, this.#current.id);
    this.#current = undefined;
    this.#isPlaying = false;
  }

  /** Says to the engine what is heard here. */
  #rehear(): void {
    const { media, account, call } = this.#needs;
    this.#version += 1;
    const version = this.#version;
    if (!this.#isHere) {
      media.hear(account, this.#room.conference, { version, sources: [], listeners: [] });
      return;
    }
    const prompt =
      this.#isPlaying && this.#current !== undefined ? [{ source: { kind: 'prompt', id: this.#current.id } as const, gain: 1 }] : [];
    const { muted, deaf } = this.#quiet;
    const isWanted = this.#echo || this.#listeners.size + this.#peers.length + this.#programs.length > 0;
    const isHeard = !muted && isWanted;
    const own = isHeard ? [{ source: { kind: 'leg', id: call.leg } as const, gain: 1 }] : [];
    const himself = deaf ? [] : [{ leg: call.leg, gains: [], ...(this.#echo ? { echo: true } : {}) }];
    media.hear(account, this.#room.conference, {
      version,
      levels: false,
      sources: [
        ...prompt,
        ...own,
        ...this.#peers.map((id) => ({ source: { kind: 'leg', id } as const, gain: 1 })),
        ...this.#programs.map((id) => ({ source: { kind: 'stream', id } as const, gain: 1 })),
      ],
      listeners: [...himself, ...[...this.#peers, ...this.#programs].map((leg) => ({ leg, gains: [] }))],
    });
  }
}
