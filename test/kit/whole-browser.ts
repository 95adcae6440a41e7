import { randomBytes } from 'node:crypto';
import {
  MediaStreamTrack,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  RtpHeader,
  RtpPacket,
  useAudioLevelIndication,
  useSdesMid,
} from 'werift';
import { loadCodecs, openDecoder, openEncoder } from '../../src/audio/index.ts';
import { Ear } from './ear.ts';
import type { Server } from './small-browser.ts';
import { tone } from './sound.ts';
import { steadily } from './steadily.ts';

const OPUS = { name: 'opus', rate: 48_000, clockRate: 48_000 } as const;
const PAYLOAD_TYPE = 96;

/** werift's whole RTCPeerConnection: ICE, DTLS, SRTP, RTCP, Opus. It offers; `answer` is what our signalling would say. */
export class WholeBrowser {
  readonly hz: number;
  readonly ear = new Ear();
  readonly #peer: RTCPeerConnection;
  readonly #track = new MediaStreamTrack({ kind: 'audio' });
  readonly #encoder = openEncoder(OPUS);
  readonly #decoder = openDecoder(OPUS);
  readonly #ssrc = randomBytes(4).readUInt32BE();
  #timer: NodeJS.Timeout | undefined;
  #count = 0;

  private constructor(hz: number) {
    this.hz = hz;
    this.#peer = new RTCPeerConnection({
      codecs: { audio: [new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48_000, channels: 2, payloadType: PAYLOAD_TYPE })] },
      headerExtensions: { audio: [useSdesMid(), useAudioLevelIndication()] },
      iceServers: [],
      iceUseIpv6: false,
      iceAdditionalHostAddresses: ['127.0.0.1'],
    });
    this.#peer.addTransceiver(this.#track, { direction: 'sendrecv' });
    const heard = new Int16Array(5760);
    this.#peer.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe(({ payload }) => {
        const count = this.#decoder.decode(payload, 0, payload.length, heard);
        this.ear.take(Int16Array.from({ length: count / 6 }, (_, at) => heard[at * 6]!));
      });
    });
  }

  static async open(hz: number): Promise<WholeBrowser> {
    await loadCodecs();
    return new WholeBrowser(hz);
  }

  get state(): string {
    return this.#peer.connectionState;
  }

  /** Its description: what of it goes into `change`. */
  async offer({ isRestart = false } = {}) {
    if (isRestart) this.#peer.restartIce();
    await this.#peer.setLocalDescription(await this.#peer.createOffer());
    const sdp = this.#peer.localDescription!.sdp;
    const line = (name: string): string => new RegExp(`^a=${name}:(.*?)\r?$`, 'm').exec(sdp)![1]!;
    const [hash, value] = line('fingerprint').split(' ') as [string, string];
    const level = /^a=extmap:(\d+) urn:ietf:params:rtp-hdrext:ssrc-audio-level/m.exec(sdp)?.[1];
    return {
      remote: { ufrag: line('ice-ufrag'), pwd: line('ice-pwd') },
      fingerprints: [{ hash, value }],
      mid: line('mid'),
      level: Number(level),
    };
  }

  /** What a lite server answers. */
  async answer(
    { address, port, ssrc, webrtc: { ufrag, pwd, fingerprint } }: Server & { readonly ssrc: number },
    mid: string,
  ): Promise<void> {
    const lines = [
      ...['v=0', `o=- 1 ${this.#count + 2} IN IP4 ${address}`, 's=-', 't=0 0', 'a=ice-lite', `a=group:BUNDLE ${mid}`],
      ...[`m=audio ${port} UDP/TLS/RTP/SAVPF ${PAYLOAD_TYPE}`, `c=IN IP4 ${address}`, `a=mid:${mid}`, 'a=sendrecv', 'a=rtcp-mux'],
      ...[
        `a=rtpmap:${PAYLOAD_TYPE} opus/48000/2`,
        `a=ice-ufrag:${ufrag}`,
        `a=ice-pwd:${pwd}`,
        `a=fingerprint:${fingerprint.hash} ${fingerprint.value}`,
      ],
      ...[`a=ssrc:${ssrc} cname:parley`, `a=msid:parley voice`],
      ...['a=setup:passive', `a=candidate:1 1 udp 2130706431 ${address} ${port} typ host`, 'a=end-of-candidates', ''],
    ];
    await this.#peer.setRemoteDescription({ type: 'answer', sdp: lines.join('\r\n') });
    this.#timer ??= steadily(20, () => this.#say());
  }

  close(): void {
    clearInterval(this.#timer);
    void this.#peer.close();
  }

  #say(): void {
    const samples = tone(this.hz / 6, { from: this.#count * 960, length: 960 });
    const bytes = Buffer.alloc(1500);
    const length = this.#encoder.encode(samples, 960, bytes, 0);
    const header = new RtpHeader({
      payloadType: PAYLOAD_TYPE,
      sequenceNumber: this.#count & 0xffff,
      timestamp: this.#count * 960,
      ssrc: this.#ssrc,
    });
    this.#count += 1;
    this.#track.writeRtp(new RtpPacket(header, bytes.subarray(0, length)));
  }
}
