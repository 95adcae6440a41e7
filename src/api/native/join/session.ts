import { type Alarm, type Clock, Failure, type Log } from '../../../base/index.ts';
import type { EntryStage, Execute, Input, Invitation, Participant, Place } from '../../../conference/index.ts';
import type { AcceptedSocket } from '../../options.ts';
import type { FromBrowser, ToBrowser } from '../join-shapes.ts';
import { Problem, problemBody, problemOf } from '../problem.ts';
import type { JoinedCall, JoinedPage } from './doors.ts';
import { type Ending, type Farewell, farewellOf, TAKEN_OVER, USED_UP } from './endings.ts';
import { type Moderate, moderate } from './moderate.ts';
import { frameOf } from './room-frames.ts';
import type { JoinRooms } from './rooms.ts';

/** What somebody can say who is in. */
type Act = Extract<FromBrowser, { type: 'mute' | 'deaf' | 'hand' }>;

/** How long a guest stays in whose websocket is gone, ms. */
const PATIENCE = 30_000;
/** A page that takes nothing is let go at so many bytes; it may come back. */
const MOST_UNSENT = 1_048_576;
/** Close codes of our own (RFC 6455 §7.4.2): another page has taken over; the page takes too little. */
const CODES = { takenOver: 4001, slow: 4002 } as const;

/** What a guest's stay needs. */
export interface SessionNeeds {
  readonly clock: Clock;
  readonly log: Log;
  readonly execute: Execute;
  readonly rooms: JoinRooms;
  readonly invitation: Invitation;
  /** With which a page goes on; it is in no log. */
  readonly resume: string;
  /** By what he is told from other guests of the invitation. */
  readonly knownAs: string;
  /** As many others have come in by the invitation as it is for. */
  readonly isUsedUp: () => Promise<boolean>;
  readonly iceServers: () => Extract<ToBrowser, { type: 'answer' }>['ice_servers'];
  /** He takes part for the first time. */
  readonly cameIn: (session: JoinSession) => void;
  readonly over: (session: JoinSession) => void;
}

/** One guest's stay, from his first page to the end of his call: pages may come and go meanwhile. */
export class JoinSession implements JoinedPage {
  readonly #needs: SessionNeeds;
  #call: JoinedCall | undefined;
  #socket: AcceptedSocket | undefined;
  #gone: Alarm | undefined;
  /** Given with `join`, until it is asked for. */
  #pin: string | undefined;
  #shown: ToBrowser | undefined;
  #stage: EntryStage['at'] | undefined;
  #place: { readonly conference: Place['conference']; readonly participant: Participant } | undefined;
  #leaveRoom: (() => void) | undefined;
  #ended: Farewell | undefined;
  #instead: Farewell | undefined;

  constructor(needs: SessionNeeds, { socket, pin }: { readonly socket: AcceptedSocket; readonly pin: string | undefined }) {
    this.#needs = needs;
    this.#pin = pin;
    this.#attach(socket);
  }

  get invitation(): Invitation {
    return this.#needs.invitation;
  }

  /** By what he is told from other guests of the invitation. */
  get knownAs(): string {
    return this.#needs.knownAs;
  }

  /** He takes part. */
  get isIn(): boolean {
    return this.#place !== undefined;
  }

  /** His call, as soon as there is one. */
  begin(call: JoinedCall): void {
    this.#call = call;
    // He has gone while it was made.
    if (this.#ended !== undefined) call.leave();
  }

  /** Another page goes on with it. Refuses with what the call says of its offer. */
  resume(socket: AcceptedSocket, sdp: string): void {
    const answer = this.#offered(sdp);
    const former = this.#socket;
    this.#detach();
    former?.close({ code: CODES.takenOver, reason: 'taken over' });
    this.#attach(socket);
    this.answered(answer);
    if (this.#place !== undefined) this.#enter(this.#place);
    else if (this.#shown !== undefined) this.#tell(this.#shown);
  }

  /** He goes. `instead`: what he is told of it. */
  leave(instead?: Farewell): void {
    this.#instead ??= instead;
    if (this.#call === undefined) this.ended({ reason: 'hung-up' });
    else this.#call.leave();
  }

  /** There will be no call: whoever says why closes the socket. */
  abandon(): void {
    this.#ended ??= TAKEN_OVER;
    this.#gone?.cancel();
    this.#detach();
    this.#needs.over(this);
  }

  /** The server stops: his page is told, his call ends by itself. */
  stop(farewell: Farewell): void {
    this.#end(farewell);
  }

  answered(sdp: string): void {
    this.#tell({ type: 'answer', sdp, resume: this.#needs.resume, ice_servers: this.#needs.iceServers() });
  }

  connected(): void {}

  stage(stage: EntryStage): void {
    this.#stage = stage.at;
    if (stage.at === 'pin') void this.#askPin(stage.again);
    else if (stage.at !== 'leaving' && stage.at !== 'number') this.#show({ type: 'waiting', why: stage.at });
  }

  brought({ conference, participant }: Place): void {
    this.#leaveRoom?.();
    this.#leaveRoom = undefined;
    this.#place = participant && { conference, participant };
    if (this.#place === undefined) return;
    this.#shown = undefined;
    this.#needs.cameIn(this);
    this.#enter(this.#place);
  }

  ended(ending: Ending): void {
    this.#end(this.#instead ?? farewellOf(ending));
  }

  /** A frame of his page. What is refused is told to it. */
  async hear(frame: FromBrowser): Promise<void> {
    try {
      await this.#hear(frame);
    } catch (error) {
      const problem = problemOf(error);
      if (problem === undefined) this.#needs.log.error('a frame of a guest broke', { type: frame.type, error });
      this.#tell(problemFrame(problem ?? new Problem(500, 'internal', 'an unexpected error')));
    }
  }

  async #hear(frame: FromBrowser): Promise<void> {
    switch (frame.type) {
      case 'offer':
        this.answered(this.#offered(frame.sdp));
        return;
      case 'pin':
        this.#enterPin(frame.pin);
        return;
      case 'key':
        this.#call?.press(frame.key);
        return;
      case 'mute':
      case 'deaf':
      case 'hand':
        await this.#act(frame);
        return;
      case 'moderate':
        await this.#moderate(frame);
        return;
      case 'leave':
        this.leave();
        return;
      case 'ping':
        this.#tell({ type: 'pong' });
        return;
      case 'join':
        throw new Problem(409, 'joined_already', 'this page has joined already');
      case 'candidate':
    }
  }

  /** What he does to himself, as a telephone does by its keys. */
  async #act(frame: Act): Promise<void> {
    const { execute, invitation } = this.#needs;
    const { conference, participant } = this.#here();
    const actor = { account: invitation.account, kind: 'call' } as const;
    const one = { conference, which: participant.id as string };
    if (frame.type === 'mute') {
      const input: Input<'participants.mute'> = { ...one, muted: frame.muted, by: 'self' };
      await execute('participants.mute', input, actor);
    } else if (frame.type === 'deaf') await execute('participants.deafen', { ...one, deaf: frame.deaf }, actor);
    else await execute('participants.hand', { ...one, raised: frame.raised }, actor);
  }

  /** What he does to others as a moderator. */
  async #moderate(frame: Moderate): Promise<void> {
    const { execute, invitation } = this.#needs;
    const { conference, participant } = this.#here();
    await moderate(frame, { execute, account: invitation.account, conference, participant: participant.id });
  }

  #here(): NonNullable<JoinSession['place']> {
    if (this.#place === undefined) throw new Problem(409, 'not_in', 'you are not in the conference yet');
    return this.#place;
  }

  #offered(sdp: string): string {
    if (this.#call === undefined) throw new Failure('conflict', 'call_not_up', 'the call is not answered yet');
    return this.#call.offer(sdp);
  }

  async #askPin(again: boolean): Promise<void> {
    const pin = again ? undefined : this.#pin;
    this.#pin = undefined;
    // A PIN that was right a moment ago is wrong when others were quicker.
    if (again && this.invitation.pin === 'one-time' && (await this.#needs.isUsedUp().catch(() => false))) return this.leave(USED_UP);
    if (this.#stage !== 'pin' || this.#ended !== undefined) return;
    if (pin === undefined) this.#show({ type: 'pin', wrong: again });
    else this.#enterPin(pin);
  }

  /** Typed as on a telephone; at any other time these keys would mean something else. */
  #enterPin(pin: string): void {
    if (this.#stage !== 'pin') throw new Problem(409, 'no_pin_asked', 'no PIN is asked for now');
    for (const digit of `${pin}#`) this.#call?.press(digit);
  }

  #enter({ conference, participant }: NonNullable<JoinSession['place']>): void {
    this.#leaveRoom?.();
    const { rooms, invitation } = this.#needs;
    const tell = (frame: Uint8Array): void => this.#send(frame);
    this.#leaveRoom = rooms.enter(invitation.account, conference, { participant: participant.id, tell });
  }

  /** Where he takes part; undefined: not yet. */
  get place(): { readonly conference: Place['conference']; readonly participant: Participant } | undefined {
    return this.#place;
  }

  #attach(socket: AcceptedSocket): void {
    this.#socket = socket;
    this.#gone?.cancel();
    this.#gone = undefined;
    socket.onClose(() => {
      if (this.#socket === socket) this.#lost();
    });
  }

  /** His page is gone; perhaps its network has changed, and it comes back. */
  #lost(): void {
    this.#detach();
    if (this.#ended !== undefined) return;
    const { clock } = this.#needs;
    this.#gone = clock.wake(clock.now() + PATIENCE, () => this.leave());
  }

  #detach(): void {
    this.#leaveRoom?.();
    this.#leaveRoom = undefined;
    this.#socket = undefined;
  }

  /** What he sees as long as he is not in. */
  #show(frame: ToBrowser): void {
    this.#shown = frame;
    this.#tell(frame);
  }

  #tell(frame: ToBrowser): void {
    this.#send(frameOf(frame));
  }

  #send(frame: Uint8Array): void {
    if (this.#socket === undefined) return;
    if (this.#socket.bufferedAmount > MOST_UNSENT) this.#socket.close({ code: CODES.slow, reason: 'too slow' });
    else this.#socket.sendText(frame);
  }

  #end(farewell: Farewell): void {
    if (this.#ended !== undefined) return;
    this.#ended = farewell;
    this.#gone?.cancel();
    this.#tell({ type: 'ended', ...farewell });
    const socket = this.#socket;
    this.#detach();
    socket?.close();
    this.#needs.over(this);
  }
}

/** A refusal as a frame. */
export const problemFrame = (problem: Problem): ToBrowser => {
  const { title, status, detail, code, type: urn, ...more } = problemBody(problem);
  return {
    ...more,
    type: 'problem',
    title: String(title),
    status: Number(status),
    detail: String(detail),
    code: String(code),
    urn,
  } as ToBrowser;
};
