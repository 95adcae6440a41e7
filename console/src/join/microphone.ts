import { signal } from '@preact/signals';
import { recall, remember } from '../kit/memory.ts';
import { decibelsOf, shareOf } from './ear.ts';

/** Why there is no microphone. */
export type NoMicrophone = 'insecure' | 'denied' | 'none' | 'busy' | 'failed';

/** Which trouble a refusal of `getUserMedia` is (Media Capture and Streams §10.4.2). */
export function troubleOf(name: string): NoMicrophone {
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'none';
  if (name === 'NotReadableError' || name === 'AbortError') return 'busy';
  return 'failed';
}

export interface Device {
  readonly id: string;
  readonly label: string;
}

const canAsk = (): boolean => isSecureContext && navigator.mediaDevices !== undefined;

/** The microphone, its level, and where sound comes out. One per page. */
export class Microphone {
  readonly state = signal<'off' | 'asking' | 'on' | NoMicrophone>('off');
  readonly inputs = signal<readonly Device[]>([]);
  readonly outputs = signal<readonly Device[]>([]);
  readonly input = signal(recall('microphone') ?? '');
  readonly output = signal(recall('speaker') ?? '');
  /** 0–1, of what the microphone hears, also while nobody else hears it. */
  readonly level = signal(0);
  /** Told about 20 times a second, in dBFS. */
  listened: ((decibels: number) => void) | undefined;
  /** Told when there is another track to send. */
  changed: ((track: MediaStreamTrack | undefined) => void) | undefined;
  #stream: MediaStream | undefined;
  #context: AudioContext | undefined;
  #source: MediaStreamAudioSourceNode | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #asked = 0;

  constructor() {
    if (canAsk()) navigator.mediaDevices.addEventListener('devicechange', () => void this.#look());
  }

  get track(): MediaStreamTrack | undefined {
    return this.#stream?.getAudioTracks()[0];
  }

  /** Whether the browser lets us choose where sound comes out. */
  get canChooseOutput(): boolean {
    return 'setSinkId' in HTMLMediaElement.prototype;
  }

  /** Asks for the microphone, or for another one. */
  async open(input = this.input.value): Promise<void> {
    if (!canAsk()) {
      this.state.value = 'insecure';
      return;
    }
    const asked = ++this.#asked;
    this.state.value = 'asking';
    const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    try {
      const stream = await navigator.mediaDevices
        .getUserMedia({ audio: { ...audio, ...(input === '' ? {} : { deviceId: { exact: input } }) } })
        // The one that was chosen the last time may be gone.
        .catch((error: DOMException) => {
          if (input === '' || troubleOf(error.name) !== 'none') throw error;
          return navigator.mediaDevices.getUserMedia({ audio });
        });
      if (asked !== this.#asked) {
        for (const track of stream.getTracks()) track.stop();
        return;
      }
      this.#use(stream);
      await this.#look();
    } catch (error) {
      if (asked === this.#asked) this.state.value = troubleOf(error instanceof DOMException ? error.name : '');
    }
  }

  async choose(input: string): Promise<void> {
    this.input.value = input;
    remember('microphone', input === '' ? undefined : input);
    await this.open(input);
  }

  chooseOutput(output: string): void {
    this.output.value = output;
    remember('speaker', output === '' ? undefined : output);
  }

  /** The browser may have let the context sleep until somebody clicked. */
  wake(): void {
    void this.#context?.resume();
  }

  close(): void {
    this.#asked++;
    clearInterval(this.#timer);
    this.#source?.disconnect();
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = undefined;
    this.level.value = 0;
    this.state.value = 'off';
  }

  #use(stream: MediaStream): void {
    const old = this.#stream;
    this.#stream = stream;
    this.state.value = 'on';
    for (const track of old?.getTracks() ?? []) track.stop();
    const [track] = stream.getAudioTracks();
    if (track === undefined) return;
    // Unplugged: whatever the system has instead.
    track.onended = () => this.#stream === stream && void this.open('');
    this.#measure(track);
    this.changed?.(track);
  }

  #measure(track: MediaStreamTrack): void {
    this.#context ??= new AudioContext();
    void this.#context.resume();
    this.#source?.disconnect();
    // A twin of the track: it goes on hearing while the one that is sent is silent.
    this.#source = this.#context.createMediaStreamSource(new MediaStream([track.clone()]));
    const analyser = this.#context.createAnalyser();
    analyser.fftSize = 2048;
    this.#source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const decibels = decibelsOf(samples);
      this.listened?.(decibels);
      const share = shareOf(decibels);
      // Falls slower than it rises, as eyes like it; drawn in steps, so that silence costs nothing.
      this.level.value = Math.round(Math.max(share, this.level.value - 0.06) * 50) / 50;
    }, 50);
  }

  async #look(): Promise<void> {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const named = (kind: MediaDeviceKind): readonly Device[] =>
      devices
        .filter((each) => each.kind === kind && each.deviceId !== '' && each.deviceId !== 'default')
        .map(({ deviceId, label }) => ({ id: deviceId, label }));
    this.inputs.value = named('audioinput');
    this.outputs.value = named('audiooutput');
  }
}
