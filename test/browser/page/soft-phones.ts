// Runs in the browser: the two libraries that web telephones are made of, each with the same buttons.
import * as JsSIP from 'jssip';
import { Web } from 'sip.js';

export interface SoftPhoneOptions {
  /** `ws://…/sip`. */
  readonly server: string;
  readonly user: string;
  readonly domain: string;
  readonly password: string;
}

export interface SoftPhone {
  register(): Promise<void>;
  call(number: string): Promise<void>;
  /** Answers the next call that comes; resolves when it is up. */
  answer(): Promise<void>;
  /** Resolves when a call comes, which rings from then on. */
  ring(): Promise<void>;
  /** Answers what rings; resolves when it is up. */
  pickUp(): Promise<void>;
  /** Resolves when what rang has stopped without an answer. */
  missed(): Promise<void>;
  /** RFC 3264 §8.4. */
  hold(isHeld: boolean): Promise<void>;
  hangUp(): Promise<void>;
}

const player = document.querySelector('audio')!;

function play(track: MediaStreamTrack): void {
  player.srcObject = new MediaStream([track]);
  void player.play();
}

function jsSip({ server, user, domain, password }: SoftPhoneOptions): SoftPhone {
  const agent = new JsSIP.UA({ sockets: [new JsSIP.WebSocketInterface(server)], uri: `sip:${user}@${domain}`, password, register: false });
  let session: ReturnType<typeof agent.call> | undefined;
  let missed: Promise<void> = Promise.reject(new Error('nothing rings'));
  missed.catch(() => {});
  const until = (emitter: { on(name: string, told: (event: never) => void): unknown }, good: string, ...bad: string[]): Promise<void> =>
    new Promise((resolve, reject) => {
      emitter.on(good, () => resolve());
      for (const each of bad) emitter.on(each, (event: { cause?: string }) => reject(new Error(`${each}: ${event.cause}`)));
    });
  return {
    async register() {
      const connected = until(agent as never, 'connected');
      agent.start();
      await connected;
      const registered = until(agent as never, 'registered', 'registrationFailed');
      agent.register();
      await registered;
    },
    async call(number) {
      session = agent.call(`sip:${number}@${domain}`, { mediaConstraints: { audio: true, video: false }, pcConfig: { iceServers: [] } });
      session.connection.addEventListener('track', ({ track }) => play(track));
      await until(session as never, 'confirmed', 'failed');
    },
    async answer() {
      await this.ring();
      await this.pickUp();
    },
    async ring() {
      const come = await new Promise<NonNullable<typeof session>>((resolve) => {
        agent.on('newRTCSession', ({ session: one }: { session: NonNullable<typeof session> }) => resolve(one));
      });
      session = come;
      missed = new Promise((resolve, reject) => {
        come.on('failed', ({ cause }: { cause: string }) => (cause === 'Canceled' ? resolve() : reject(new Error(cause))));
      });
      missed.catch(() => {});
      come.on('peerconnection', ({ peerconnection }: { peerconnection: RTCPeerConnection }) => {
        peerconnection.addEventListener('track', ({ track }) => play(track));
      });
    },
    async pickUp() {
      const up = until(session as never, 'confirmed', 'failed');
      session?.answer({ mediaConstraints: { audio: true, video: false }, pcConfig: { iceServers: [] } });
      await up;
    },
    missed: () => missed,
    hold: (isHeld) =>
      new Promise((resolve) => {
        if (isHeld) session?.hold({}, () => resolve());
        else session?.unhold({}, () => resolve());
      }),
    async hangUp() {
      const over = until(session as never, 'ended');
      session?.terminate();
      await over;
      agent.stop();
    },
  };
}

function sipJs({ server, user, domain, password }: SoftPhoneOptions): SoftPhone {
  const phone = new Web.SimpleUser(server, {
    aor: `sip:${user}@${domain}`,
    media: { constraints: { audio: true, video: false }, remote: { audio: player } },
    userAgentOptions: {
      authorizationUsername: user,
      authorizationPassword: password,
      sessionDescriptionHandlerFactoryOptions: { iceGatheringTimeout: 500 },
    },
  });
  let missed: Promise<void> = Promise.reject(new Error('nothing rings'));
  missed.catch(() => {});
  const told = (name: 'onRegistered' | 'onCallReceived' | 'onCallAnswered' | 'onCallHangup'): Promise<void> =>
    new Promise((resolve) => {
      phone.delegate = { ...phone.delegate, [name]: () => resolve() };
    });
  return {
    async register() {
      await phone.connect();
      const registered = told('onRegistered');
      await phone.register();
      await registered;
    },
    async call(number) {
      const answered = told('onCallAnswered');
      await phone.call(`sip:${number}@${domain}`);
      await answered;
    },
    async answer() {
      await this.ring();
      await this.pickUp();
    },
    async ring() {
      await told('onCallReceived');
      missed = told('onCallHangup');
    },
    async pickUp() {
      const answered = told('onCallAnswered');
      await phone.answer();
      await answered;
    },
    missed: () => missed,
    hold: (isHeld) => (isHeld ? phone.hold() : phone.unhold()),
    async hangUp() {
      const over = told('onCallHangup');
      await phone.hangup();
      await over;
      await phone.disconnect();
    },
  };
}

Object.assign(globalThis, { softPhones: { jsSip, sipJs } });
