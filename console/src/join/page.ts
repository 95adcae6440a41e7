import { signal } from '@preact/signals';
import { ask, Problem } from '../kit/api.ts';
import { suggestLanguage } from '../kit/i18n.ts';
import { fill } from '../kit/languages.ts';
import { recall, remember } from '../kit/memory.ts';
import { announce, toast } from '../kit/toasts.tsx';
import { shownAgain } from './former-call.ts';
import { Microphone } from './microphone.ts';
import type { Invitation } from './protocol.ts';
import type { Ending, News } from './room.ts';
import { Session } from './session.ts';
import type { Texts } from './texts/en-us.ts';
import { t } from './texts/index.ts';

/** The last part of the link. */
const code = location.pathname.split('/').filter(Boolean).at(-1) ?? '';

/** The link itself, below which is more to read. */
export const link = `/join/${encodeURIComponent(code)}`;

export const microphone = new Microphone();

/** What the invitation says; undefined until it is known. */
export const invitation = signal<Invitation | undefined>(undefined);
/** Why there is nothing to join, or not any more. */
export const refusal = signal<Ending | undefined>(undefined);
/** The stay in the conference. */
export const session = signal<Session | undefined>(undefined);
/** What plays what he hears. */
export const player = new Audio();
/** The browser plays nothing until somebody clicks. */
export const isSilenced = signal(false);
/** 0–1. */
export const volume = signal(Number(recall('volume') ?? 1) || 1);
export const name = signal(recall('name') ?? '');
export const pin = signal('');
export const joinsMuted = signal(false);

player.autoplay = true;
player.dataset['role'] = 'conference';
// In the page, so that every browser goes on playing it.
document.body.append(player);

/** Plays; where the browser refuses until somebody clicks, says so. */
export function play(): void {
  player.play().then(
    () => (isSilenced.value = false),
    (error: DOMException) => (isSilenced.value = error.name === 'NotAllowedError'),
  );
}

export function setVolume(share: number): void {
  volume.value = share;
  player.volume = share;
  remember('volume', String(share));
}

/** Where sound comes out; a device that is gone is no failure. */
export function applyOutput(element: HTMLMediaElement): Promise<void> {
  if (!microphone.canChooseOutput) return Promise.resolve();
  return element.setSinkId(microphone.output.value).catch(() => undefined);
}

export function chooseOutput(output: string): void {
  microphone.chooseOutput(output);
  void applyOutput(player);
}

/** Asks the server what the link is worth. */
export async function lookUp(): Promise<void> {
  refusal.value = undefined;
  invitation.value = undefined;
  if (typeof RTCPeerConnection === 'undefined') {
    refusal.value = { cause: 'unsupported' };
    return;
  }
  try {
    const found = await ask<Invitation>('GET', `/api/invitations/${encodeURIComponent(code)}`, { headers: shownAgain(code) });
    suggestLanguage(found.language);
    if (name.value === '') name.value = found.name;
    document.title = found.conference.name;
    invitation.value = found;
  } catch (error) {
    refusal.value = error instanceof Problem ? { cause: error.code, status: error.status } : { cause: 'failed' };
  }
}

/** What a person has asked for in vain; what the page asks by itself is no news. */
const REFUSED: Readonly<Record<string, keyof Texts>> = {
  not_moderator: 'refusedModerator',
  participant_not_found: 'refusedGone',
  nobody_waits_so: 'refusedGone',
  internal: 'endFailed',
};

/** What has changed is shown, and said by screen readers; who comes and goes is only said. Why one is muted stands in the banner. */
function tell(news: News): void {
  const words = t.value;
  switch (news.what) {
    case 'came':
    case 'went':
      announce(fill(words[news.what], { name: news.name }));
      break;
    case 'hand':
      toast(fill(words.handUp, { name: news.name }));
      break;
    case 'waits':
      toast(fill(words.asksIn, { name: news.name }));
      break;
    case 'recording':
      toast(news.on ? words.recordingOn : words.recordingOff, 'plain', 8000);
      break;
    case 'locked':
      toast(news.on ? words.lockedNow : words.unlockedNow);
      break;
    case 'unmuted-by-moderator':
      toast(words.unmutedByModerator, 'warn', 8000);
      break;
    case 'reconnected':
      toast(words.reconnected, 'good', 3000);
      break;
    case 'refused': {
      const text = REFUSED[news.code];
      if (text !== undefined) toast(words[text], 'bad');
      break;
    }
    case 'promoted':
      toast(words.promoted, 'good');
  }
}

/** Goes in; must be called by a click, so that the browser lets us play. */
export function join(): void {
  const invited = invitation.value;
  if (invited === undefined) return;
  remember('name', name.value.trim() === invited.name ? undefined : name.value.trim());
  microphone.wake();
  player.volume = volume.value;
  void applyOutput(player);
  session.value = new Session({
    code,
    invitation: invited,
    microphone,
    name: name.value.trim(),
    pin: pin.value,
    muted: joinsMuted.value || microphone.state.value !== 'on',
    played: (stream) => {
      player.srcObject = stream;
      play();
    },
    news: tell,
  });
}

/** Back to the beginning, with what was chosen. */
export function again(): void {
  session.value = undefined;
  player.srcObject = null;
  pin.value = '';
  void lookUp();
}
