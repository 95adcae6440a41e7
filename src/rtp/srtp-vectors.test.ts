import assert from 'node:assert/strict';
import { createCipheriv, createHmac } from 'node:crypto';
import { test } from 'node:test';
import { Ghash } from './ghash.ts';
import { HmacSha1 } from './hmac-sha1.ts';
import { Keystream } from './keystream.ts';
import { derive } from './srtp-keys.ts';
import { Aead } from './srtp-transform.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const hex = (of: Uint8Array): string => Buffer.from(of).toString('hex');

test('derives the keys of RFC 3711 B.3', () => {
  const master = bytes('E1F97A0D3E018BE0D64FA32C06DE4139');
  const salt = bytes('0EC675AD498AFEEBB6960B3AABE6');
  assert.equal(hex(derive(master, salt, { label: 0, length: 16 })), 'c61e7a93744f39ee10734afe3ff7a087');
  assert.equal(hex(derive(master, salt, { label: 2, length: 14 })), '30cbbc08863d8c85d49db34a9ae1');
  assert.equal(
    hex(derive(master, salt, { label: 1, length: 94 })),
    'cebe321f6ff7716b6fd4ab49af256a156d38baa48f0a0acf3c34e2359e6cdbcee049646c43d9327ad175578ef72270986371c10c9a369ac2f94a8c5fbcdddc256d6e919a48b610ef17c2041e474035766b68642c59bbfc2f34db60dbdfb2',
  );
});

test('makes the keystream of RFC 3711 B.2', () => {
  const session = { key: bytes('2B7E151628AED2A6ABF7158809CF4F3C'), salt: bytes('F0F1F2F3F4F5F6F7F8F9FAFBFCFD') };
  const stream = new Keystream(session, { isAead: false });
  stream.seek(0, 0, 3 * 16);
  const block = (number: number): string => hex(stream.bytes.subarray(stream.at + number * 16, stream.at + number * 16 + 16));
  assert.equal(block(0), 'e03ead0935c95e80e166b16dd92b4eb4');
  assert.equal(block(1), 'd23513162b02d0f72a43a2fe4a5f97ab');
  assert.equal(block(2), '41e95b3bb0a2e8dd477901e4fca894c0');
});

test('derives the keys and makes the keystream of RFC 6188 §7 for AES-256', () => {
  const master = bytes('f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6');
  const salt = bytes('3b04803de51ee7c96423ab5b78d2');
  assert.equal(hex(derive(master, salt, { label: 0, length: 32 })), '5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4');
  assert.equal(hex(derive(master, salt, { label: 2, length: 14 })), 'fa31791685ca444a9e07c6c64e93');
  assert.equal(hex(derive(master, salt, { label: 1, length: 20 })), 'fd9c32d39ed5fbb5a9dc96b30818454d1313dc05');
  const key = bytes('57f82fe3613fd170a85ec93c40b1f0922ec4cb0dc025b58272147cc438944a98');
  const stream = new Keystream({ key, salt: bytes('F0F1F2F3F4F5F6F7F8F9FAFBFCFD') }, { isAead: false });
  stream.seek(0, 0, 32);
  assert.equal(hex(stream.bytes.subarray(stream.at, stream.at + 32)), '92bdd28a93c3f52511c677d08b5515a49da71b2378a854f67050756ded165bac');
});

test('the keystream of a packet is the same whether it was made ahead or not', () => {
  const session = { key: bytes('2B7E151628AED2A6ABF7158809CF4F3C'), salt: bytes('F0F1F2F3F4F5F6F7F8F9FAFBFCFD') };
  for (const isAead of [false, true]) {
    const stream = new Keystream({ ...session, salt: session.salt.subarray(0, isAead ? 12 : 14) }, { isAead });
    // In order, over a round of the numbers, back, ahead, longer and shorter, another sender, nothing at all.
    const wanted: [number, number, number][] = [
      [1, 65534, 100],
      [1, 65535, 160],
      [1, 65536, 160],
      [1, 65540, 90],
      [1, 65539, 160],
      [1, 65600, 33],
    ];
    wanted.push([-2, 65601, 33], [1, 65601, 1400], [1, 65602, 0], [1, 65602, 1], [1, 2 ** 40, 40], [1, 2 ** 40 + 1, 41]);
    for (const [ssrc, index, length] of wanted) {
      stream.seek(ssrc, index, length);
      const alone = new Keystream({ ...session, salt: session.salt.subarray(0, isAead ? 12 : 14) }, { isAead, ahead: 1 });
      alone.seek(ssrc, index, length);
      const all = length + (isAead ? 16 : 0);
      assert.equal(hex(stream.bytes.subarray(stream.at, stream.at + all)), hex(alone.bytes.subarray(alone.at, alone.at + all)), `${index}`);
      assert.ok(stream.bytes.length >= stream.at + all);
    }
  }
});

const gcm = [
  {
    key: '000102030405060708090a0b0c0d0e0f',
    sealed: 'f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce',
    control:
      '63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4',
  },
  {
    key: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    sealed: '32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13',
    control: undefined,
  },
];

test('seals and opens the packets of RFC 7714 §16 and §17', () => {
  const header = '8040f17b8041f8d35501a0b2';
  const plain = bytes(`${header}47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573`);
  for (const { key, sealed, control } of gcm) {
    const keys = { key: bytes(key), salt: bytes('517569642070726f2071756f'), authentication: new Uint8Array(0) };
    const transform = new Aead({ keys, tag: 16, isControl: false });
    const room = new Uint8Array(plain.length + 16);
    room.set(plain);
    transform.seal(room, 0, 12, plain.length, 0x5501a0b2, 0xf17b);
    assert.equal(hex(room), header + sealed);
    assert.equal(transform.open(room, 0, 12, plain.length, 0x5501a0b2, 0xf17b), true);
    assert.equal(hex(room.subarray(0, plain.length)), hex(plain));
    if (control === undefined) continue;
    const rtcp = bytes(
      '81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef deadbeef deadbeef deadbeef',
    );
    const space = new Uint8Array(rtcp.length + 20);
    space.set(rtcp);
    new Aead({ keys, tag: 16, isControl: true }).seal(space, 0, 8, rtcp.length, 0x4d617273, 0x5d4);
    assert.equal(hex(space), `81c8000d4d617273${control}`);
  }
});

test('the code of HMAC-SHA1 and the hash of GCM are those of the platform, whatever the length', () => {
  const key = bytes('000102030405060708090a0b0c0d0e0f10111213');
  const mac = new HmacSha1(key);
  const text = Uint8Array.from({ length: 700 }, (_, i) => (i * i * 31 + (i >> 3)) & 255);
  for (let length = 0; length < 300; length++) {
    mac.sign(text, length, length);
    const code = Buffer.alloc(20);
    for (const [at, word] of mac.code.entries()) code.writeInt32BE(word, at * 4);
    assert.equal(
      hex(code),
      createHmac('sha1', key)
        .update(text.subarray(length, 2 * length))
        .digest('hex'),
      `${length}`,
    );
  }
  const secret = key.subarray(0, 16);
  const ghash = new Ghash(createCipheriv('aes-128-ecb', secret, null).update(Buffer.alloc(16)));
  for (let length = 0; length < 100; length++) {
    const nonce = text.subarray(length, length + 12);
    const cipher = createCipheriv('aes-128-gcm', secret, nonce).setAAD(text.subarray(0, length));
    const sealed = Buffer.concat([cipher.update(text.subarray(200, 200 + length * 3)), cipher.final()]);
    const first = createCipheriv('aes-128-ecb', secret, null).update(Buffer.concat([nonce, bytes('00000001')]));
    ghash.begin();
    ghash.add(text, 0, length);
    ghash.add(sealed, 0, sealed.length);
    ghash.end(length, sealed.length);
    const tag = Buffer.alloc(16);
    for (const [at, word] of ghash.hash.entries()) tag.writeInt32BE(word ^ first.readInt32BE(at * 4), at * 4);
    assert.equal(hex(tag), cipher.getAuthTag().toString('hex'), `${length}`);
  }
});
