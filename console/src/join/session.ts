import { batch, computed, signal } from '@preact/signals';
import { Line } from '../kit/line.ts';
import { TalkEar } from './ear.ts';
import { formerCall, rememberCall } from './former-call.ts';
import { Media } from './media.ts';
import type { Microphone } from './microphone.ts';
import type { FromServer, IceServer, Invitation, ModeratorAct, ToServer } from './protocol.ts';
import { EMPTY, forgotten, heard, type News, newsOf, type Room } from './room.ts';

export interface SessionOptions {
  readonly code: string;
  readonly invitation: Invitation;
  readonly microphone: Microphone;
  readonly name: string;
  readonly pin: string;
  /** The microphone is off at first. */
  readonly muted: boolean;
  readonly played: (stream: MediaStream) => void;
  readonly news: (news: News) => void;
}

/** The websocket's close code when another window goes on with this stay. */
const TAKEN_OVER = 4001;
/** Whoever was away for longer does not find himself talking in a room again just because the server was started anew meanwhile, ms. */
const UNFORGOTTEN = 300_000;

/** One stay in a conference: from the click on "Join" to the end, through all losses of the network. */
export class Session {
  readonly room = signal<Room>(EMPTY);
  /** The network is gone and is being looked for. */
  readonly isLost = signal(false);
  /** He talks although nobody hears it. */
  readonly talksMuted = signal(false);
  /** When he was let in, epoch ms. */
  readonly since = signal<number | undefined>(undefined);
  /** Held down: he talks for that long. */
  readonly isHeld = signal(false);
  /** What he wants; the server says what is. */
  readonly wantsMuted = signal(false);
  readonly isHeard = computed(
    () => this.room.value.at === 'in' && !this.room.value.self.muted && this.#options.microphone.state.value === 'on',
  );
  readonly #options: SessionOptions;
  readonly #line: Line<FromServer, ToServer>;
  readonly #ear = new TalkEar();
  readonly #waiting: FromServer[] = [];
  #media: Media | undefined;
  #old: Media | undefined;
  #isDrawn = true;
  #isResuming = false;
  /** When the connection was lost, epoch ms. */
  #lostAt: number | undefined;
  /** What was typed last. */
  #pin: string;
  #iceServers: readonly IceServer[];
  /** Asked for, and not yet seen in the server's word. */
  #wish: boolean | undefined;
  #quietTalk: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.wantsMuted.value = options.muted;
    this.#pin = options.pin;
    this.#iceServers = options.invitation.ice_servers;
    const { microphone } = options;
    microphone.changed = (track) => {
      this.#voice();
      void this.#media?.send(track);
    };
    microphone.listened = (decibels) => this.#listen(decibels);
    this.#voice();
    this.#line = new Line({
      url: () => '/api/join',
      opened: () => void this.#enter(),
      heard: (frame) => this.#hear(frame),
      lost: (code) => {
        if (code === TAKEN_OVER) this.#end('taken-over');
        const { at, resume } = this.room.value;
        this.isLost.value = at !== 'ended' && (at === 'in' || resume !== undefined);
        if (this.isLost.value) this.#lostAt ??= Date.now();
        return at === 'ended';
      },
      ping: { type: 'ping' },
      quiet: 1500,
      patience: 1200,
    });
  }

  /** Switches the own microphone off or on. */
  mute(muted: boolean): void {
    this.wantsMuted.value = muted;
    this.#wish = muted;
    this.#voice();
    this.#line.send({ type: 'mute', muted });
  }

  /** Down: talks though muted; up: as before. */
  hold(isDown: boolean): void {
    const { self, at } = this.room.value;
    if (at !== 'in' || isDown === this.isHeld.value || (isDown && (!self.muted || !self.can_unmute))) return;
    this.isHeld.value = isDown;
    this.mute(!isDown);
  }

  raise(raised: boolean): void {
    this.#line.send({ type: 'hand', raised });
  }

  deafen(deaf: boolean): void {
    this.#line.send({ type: 'deaf', deaf });
  }

  pin(pin: string): void {
    this.#pin = pin;
    if (this.#line.send({ type: 'pin', pin })) this.room.value = { ...this.room.value, at: 'waiting', waiting: 'checking' };
  }

  /** Of a moderator: the server says whether he may, and shows what became of it. */
  moderate(act: ModeratorAct, who?: string): void {
    this.#line.send({ type: 'moderate', act, ...(who === undefined ? {} : { who }) });
  }

  key(key: string): void {
    this.#line.send({ type: 'key', key });
  }

  /** Goes; nothing of the server's is waited for. */
  leave(): void {
    this.#line.send({ type: 'leave' });
    this.#end('left');
  }

  #end(cause: string): void {
    if (this.room.value.at !== 'ended') this.room.value = { ...this.room.value, at: 'ended', ending: { cause } };
    this.#close();
  }

  #close(): void {
    const { microphone } = this.#options;
    microphone.changed = undefined;
    microphone.listened = undefined;
    clearTimeout(this.#quietTalk);
    this.isLost.value = false;
    this.#line.close();
    this.#media?.close();
    this.#old?.close();
    microphone.close();
  }

  /** Comes in, or back in: a fresh way for the sound each time; the old one sounds on until the new one does. */
  async #enter(): Promise<void> {
    const { code, name, microphone, played } = this.#options;
    const pin = this.#pin;
    this.#old?.close();
    this.#old = this.#media;
    const media: Media = new Media({
      iceServers: this.#iceServers,
      track: microphone.track,
      played,
      state: (isUp) => this.#media === media && this.#sounds(isUp),
      restart: (sdp) => this.#media === media && void this.#line.send({ type: 'offer', sdp }),
    });
    this.#media = media;
    const sdp = await media.offer();
    const { resume } = this.room.value;
    this.#isResuming = resume !== undefined;
    const back = formerCall(code);
    const known = resume === undefined ? { ...(back === undefined ? {} : { back }) } : { resume };
    const asked = { ...(name === '' ? {} : { name }), ...(pin === '' ? {} : { pin }) };
    if (this.#media === media) this.#line.send({ type: 'join', code, sdp, ...asked, ...known });
  }

  #sounds(isUp: boolean): void {
    if (isUp && this.isLost.value && this.room.value.at === 'in') this.#options.news({ what: 'reconnected' });
    this.isLost.value = !isUp;
    if (!isUp) return;
    this.#old?.close();
    this.#old = undefined;
  }

  /** Frames are drawn once per picture, however many come. */
  #hear(frame: FromServer): void {
    if (frame.type === 'answer') {
      void this.#accept(frame);
      rememberCall(this.#options.code, frame.resume);
    }
    this.#waiting.push(frame);
    // The line is opened anew behind a refusal, which says how.
    if (frame.type === 'problem') this.#draw();
    if (!this.#isDrawn || this.#waiting.length === 0) return;
    this.#isDrawn = false;
    const draw = (): void => {
      if (!this.#isDrawn) this.#draw();
    };
    requestAnimationFrame(draw);
    // A window that nobody sees gets no pictures.
    setTimeout(draw, 100);
  }

  #draw(): void {
    this.#isDrawn = true;
    batch(() => {
      for (const each of this.#waiting.splice(0)) this.#take(each);
    });
  }

  async #accept({ sdp }: { readonly sdp: string }): Promise<void> {
    try {
      await this.#media?.accept(sdp);
    } catch {
      this.#end('failed');
    }
  }

  #take(frame: FromServer): void {
    const before = this.room.value;
    const isRefused = this.#isResuming && frame.type === 'problem';
    if (frame.type === 'answer') this.#answered(frame);
    for (const each of newsOf(before, frame)) this.#options.news(each);
    this.room.value = heard(before, frame);
    if (frame.type === 'joined') this.#begin(before);
    if (frame.type === 'self') this.#follow(before);
    if (frame.type === 'problem') this.#wish = undefined;
    if (isRefused) this.#refused(frame.restarted === true);
    if (this.room.value.at === 'ended') this.#close();
  }

  #answered({ ice_servers: servers }: Extract<FromServer, { type: 'answer' }>): void {
    this.#isResuming = false;
    this.#lostAt = undefined;
    // Passwords of TURN are good for a time; these are the newest.
    if (servers.length > 0) this.#iceServers = servers;
  }

  /** What a lost connection would have gone on with is over. When that is so because the server broke down, the next attempt comes in anew. */
  #refused(wasRestarted: boolean): void {
    this.#isResuming = false;
    if (wasRestarted && Date.now() - (this.#lostAt ?? 0) < UNFORGOTTEN) this.room.value = forgotten(this.room.value);
    else this.#end('too-late');
  }

  #begin(before: Room): void {
    this.since.value ??= Date.now();
    const { mute_reasons: reasons, deaf, hand } = before.self;
    const isNew = before.me === undefined;
    // What was wanted while there was no connection, or before there was one.
    if (isNew ? this.wantsMuted.value : this.wantsMuted.value !== reasons.includes('self')) this.mute(this.wantsMuted.value);
    // How one was before the server broke down.
    if (isNew && deaf) this.deafen(true);
    if (isNew && hand) this.raise(true);
  }

  /** The server's word counts, also when a moderator has switched the microphone on; but what was just asked for is still on its way. */
  #follow(before: Room): void {
    const { self } = this.room.value;
    const isOff = self.mute_reasons.includes('self');
    if (this.#wish === isOff || (this.#wish === false && !self.can_unmute)) this.#wish = undefined;
    if (this.#wish !== undefined) return;
    if (before.self.muted && !self.muted && this.wantsMuted.value) this.#options.news({ what: 'unmuted-by-moderator' });
    this.wantsMuted.value = isOff;
    this.#voice();
  }

  /** What is muted leaves this computer as silence. */
  #voice(): void {
    const { track } = this.#options.microphone;
    if (track !== undefined) track.enabled = !this.wantsMuted.value;
  }

  #listen(decibels: number): void {
    const { at, self } = this.room.value;
    if (at !== 'in' || !self.muted) {
      this.#ear.forget();
      this.talksMuted.value = false;
    } else if (this.#ear.hear(decibels)) {
      this.talksMuted.value = true;
      clearTimeout(this.#quietTalk);
      this.#quietTalk = setTimeout(() => (this.talksMuted.value = false), 4000);
    }
  }
}
