import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { theme } from '../../kit/theme.ts';
import { clockTime, number } from '../format.ts';
import { now } from '../now.ts';
import type { Sample } from '../room/qualities.ts';

interface ChartOptions {
  readonly samples: readonly Sample[];
  readonly label: string;
  readonly level: string;
  readonly loss: string;
}

const HEIGHT = 140;
/** Seconds that are shown. */
const SPAN = 120;
const plain = { points: { show: false } };

function optionsFor(width: number, level: string, loss: string): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string): string => style.getPropertyValue(name).trim();
  const axis = { stroke: of('--ink-soft'), grid: { stroke: of('--line'), width: 1 }, ticks: { stroke: of('--line'), width: 1 } };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { range: (_, __, last) => [(last ?? now.peek() / 1000) - SPAN, last ?? now.peek() / 1000] },
      level: { range: [0, 100] },
      loss: { range: (_, __, most) => [0, Math.max(5, most ?? 0)] },
    },
    axes: [
      {
        ...axis,
        values: (_, all) => all.map((each) => (Number.isInteger(each) ? clockTime(each * 1000, true) : '')),
        space: 90,
      },
      { ...axis, scale: 'level', size: 36, values: (_, all) => all.map((each) => (each === 0 || each === 100 ? String(each) : '')) },
      {
        ...axis,
        scale: 'loss',
        side: 1,
        size: 36,
        grid: { show: false },
        stroke: of('--bad'),
        values: (_, all) => all.map((each) => number(each, each % 1 === 0 ? 0 : 1)),
      },
    ],
    series: [
      {},
      { ...plain, label: level, scale: 'level', stroke: of('--talk'), fill: `${of('--talk')}33`, width: 1.5 },
      { ...plain, label: loss, scale: 'loss', stroke: of('--bad'), width: 2 },
    ],
  };
}

/** Level and loss of the last minutes. */
export function Chart({ samples, label, level, loss }: ChartOptions) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const look = theme.value;
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    plot.current = new uPlot(optionsFor(element.clientWidth, level, loss), [[], [], []], element);
    const watch = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      plot.current?.destroy();
    };
  }, [look, level, loss]);
  const at = now.value;
  useEffect(() => {
    plot.current?.setData([samples.map((each) => each.at), samples.map((each) => each.level), samples.map((each) => each.loss)]);
  }, [at, samples.length]);
  const last = samples.at(-1);
  return (
    <figure class="chart">
      <figcaption class="small">
        {label}: <span class="key talk">{level}</span> <span class="key bad">{loss}</span>
        <span class="unseen">{last === undefined ? '' : ` ${Math.round(last.level)} / ${Math.round(last.loss)} %`}</span>
      </figcaption>
      <div ref={place} aria-hidden="true" />
    </figure>
  );
}
