import { signal } from '@preact/signals';
import { ask, Problem } from '../kit/api.ts';
import type { Document, Session } from './model.ts';

/** Who is logged in; null: nobody; undefined: it is not known yet. */
export const session = signal<Session | null | undefined>(undefined);

/** Whether he may see and change all of the account. */
export const isAdmin = (): boolean => session.value?.role === 'admin';

const plain = (id: unknown): string => (typeof id === 'string' ? id.replaceAll('-', '').toLowerCase() : '');

/** Whether he may change and delete a conference: admins, and who owns it. Who only moderates it may not. */
export const owns = (document: Document | undefined): boolean => {
  const id = plain(session.value?.user?.id);
  return isAdmin() || (id !== '' && plain(document?.owner_id) === id);
};

/** Asks who is logged in. */
export async function recogniseSession(): Promise<void> {
  try {
    session.value = await ask<Session>('GET', '/api/session');
  } catch (error) {
    // Without a connection nobody is thrown out.
    if (error instanceof Problem && error.status !== 0) session.value = null;
    else setTimeout(() => void recogniseSession(), 2000);
  }
}

export async function logIn(login: { username: string; password: string; account?: string }): Promise<void> {
  session.value = await ask<Session>('POST', '/api/session', { body: login });
}

export async function logOut(): Promise<void> {
  await ask('DELETE', '/api/session').catch(() => undefined);
  session.value = null;
}

/** A request of somebody who is logged in: when he is no longer, the page asks him to log in again. */
export async function request<T>(...[method, path, asked]: Parameters<typeof ask>): Promise<T> {
  try {
    return await ask<T>(method, path, asked);
  } catch (error) {
    if (error instanceof Problem && error.status === 401) session.value = null;
    throw error;
  }
}

// A session is renewed by being asked for in its second half.
setInterval(() => session.value && void recogniseSession(), 20 * 60_000);
