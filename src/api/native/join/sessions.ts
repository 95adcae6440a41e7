import { createHash } from 'node:crypto';
import { Check, Errors } from 'typebox/value';
import type { Chance, Clock, Closable, Log } from '../../../base/index.ts';
import type { Execute, Invitation, Invitations, Invited } from '../../../conference/index.ts';
import type { AcceptedSocket, SocketPeer } from '../../options.ts';
import { Rate } from '../../rate.ts';
import { type FromBrowser, fromBrowserByType } from '../join-shapes.ts';
import { Problem, problemOf } from '../problem.ts';
import type { JoinOptions } from './doors.ts';
import { STOPPING, TAKEN_OVER, USED_UP } from './endings.ts';
import { type IceSettings, iceServers } from './ice.ts';
import { guestName, openInvitation } from './invitation.ts';
import { isOfRun, newResume, newRun } from './resume.ts';
import { frameOf } from './room-frames.ts';
import { JoinRooms } from './rooms.ts';
import { JoinSession, problemFrame } from './session.ts';

type JoinFrame = Extract<FromBrowser, { type: 'join' }>;

/** What the sessions of guests need. */
export interface JoinSessionsNeeds extends JoinOptions {
  readonly execute: Execute;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly invitations: Pick<Invitations, 'kept' | 'opened'>;
  readonly ice: IceSettings | undefined;
}

/** How long a page may say nothing before it joins, ms. */
const FIRST = 10_000;
/** Joins of one address at once, and in a second; frames of one page likewise. */
const JOINS = { capacity: 30, perSecond: 0.5 };
const FRAMES = { capacity: 100, perSecond: 20 };
/** Close codes of our own: nothing came; too much came. */
const CODES = { silent: 4003, flood: 4004, refused: 4000 } as const;
const LONGEST_NAME = 128;

/** Every guest who is in, or on his way in, by a page. */
export class JoinSessions implements Closable {
  readonly #needs: JoinSessionsNeeds;
  readonly #rooms: JoinRooms;
  readonly #joins: Rate;
  readonly #frames: Rate;
  /** With what every secret of this start of the server begins. */
  readonly #run: Uint8Array;
  /** By the hash of their secret. */
  readonly #sessions = new Map<string, JoinSession>();
  #sockets = 0;
  #isClosed = false;

  constructor(needs: JoinSessionsNeeds) {
    this.#needs = needs;
    this.#rooms = new JoinRooms(needs);
    this.#joins = new Rate(needs.clock, JOINS);
    this.#frames = new Rate(needs.clock, FRAMES);
    this.#run = newRun(needs.chance);
  }

  /** A page has come. */
  take(socket: AcceptedSocket, { address }: SocketPeer): void {
    const { clock } = this.#needs;
    this.#sockets += 1;
    const name = String(this.#sockets);
    const late = clock.wake(clock.now() + FIRST, () => socket.close({ code: CODES.silent, reason: 'nothing came' }));
    let session: JoinSession | undefined;
    let joining = false;
    const begin = async (frame: FromBrowser): Promise<void> => {
      if (frame.type === 'ping') return socket.sendText(frameOf({ type: 'pong' }));
      if (frame.type !== 'join') throw new Problem(409, 'not_joined', 'say join first');
      if (joining) throw new Problem(409, 'joined_already', 'this page joins already');
      joining = true;
      late.cancel();
      session = await this.#join(socket, frame, address);
    };
    socket.onClose(() => late.cancel());
    socket.onMessage((text) => {
      if (!this.#frames.charge(name).allowed) return socket.close({ code: CODES.flood, reason: 'too many frames' });
      const frame = readFrame(text);
      if (frame instanceof Problem) socket.sendText(frameOf(problemFrame(frame)));
      else if (session !== undefined) void session.hear(frame);
      else void begin(frame).catch((error: unknown) => this.#refuse(socket, error));
    });
  }

  /** Tells every page that the server stops; their calls end by themselves. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const each of [...this.#sessions.values()]) each.stop(STOPPING);
    await this.#rooms.close();
  }

  #refuse(socket: AcceptedSocket, error: unknown): void {
    const problem = problemOf(error);
    if (problem === undefined) this.#needs.log.error('a guest could not join', { error });
    socket.sendText(frameOf(problemFrame(problem ?? new Problem(500, 'internal', 'an unexpected error'))));
    socket.close({ code: CODES.refused, reason: problem?.code ?? 'internal' });
  }

  async #join(socket: AcceptedSocket, frame: JoinFrame, address: string): Promise<JoinSession> {
    if (this.#isClosed) throw new Problem(503, 'closed', 'the server is stopping');
    if (!this.#joins.charge(address).allowed) throw new Problem(429, 'too_many_joins', 'too many joins from this address; wait a little');
    if (frame.resume !== undefined) return this.#resume(socket, frame, frame.resume);
    const { browsers, invitations, execute } = this.#needs;
    const { invitation, conference } = await openInvitation({ code: frame.code, before: frame.back }, { browsers, invitations, execute });
    const session = this.#newSession(socket, frame, invitation);
    const wish = { account: invitation.account, conference: conference.id, invited: invitedOf(frame, session), address };
    try {
      session.begin(await browsers.join({ ...wish, offer: frame.sdp, page: session }));
    } catch (error) {
      session.abandon();
      throw error;
    }
    return session;
  }

  #newSession(socket: AcceptedSocket, { pin, back }: JoinFrame, invitation: Invitation): JoinSession {
    const { clock, chance, log, execute, ice, browsers, invitations } = this.#needs;
    const resume = newResume(chance, this.#run, back);
    const key = hashOf(resume);
    const knownAs = guestName(invitation, resume, browsers);
    const session = new JoinSession(
      {
        clock,
        log,
        execute,
        rooms: this.#rooms,
        invitation,
        resume,
        iceServers: () => this.iceServersFor(ice, invitation),
        knownAs,
        isUsedUp: async () => (await invitations.kept(invitation.code, () => knownAs))?.over === 'used',
        cameIn: (one) => void this.#cameIn(one),
        over: () => this.#sessions.delete(key),
      },
      { socket, pin },
    );
    this.#sessions.set(key, session);
    return session;
  }

  /** What a guest is given to find his way. */
  iceServersFor(ice: IceSettings | undefined, { id }: Invitation): ReturnType<typeof iceServers> {
    return iceServers(ice, id.slice(0, 12), this.#needs.clock.epoch());
  }

  /** The link, and the secret that its page was given, belong together. */
  #resume(socket: AcceptedSocket, { code, sdp }: JoinFrame, resume: string): JoinSession {
    const session = this.#sessions.get(hashOf(resume));
    if (session === undefined || session.invitation.code !== code) throw this.#over(resume);
    session.resume(socket, sdp);
    return session;
  }

  /** Whoever was in when the server broke down has not left, and was not sent away: his page may bring him back by itself. */
  #over(resume: string): Problem {
    const restarted = !isOfRun(resume, this.#run);
    const why = restarted ? 'the server was started anew' : 'this call is over';
    return new Problem(410, 'resume_over', `${why}; join again without \`resume\``, { restarted });
  }

  /** Of an invitation for so many guests each is in once: where one comes in again, his former page goes. */
  async #cameIn(session: JoinSession): Promise<void> {
    const { invitation, knownAs } = session;
    const { invitations, log } = this.#needs;
    const isIn = await invitations.opened(invitation, knownAs).catch((error: unknown) => {
      log.warn('the use of an invitation was not kept', { error });
      return true;
    });
    if (!isIn) session.leave(USED_UP);
    if (invitation.maxUses === undefined) return;
    for (const each of [...this.#sessions.values()]) {
      if (each !== session && each.isIn && each.invitation.id === invitation.id && each.knownAs === knownAs) each.leave(TAKEN_OVER);
    }
  }
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64');

/** Reads a frame; a problem says what is wrong with it, without repeating it. */
function readFrame(text: string | Uint8Array): FromBrowser | Problem {
  const bad = (detail: string): Problem => new Problem(400, 'invalid', detail);
  if (typeof text !== 'string') return bad('frames are text');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return bad('a frame is no JSON');
  }
  const named = (value as { readonly type?: unknown } | null)?.type;
  const shape = typeof named === 'string' ? fromBrowserByType.get(named) : undefined;
  if (shape === undefined) return bad(`type must be one of ${[...fromBrowserByType.keys()].join(', ')}`);
  if (Check(shape, value)) return value as FromBrowser;
  const [first] = Errors(shape, value);
  return bad(`${named}: ${first?.instancePath ?? ''} ${first?.message ?? 'is not right'}`.replace(/\s+/g, ' '));
}

/** Who he will be: by his invitation, with the name that he likes. */
function invitedOf({ name }: JoinFrame, { invitation, knownAs }: Pick<JoinSession, 'invitation' | 'knownAs'>): Invited {
  const { id, role, pin, language, name: known } = invitation;
  const wished = cleaned(name ?? '');
  return {
    invitation: id,
    name: wished === '' ? known : wished,
    role,
    pin,
    knownAs,
    ...(language === undefined ? {} : { language }),
  };
}

/** Without what no name has: control and direction characters, and blanks at its ends. */
const cleaned = (name: string): string =>
  name
    .replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, LONGEST_NAME);
