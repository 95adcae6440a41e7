/** Every icon, drawn on 24 × 24 with a round pen. */
const PATHS = {
  mic: ['M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3Z', 'M5 11v1a7 7 0 0 0 14 0v-1', 'M12 19v3'],
  'mic-off': [
    'M9 9v3a3 3 0 0 0 5.1 2.1',
    'M15 11V6a3 3 0 0 0-5.7-1.3',
    'M5 11v1a7 7 0 0 0 11.5 5.4',
    'M19 11v1a7 7 0 0 1-.6 2.8',
    'M12 19v3',
    'm3 3 18 18',
  ],
  speaker: ['M11 5 6 9H3v6h3l5 4Z', 'M15.5 8.5a5 5 0 0 1 0 7', 'M18.5 5.5a9 9 0 0 1 0 13'],
  'speaker-off': ['M11 5 6 9H3v6h3l5 4Z', 'm16 9.5 5 5', 'm21 9.5-5 5'],
  headphones: ['M4 15v-3a8 8 0 0 1 16 0v3', 'M4 14h3v6H6a2 2 0 0 1-2-2Z', 'M20 14h-3v6h1a2 2 0 0 0 2-2Z'],
  hand: [
    'M8 12V5.5a1.5 1.5 0 0 1 3 0V11',
    'M11 11V4a1.5 1.5 0 0 1 3 0v7',
    'M14 11V5.5a1.5 1.5 0 0 1 3 0V15a6 6 0 0 1-6 6h-.5a6 6 0 0 1-4.8-2.4L3.3 15a1.5 1.5 0 0 1 2.4-1.8L8 16',
  ],
  leave: [
    'M3.5 15.5c-1-1-1-3.5 1-5C6.5 9 9 8.5 12 8.5s5.5.5 7.5 2c2 1.5 2 4 1 5-.8.8-3.2.2-4.3-.6-.6-.4-.7-1-.7-2.4-1-.3-2.2-.5-3.5-.5s-2.5.2-3.5.5c0 1.4-.1 2-.7 2.4-1.1.8-3.5 1.4-4.3.6Z',
  ],
  phone: ['M6 3h3l2 5-2.5 1.5a11 11 0 0 0 6 6L16 13l5 2v3a3 3 0 0 1-3 3A15 15 0 0 1 3 6a3 3 0 0 1 3-3Z'],
  people: [
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z',
    'M2.5 20a6.5 6.5 0 0 1 13 0',
    'M16 4.3a3.5 3.5 0 0 1 0 6.4',
    'M18 14.2a6.5 6.5 0 0 1 3.5 5.8',
  ],
  person: ['M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z', 'M4 21a8 8 0 0 1 16 0'],
  star: ['m12 3.5 2.6 5.4 5.9.8-4.3 4.1 1.1 5.9L12 16.9l-5.3 2.8 1.1-5.9-4.3-4.1 5.9-.8Z'],
  captions: [
    'M5 5h14a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2Z',
    'M10.5 10.5a2 2 0 1 0 0 3',
    'M17 10.5a2 2 0 1 0 0 3',
  ],
  record: ['M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z', 'M12 15.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z'],
  lock: ['M7 11V8a5 5 0 0 1 10 0v3', 'M6 11h12a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-8a1 1 0 0 1 1-1Z'],
  unlock: ['M7 11V8a5 5 0 0 1 9.8-1.5', 'M6 11h12a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-8a1 1 0 0 1 1-1Z'],
  settings: [
    'M4 7h9',
    'M17 7h3',
    'M15 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z',
    'M4 17h3',
    'M11 17h9',
    'M9 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z',
  ],
  sun: [
    'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z',
    'M12 2v2',
    'M12 20v2',
    'm4.9 4.9 1.4 1.4',
    'm17.7 17.7 1.4 1.4',
    'M2 12h2',
    'M20 12h2',
    'm4.9 19.1 1.4-1.4',
    'm17.7 6.3 1.4-1.4',
  ],
  moon: ['M20.5 14A8.5 8.5 0 1 1 10 3.5a7 7 0 0 0 10.5 10.5Z'],
  globe: [
    'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z',
    'M3 12h18',
    'M12 3c2.5 2.5 3.5 5.5 3.5 9s-1 6.5-3.5 9c-2.5-2.5-3.5-5.5-3.5-9S9.5 5.5 12 3Z',
  ],
  close: ['m6 6 12 12', 'M18 6 6 18'],
  check: ['m5 12.5 4.5 4.5L19 7.5'],
  plus: ['M12 5v14', 'M5 12h14'],
  minus: ['M5 12h14'],
  search: ['M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14Z', 'm16 16 4.5 4.5'],
  warning: ['M12 4 2.5 20h19Z', 'M12 10v4.5', 'M12 17.3v.2'],
  info: ['M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z', 'M12 11v5.5', 'M12 7.7v.2'],
  clock: ['M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z', 'M12 7v5l3.5 2'],
  play: ['M7 4.5v15l12-7.5Z'],
  pause: ['M8 5v14', 'M16 5v14'],
  stop: ['M6 6h12v12H6Z'],
  more: ['M5 12h.01', 'M12 12h.01', 'M19 12h.01'],
  menu: ['M4 7h16', 'M4 12h16', 'M4 17h16'],
  'chevron-right': ['m9 5 7 7-7 7'],
  'chevron-down': ['m5 9 7 7 7-7'],
  back: ['m15 5-7 7 7 7'],
  download: ['M12 4v11', 'm7 11 5 5 5-5', 'M4 20h16'],
  copy: ['M9 9h11v11H9Z', 'M15 9V4H4v11h5'],
  link: ['M10 14a4 4 0 0 0 6 .4l3-3a4.2 4.2 0 0 0-6-6L11.5 7', 'M14 10a4 4 0 0 0-6-.4l-3 3a4.2 4.2 0 0 0 6 6l1.5-1.6'],
  trash: ['M4 7h16', 'M9 7V4h6v3', 'm6 7 1 13h10l1-13'],
  edit: ['m4 20 1-4L16.5 4.5l3 3L8 19Z', 'm14 7 3 3'],
  grid: ['M4 4h7v7H4Z', 'M13 4h7v7h-7Z', 'M4 13h7v7H4Z', 'M13 13h7v7h-7Z'],
  wave: ['M3 12h2l2-5 3 12 3-16 3 13 2-4h3'],
  history: ['M4 5v5h5', 'M4.5 10A8 8 0 1 1 4 13.5', 'M12 8v4.5l3 2'],
  network: ['M2.5 9a14 14 0 0 1 19 0', 'M6 13a9 9 0 0 1 12 0', 'M9.3 16.7a4 4 0 0 1 5.4 0', 'M12 20.3v.1'],
  logout: ['M14 4H5v16h9', 'M10 12h11', 'm17 8 4 4-4 4'],
  send: ['M21 3 10 14', 'm21 3-7 18-4-7-7-4Z'],
} as const;

export type IconName = keyof typeof PATHS;

/** Point along the line that is read, and turn with it. */
const TURNING: ReadonlySet<IconName> = new Set(['back', 'chevron-right', 'logout', 'send'] as const);

/** An icon beside words; alone it says nothing, so whoever stands alone brings `label`. */
export function Icon({ name, label, class: more }: { readonly name: IconName; readonly label?: string; readonly class?: string }) {
  const classes = ['icon', TURNING.has(name) && 'turning', more].filter(Boolean).join(' ');
  const paths = PATHS[name].map((path) => <path key={path} d={path} />);
  if (label === undefined) {
    return (
      <svg class={classes} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        {paths}
      </svg>
    );
  }
  return (
    <svg class={classes} viewBox="0 0 24 24" role="img" aria-label={label}>
      <title>{label}</title>
      {paths}
    </svg>
  );
}
