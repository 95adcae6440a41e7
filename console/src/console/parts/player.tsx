import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../../kit/button.tsx';
import { fill } from '../../kit/languages.ts';
import { theme } from '../../kit/theme.ts';
import { duration } from '../format.ts';
import { request } from '../session.ts';
import { t } from '../words.ts';

interface Peaks {
  readonly seconds: number;
  readonly min: readonly number[];
  readonly max: readonly number[];
}

const POINTS = 400;

/** Draws a wave; what was heard is in colour. */
function draw(canvas: HTMLCanvasElement, { min, max }: Peaks, part: number): void {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const scale = devicePixelRatio;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const pen = canvas.getContext('2d');
  if (pen === null) return;
  pen.scale(scale, scale);
  const style = getComputedStyle(canvas);
  const [heard, rest] = [style.getPropertyValue('--accent'), style.getPropertyValue('--line-strong')];
  const count = max.length;
  // Quiet recordings are seen too.
  const most = Math.max(0.05, ...max.map(Math.abs), ...min.map(Math.abs));
  const step = width / Math.max(1, count);
  for (let index = 0; index < count; index += 1) {
    const [low, high] = [(min[index] ?? 0) / most, (max[index] ?? 0) / most];
    const top = ((1 - high) / 2) * height;
    pen.fillStyle = index / count < part ? heard : rest;
    pen.fillRect(index * step, top, Math.max(1, step * 0.7), Math.max(1, ((high - low) / 2) * height));
  }
}

/** A recording as a wave that can be played. */
export function Player({ recording, url, name }: { readonly recording: string; readonly url: string; readonly name: string }) {
  const { recordings } = t.value;
  const canvas = useRef<HTMLCanvasElement>(null);
  const audio = useRef<HTMLAudioElement>(null);
  const peaks = useSignal<Peaks | undefined>(undefined);
  const isPlaying = useSignal(false);
  const at = useSignal(0);
  const problem = useSignal(false);
  useEffect(() => {
    void request<Peaks>('GET', `/api/recordings/${recording}/peaks`, { query: { points: POINTS } })
      .then((found) => {
        peaks.value = found;
      })
      .catch(() => undefined);
  }, [recording, peaks]);
  const seconds = peaks.value?.seconds ?? 0;
  const look = theme.value;
  useEffect(() => {
    if (canvas.current !== null && peaks.value !== undefined) draw(canvas.current, peaks.value, seconds === 0 ? 0 : at.value / seconds);
  }, [peaks.value, at.value, look]);
  const seek = (to: number): void => {
    at.value = to;
    if (audio.current !== null) audio.current.currentTime = to;
  };
  const toggle = (): void => {
    const player = audio.current;
    if (player === null) return;
    if (isPlaying.value) player.pause();
    else
      player.play().catch(() => {
        problem.value = true;
      });
  };
  return (
    <div class="player">
      <Button kind="primary" bare icon={isPlaying.value ? 'pause' : 'play'} onClick={toggle}>
        {`${isPlaying.value ? recordings.pause : recordings.play}: ${name}`}
      </Button>
      <div class="wave">
        <canvas ref={canvas} role="img" aria-label={fill(recordings.wave, { name })} />
        <input
          type="range"
          min={0}
          max={Math.max(0.1, seconds)}
          step={0.1}
          value={at.value}
          aria-label={`${recordings.position}: ${name}`}
          aria-valuetext={`${duration(at.value)} / ${duration(seconds)}`}
          onInput={({ currentTarget }) => seek(Number(currentTarget.value))}
        />
      </div>
      <span class="mono small" dir="ltr">
        {duration(at.value)} / {duration(seconds)}
      </span>
      {problem.value && <span class="small bad-text">{recordings.cannot}</span>}
      {/* biome-ignore lint/a11y/useMediaCaption: what was said is in the transcript, where there is one. */}
      <audio
        ref={audio}
        preload="none"
        src={`${url}?inline=true`}
        onPlay={() => (isPlaying.value = true)}
        onPause={() => (isPlaying.value = false)}
        onEnded={() => (isPlaying.value = false)}
        onTimeUpdate={({ currentTarget }) => (at.value = currentTarget.currentTime)}
      />
    </div>
  );
}
