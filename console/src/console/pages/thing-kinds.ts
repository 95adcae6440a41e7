import type { IconName } from '../../kit/icons.tsx';
import { t } from '../words.ts';

// biome-ignore lint/suspicious/noExplicitAny: things of every kind.
export type Thing = Record<string, any> & { readonly id: string };

export interface Field {
  readonly name: string;
  readonly label: () => string;
  readonly hint?: () => string;
  readonly kind: 'text' | 'password' | 'list' | 'flag' | 'choice' | 'url';
  readonly choices?: () => readonly (readonly [string, string])[];
  readonly required?: boolean;
  /** What a new one has. */
  readonly first?: string | boolean;
  /** Only asked when one is made. */
  readonly isOnlyNew?: boolean;
}

export interface Kind {
  readonly path: string;
  readonly icon: IconName;
  readonly fields: readonly Field[];
  readonly nameOf: (thing: Thing) => string;
  /** What a line of the list says besides. */
  readonly about: (thing: Thing) => readonly string[];
  readonly badges: (thing: Thing) => readonly (readonly [text: string, kind: string])[];
  /** The key of what is told once. */
  readonly secret?: string;
}

const fields = () => t.value.things.fields;
const named: Field = { name: 'name', label: () => fields().name, kind: 'text', required: true };
const active: Field = { name: 'enabled', label: () => fields().active, kind: 'flag', first: true };
const list = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : '');
const off = (thing: Thing): readonly (readonly [string, string])[] => (thing['enabled'] === false ? [[fields().off, 'warn']] : []);

const registration = (state: Thing['state']): readonly (readonly [string, string])[] => {
  const { states } = t.value.things;
  if (state?.registration === 'registered') return [[states.registered, 'good']];
  if (state?.registration === 'failed') return [[states.failed, 'bad']];
  if (state?.reachable === false) return [[states.unreachable, 'bad']];
  return state?.reachable === true ? [[states.reachable, 'good']] : [];
};

/** What can be configured of an account, each with its fields. */
export const KINDS = {
  users: {
    path: '/api/users',
    icon: 'person',
    secret: 'password',
    nameOf: (user) => [user['first_name'], user['last_name']].filter(Boolean).join(' ') || user['username'] || user.id,
    about: (user) => [user['username'] ?? '–'],
    badges: (user) => [[user['role'] === 'admin' ? fields().admin : fields().user, user['role'] === 'admin' ? 'accent' : ''], ...off(user)],
    fields: [
      { name: 'username', label: () => fields().username, kind: 'text', required: true, isOnlyNew: true },
      { name: 'password', label: () => fields().password, kind: 'password', hint: () => fields().passwordHint },
      { name: 'first_name', label: () => fields().first_name, kind: 'text' },
      { name: 'last_name', label: () => fields().last_name, kind: 'text' },
      {
        name: 'role',
        label: () => fields().role,
        kind: 'choice',
        choices: () => [
          ['user', fields().user],
          ['admin', fields().admin],
        ],
      },
      { name: 'enabled', label: () => fields().enabled, kind: 'flag', first: true },
    ],
  },
  devices: {
    path: '/api/devices',
    icon: 'headphones',
    secret: 'password',
    nameOf: (device) => device['name'],
    about: (device) => [device['username']],
    badges: off,
    fields: [
      named,
      { name: 'username', label: () => fields().username, kind: 'text' },
      { name: 'password', label: () => fields().password, kind: 'password', hint: () => fields().passwordHint },
      active,
    ],
  },
  trunks: {
    path: '/api/trunks',
    icon: 'network',
    nameOf: (trunk) => trunk['name'],
    about: (trunk) => [list(trunk['servers']), list(trunk['numbers']), trunk['state']?.message ?? ''],
    badges: (trunk) => [...registration(trunk['state']), ...off(trunk)],
    fields: [
      named,
      { name: 'servers', label: () => fields().servers, hint: () => fields().serversHint, kind: 'list' },
      {
        name: 'transport',
        label: () => fields().transport,
        kind: 'choice',
        choices: () => [
          ['udp', 'UDP'],
          ['tcp', 'TCP'],
          ['tls', 'TLS'],
        ],
      },
      { name: 'numbers', label: () => fields().numbers, hint: () => fields().numbersHint, kind: 'list' },
      { name: 'addresses', label: () => fields().addresses, hint: () => fields().addressesHint, kind: 'list' },
      { name: 'register', label: () => fields().register, kind: 'flag' },
      { name: 'username', label: () => fields().username, kind: 'text' },
      { name: 'password', label: () => fields().password, kind: 'password', hint: () => fields().passwordChange },
      { name: 'realm', label: () => fields().realm, kind: 'text' },
      active,
    ],
  },
  webhooks: {
    path: '/api/webhooks',
    icon: 'send',
    secret: 'secret',
    nameOf: (hook) => hook['url'],
    about: (hook) => [list(hook['types']), hook['disabled_reason'] ?? ''],
    badges: off,
    fields: [
      { name: 'url', label: () => fields().url, kind: 'url', required: true },
      { name: 'types', label: () => fields().types, hint: () => fields().typesHint, kind: 'list', first: '*' },
      active,
    ],
  },
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof KINDS;

const said = (form: FormData, { name, kind }: Field): unknown => {
  const value = form.get(name);
  if (kind === 'flag') return value === 'on';
  const text = String(value ?? '').trim();
  return kind === 'list'
    ? text
        .split(/[,;\n]/)
        .map((each) => each.trim())
        .filter((each) => each !== '')
    : text;
};

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const empty = (value: unknown): boolean =>
  value === '' || value === undefined || value === null || (Array.isArray(value) && value.length === 0);

/** Whether what was written says nothing new. A password that was not written stays as it is; what else was emptied is to be empty. */
function isUnsaid(value: unknown, { name, kind }: Field, before: Thing | undefined): boolean {
  if (before === undefined) return empty(value) && name !== 'servers';
  return (kind === 'password' && value === '') || same(value, before[name]) || (empty(value) && empty(before[name]));
}

/** What a form asks for: of a new thing all that was written, of one that is there what was changed. */
export function bodyOf(fields: readonly Field[], form: FormData, before: Thing | undefined): Record<string, unknown> {
  const asked = before === undefined ? fields : fields.filter(({ isOnlyNew }) => isOnlyNew !== true);
  const written = asked.map((field) => [field.name, said(form, field), field] as const);
  return Object.fromEntries(written.filter(([, value, field]) => !isUnsaid(value, field, before)).map(([name, value]) => [name, value]));
}
