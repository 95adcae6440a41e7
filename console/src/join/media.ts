import type { IceServer } from './protocol.ts';

export interface MediaOptions {
  readonly iceServers: readonly IceServer[];
  /** What is sent; absent: silence. */
  readonly track: MediaStreamTrack | undefined;
  readonly played: (stream: MediaStream) => void;
  /** The way to the server works, or does not. */
  readonly state: (isUp: boolean) => void;
  /** The way is lost: send this offer, which looks for a new one. */
  readonly restart: (sdp: string) => void;
}

/** Who waits for a new way asks again after this long, ms. */
const AGAIN = 3000;
/** A short break may heal by itself, ms. */
const PATIENCE = 600;

let silence: MediaStreamTrack | undefined;

/** A track on which nothing is heard: for those who only listen, so that the server hears that they are there. */
function silentTrack(): MediaStreamTrack | undefined {
  silence ??= new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0];
  return silence;
}

/** One way of sound to the server and back. */
export class Media {
  readonly #options: MediaOptions;
  readonly #peer: RTCPeerConnection;
  readonly #sender: RTCRtpSender;
  readonly #over = new AbortController();
  #retry: ReturnType<typeof setTimeout> | undefined;
  #isWaiting = false;
  #isClosed = false;

  constructor(options: MediaOptions) {
    this.#options = options;
    this.#peer = new RTCPeerConnection({ iceServers: options.iceServers.map((each) => ({ ...each })), bundlePolicy: 'max-bundle' });
    const track = options.track ?? silentTrack();
    this.#sender = this.#peer.addTransceiver(track ?? 'audio', { direction: 'sendrecv' }).sender;
    this.#peer.ontrack = ({ track, streams }) => options.played(streams[0] ?? new MediaStream([track]));
    this.#peer.oniceconnectionstatechange = () => this.#look();
    const { signal } = this.#over;
    const changed = (): void => void this.#restart();
    addEventListener('online', changed, { signal });
    (navigator as { connection?: EventTarget }).connection?.addEventListener('change', changed, { signal });
  }

  /** The first offer. */
  async offer(): Promise<string> {
    return this.#describe(false);
  }

  async accept(sdp: string): Promise<void> {
    this.#isWaiting = false;
    if (this.#isClosed || this.#peer.signalingState !== 'have-local-offer') return;
    await this.#peer.setRemoteDescription({ type: 'answer', sdp });
  }

  async send(track: MediaStreamTrack | undefined): Promise<void> {
    await this.#sender.replaceTrack(track ?? silentTrack() ?? null);
  }

  close(): void {
    this.#isClosed = true;
    this.#over.abort();
    clearTimeout(this.#retry);
    this.#peer.close();
  }

  async #describe(iceRestart: boolean): Promise<string> {
    const offer = await this.#peer.createOffer({ iceRestart });
    await this.#peer.setLocalDescription(offer);
    this.#isWaiting = true;
    return this.#peer.localDescription?.sdp ?? offer.sdp ?? '';
  }

  #look(): void {
    const state = this.#peer.iceConnectionState;
    const isUp = state === 'connected' || state === 'completed';
    if (isUp || state === 'disconnected' || state === 'failed') this.#options.state(isUp);
    clearTimeout(this.#retry);
    if (state === 'failed') void this.#restart();
    else if (state === 'disconnected') this.#retry = setTimeout(() => void this.#restart(), PATIENCE);
  }

  /** ICE restart (RFC 8445 §9): new credentials, checks from every address that there is now. */
  async #restart(): Promise<void> {
    clearTimeout(this.#retry);
    if (this.#isClosed) return;
    // While the last offer has no answer yet, another would only confuse.
    if (!this.#isWaiting) this.#options.restart(await this.#describe(true));
    else if (this.#peer.signalingState === 'have-local-offer' && this.#peer.localDescription !== null)
      this.#options.restart(this.#peer.localDescription.sdp);
    this.#retry = setTimeout(() => {
      const state = this.#peer.iceConnectionState;
      if (state !== 'connected' && state !== 'completed') void this.#restart();
    }, AGAIN);
  }
}
