import type { Device, DeviceId, UserId } from '../../accounts/index.ts';
import { isObject, type JsonObject } from '../../base/index.ts';
import type { Scene } from './answer.ts';
import { broken, refusals } from './refuse.ts';
import type { Entry, Resource } from './resource.ts';

const part = (document: JsonObject | undefined, key: string): JsonObject => {
  const value = document?.[key];
  return isObject(value) ? value : {};
};

/** Its document: what it says besides, and its fields. */
function entryOf(device: Device): Entry {
  const { id, name, owner, username, password, enabled, media, sheet, createdAt = sheet?.modifiedAt ?? 0 } = device;
  return {
    id,
    document: {
      device_type: 'sip_device',
      ...sheet?.document,
      name,
      enabled,
      ...(owner === undefined ? {} : { owner_id: owner }),
      ...(media === undefined ? {} : { media }),
      sip: { method: 'password', ...part(sheet?.document, 'sip'), username, password },
    },
    revision: sheet?.revision ?? 1,
    createdAt,
    modifiedAt: sheet?.modifiedAt ?? createdAt,
  };
}

/** What a document says to the fields, and what besides. */
function partsOf({ name, owner_id, enabled, media, sip, ...rest }: JsonObject) {
  const { username, password, ...more } = isObject(sip) ? sip : {};
  return {
    name: String(name),
    owner: typeof owner_id === 'string' ? (owner_id as UserId) : undefined,
    enabled: enabled !== false,
    media: isObject(media) ? media : undefined,
    username: typeof username === 'string' ? username : undefined,
    password: typeof password === 'string' ? password : undefined,
    document: { ...rest, sip: more },
  };
}

async function find({ accounts, account, params }: Scene, id: string): Promise<Device> {
  const device = (await accounts.devices(account.id)).find((each) => each.id === id);
  if (device === undefined || (params['user'] !== undefined && device.owner !== params['user'])) throw refusals.badId(id);
  return device;
}

/** The owner is one of the account's own people; the empty text of KAZOO's forms is nobody. */
async function checkOwner({ accounts, account }: Scene, owner: UserId | undefined): Promise<void> {
  if (owner !== undefined && (await accounts.directory.user(account.id, owner)) === undefined) {
    throw broken('owner_id', 'not_found', { message: 'The owner is no user of the account', cause: owner });
  }
}

/** Telephones, and programs that are telephones (kazoo-facts §12). */
export const devices: Resource = {
  schema: 'device',
  type: 'device',
  path: 'devices',
  list: async ({ accounts, account, params }) =>
    (await accounts.devices(account.id)).filter(({ owner }) => params['user'] === undefined || owner === params['user']).map(entryOf),
  item: ({ id, document }) => ({
    id,
    name: document['name'] ?? '',
    username: part(document, 'sip')['username'] ?? '',
    mac_address: document['mac_address'] ?? '',
    ...(document['owner_id'] === undefined ? {} : { owner_id: document['owner_id'] }),
    enabled: document['enabled'] ?? true,
    device_type: document['device_type'] ?? 'sip_device',
    flags: document['flags'] ?? [],
  }),
  read: async (scene, id) => entryOf(await find(scene, id)),
  async create(scene, document) {
    const { accounts, account, params } = scene;
    const { owner = params['user'] as UserId | undefined, username, password, media, ...rest } = partsOf(document);
    await checkOwner(scene, owner);
    const device = await accounts.createDevice({
      account: account.id,
      ...rest,
      ...(owner === undefined ? {} : { owner }),
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(media === undefined ? {} : { media }),
    });
    return entryOf(device);
  },
  async change(scene, id, change) {
    const { accounts, account } = scene;
    const before = await find(scene, id);
    await checkOwner(scene, partsOf(change(entryOf(before))).owner);
    const next = await accounts.changeDevice(account.id, id as DeviceId, (now) => {
      const { username = now.username, password = now.password, document, media, ...fields } = partsOf(change(entryOf(now)));
      const { media: _media, ...rest } = now;
      const sheet = { document, revision: 0, modifiedAt: 0 };
      return { ...rest, ...fields, username, password, sheet, ...(media === undefined ? {} : { media }) };
    });
    return entryOf(next);
  },
  async remove(scene, id) {
    const device = await find(scene, id);
    await scene.accounts.removeDevice(scene.account.id, device.id);
    return entryOf(device);
  },
  /** Who is no admin sees no passwords but those of his own telephones: with one he could call in another's name. */
  async visible({ document }, { person, isAdmin }) {
    if ((document['owner_id'] !== undefined && document['owner_id'] === person.user) || (await isAdmin())) return document;
    const { password: _password, ...sip } = part(document, 'sip');
    return { ...document, sip };
  },
  refuse: (error, document) =>
    error.code === 'username_taken'
      ? broken('sip.username', 'unique', { message: 'SIP credentials already in use', cause: part(document, 'sip')['username'] ?? '' })
      : undefined,
};
