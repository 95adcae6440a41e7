import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import {
  type Account,
  type AccountLimits,
  type AccountRetention,
  type Accounts,
  type Device,
  type DeviceId,
  type DialPolicy,
  monthOf,
} from '../../accounts/index.ts';
import { type Clock, dashed, isoMillis, type Json, type JsonObject, undashed } from '../../base/index.ts';
import type { Actor, CallHistory } from '../../conference/index.ts';
import { AccountPatch, AccountShape, DeviceDraft, DeviceList, DevicePatch, DeviceShape, type Media, OneDevice } from './account-shapes.ts';
import { exact } from './exact.ts';
import { Cut, type ListKey, pageOf } from './page.ts';
import { Problem } from './problem.ts';
import { ProblemShape } from './shapes.ts';

/** What these routes need. */
export interface AccountRoutes {
  readonly accounts: Accounts;
  readonly clock: Pick<Clock, 'epoch'>;
  /** Absent: no minutes are known. */
  readonly history?: CallHistory | undefined;
  /** In whose name somebody comes who may change what belongs to the account; refuses others. */
  readonly adminOf: (request: FastifyRequest) => Promise<Actor>;
}

const answers = (status: number, shape: object) => ({
  response: { [status]: shape, '4xx': ProblemShape, '5xx': ProblemShape },
  tags: ['account'],
});

/** Spellings of the API and of the account. */
const LIMITS = { legs: 'legs', minutes_per_month: 'minutesPerMonth' } as const;
const RETENTION = {
  facts_days: 'factsDays',
  cdrs_days: 'cdrsDays',
  deliveries_days: 'deliveriesDays',
  recordings_days: 'recordingsDays',
  transcripts_days: 'transcriptsDays',
} as const;

const DIAL = { enabled: 'enabled', concurrent: 'concurrent', per_hour: 'perHour', prefixes: 'prefixes', domains: 'domains' } as const;

type Values = Readonly<Record<string, Json>>;

const spelled = (names: Readonly<Record<string, string>>, values: Values | undefined): JsonObject =>
  Object.fromEntries(Object.entries(names).map(([outer, inner]) => [outer, values?.[inner] ?? null]));

/** The present values with a patch over them; undefined when none are left. */
function patched(
  names: Readonly<Record<string, string>>,
  now: Values | undefined,
  patch: Readonly<Record<string, Json | undefined>> | null | undefined,
): Values | undefined {
  if (patch === undefined) return now;
  const next = new Map(Object.entries(patch === null ? {} : (now ?? {})));
  for (const [outer, inner] of Object.entries(names)) {
    const value = patch?.[outer];
    if (value === null) next.delete(inner);
    else if (value !== undefined) next.set(inner, value);
  }
  return next.size === 0 ? undefined : Object.fromEntries(next);
}

/** Who requires encryption and offers none could never be called. */
function checkMedia(media: Static<typeof Media> | null | undefined): void {
  const { enforce_security: enforced, methods } = media?.encryption ?? {};
  if (enforced === true && methods?.length === 0)
    throw new Problem(400, 'invalid', 'enforce_security needs the method srtp', {
      errors: [{ path: '/media/encryption/methods', rule: 'contains', message: 'must contain srtp where enforce_security is true' }],
    });
}

/** Limits are numbers, but those of dialling, which are a part of their own. */
function changedLimits(now: AccountLimits | undefined, patch: Static<typeof AccountPatch>['limits']): AccountLimits | undefined {
  if (patch === undefined || patch === null) return patch === null ? undefined : now;
  const { dial: dialNow, ...countsNow } = now ?? {};
  const { dial: dialPatch, ...countsPatch } = patch;
  const counts = patched(LIMITS, countsNow, countsPatch);
  const dial = patched(DIAL, dialNow as Values | undefined, dialPatch) as DialPolicy | undefined;
  if (counts === undefined && dial === undefined) return undefined;
  return { ...(counts as AccountLimits | undefined), ...(dial === undefined ? {} : { dial }) };
}

function changedAccount(now: Account, { name = now.name, media, limits, retention }: Static<typeof AccountPatch>): Account {
  const { media: _media, limits: _limits, retention: _retention, ...rest } = now;
  const next = {
    media: media === undefined ? now.media : (media as JsonObject | null),
    limits: changedLimits(now.limits, limits),
    retention: patched(RETENTION, now.retention as Values | undefined, retention) as AccountRetention | undefined,
  };
  return {
    ...rest,
    name,
    ...(next.media === undefined || next.media === null ? {} : { media: next.media }),
    ...(next.limits === undefined ? {} : { limits: next.limits }),
    ...(next.retention === undefined ? {} : { retention: next.retention }),
  };
}

const accountBody = ({ id, name, realm, parent, createdAt, media, limits, retention }: Account, seconds: number): JsonObject => ({
  id: dashed(id),
  name,
  realm,
  parent: parent === undefined ? null : dashed(parent),
  created_at: isoMillis(createdAt),
  media: media ?? {},
  limits: { ...spelled(LIMITS, limits as Values | undefined), dial: spelled(DIAL, limits?.dial as Values | undefined) },
  retention: spelled(RETENTION, retention as Values | undefined),
  used: { minutes_this_month: Math.ceil(seconds / 60) },
});

/** `/api/account`: the own one, or the descendant that `?account=` names. */
export function accountRoutes(server: FastifyInstance, { accounts, history, clock, adminOf }: AccountRoutes): void {
  const shown = async (account: Account): Promise<JsonObject> =>
    accountBody(account, (await history?.secondsSince(account.id, monthOf(clock.epoch()))) ?? 0);
  server.get('/account', { schema: answers(200, AccountShape) }, async (request) => {
    const account = await accounts.account((await adminOf(request)).account);
    if (account === undefined) throw new Problem(404, 'account_not_found', 'there is no such account');
    return shown(account);
  });
  server.patch<{ Body: Static<typeof AccountPatch> }>(
    '/account',
    { ...exact, schema: { body: AccountPatch, ...answers(200, AccountShape) } },
    async (request) => {
      const { account } = await adminOf(request);
      checkMedia(request.body.media);
      return shown(await accounts.changeAccount(account, (now) => changedAccount(now, request.body)));
    },
  );
}

const deviceBody = ({ id, name, username, enabled, owner, media, password }: Device, isShown: boolean): JsonObject => ({
  id: dashed(id),
  name,
  username,
  enabled,
  owner: owner === undefined ? null : dashed(owner),
  media: media ?? {},
  ...(isShown ? { password } : {}),
});

function changedDevice(now: Device, patch: Static<typeof DevicePatch>, password: string | undefined): Device {
  const { media: _media, ...rest } = now;
  const media = patch.media === undefined ? now.media : (patch.media as JsonObject | null);
  const { name = now.name, username = now.username, enabled = now.enabled } = patch;
  return {
    ...rest,
    name,
    username,
    enabled,
    password: password ?? now.password,
    ...(media === undefined || media === null ? {} : { media }),
  };
}

const idle = Type.Null({ description: 'No content.' });

/** `/api/devices`: the telephones of the account. */
export function deviceRoutes(server: FastifyInstance, { accounts, adminOf }: AccountRoutes): void {
  const idOf = (request: { readonly params: Static<typeof OneDevice> }): DeviceId => undashed(request.params.device) as DeviceId;
  const one = { params: OneDevice };
  server.get<{ Querystring: Static<typeof Cut> }>(
    '/devices',
    { schema: { querystring: Cut, ...answers(200, DeviceList) } },
    async (request) => {
      const { account } = await adminOf(request);
      const keyOf = (each: Device): ListKey => [0, each.id];
      const page = pageOf(await accounts.devices(account), { keyOf, ...request.query });
      return { ...page, items: page.items.map((each) => deviceBody(each, false)) };
    },
  );
  server.get<{ Params: Static<typeof OneDevice> }>(
    '/devices/:device',
    { schema: { ...one, ...answers(200, DeviceShape) } },
    async (request) => {
      const { account } = await adminOf(request);
      const device = (await accounts.devices(account)).find(({ id }) => id === idOf(request));
      if (device === undefined) throw new Problem(404, 'device_not_found', 'there is no such device');
      return deviceBody(device, false);
    },
  );
  server.post<{ Body: Static<typeof DeviceDraft> }>(
    '/devices',
    { ...exact, schema: { body: DeviceDraft, ...answers(201, DeviceShape) } },
    async (request, reply) => {
      const { account } = await adminOf(request);
      const { media, ...wish } = request.body;
      checkMedia(media);
      const device = await accounts.createDevice({ account, ...wish, ...(media === undefined ? {} : { media: media as JsonObject }) });
      return reply
        .code(201)
        .header('location', `/api/devices/${dashed(device.id)}`)
        .send(deviceBody(device, true));
    },
  );
  server.patch<{ Params: Static<typeof OneDevice>; Body: Static<typeof DevicePatch> }>(
    '/devices/:device',
    { ...exact, schema: { ...one, body: DevicePatch, ...answers(200, DeviceShape) } },
    async (request) => {
      const { account } = await adminOf(request);
      checkMedia(request.body.media);
      const { password } = request.body;
      const next = password === null ? accounts.newPassword() : password;
      return deviceBody(
        await accounts.changeDevice(account, idOf(request), (now) => changedDevice(now, request.body, next)),
        next !== undefined,
      );
    },
  );
  server.delete<{ Params: Static<typeof OneDevice> }>(
    '/devices/:device',
    { schema: { ...one, ...answers(204, idle) } },
    async (request, reply) => {
      await accounts.removeDevice((await adminOf(request)).account, idOf(request));
      return reply.code(204).send();
    },
  );
}
