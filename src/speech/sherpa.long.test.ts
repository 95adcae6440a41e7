import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { tonesSaid, writeTinyModel } from '../../test/kit/tiny-model.ts';
import { Failure } from '../base/index.ts';
import { openSherpa } from './sherpa.ts';
import { EAR_RATE } from './speech-types.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-sherpa-'));
after(() => rmSync(folder, { recursive: true }));

test('sherpa-onnx recognises with the model of a folder', async () => {
  writeTinyModel(folder);
  const ear = await openSherpa({ folder, languages: ['*'] });
  const heard = (...words: Parameters<typeof tonesSaid>[1]) => ear.recognise({ samples: tonesSaid(EAR_RATE, words), language: 'en-US' });
  assert.equal(await heard('low', 'high', 'low'), 'low high low');
  assert.equal(await heard('high', 'high'), 'high high');
  assert.equal(await heard(), '');
  const both = await Promise.all([heard('low'), heard('high')]);
  assert.deepEqual(both, ['low', 'high'], 'two at once are one for the other');
});

for (const [what, file, text] of [
  ['that is none', 'model.onnx', 'this is no model'],
  ['that is empty', 'model.onnx', ''],
] as const)
  test(`a model ${what} is refused with the setting that names its folder`, async () => {
    writeTinyModel(folder);
    writeFileSync(join(folder, file), text);
    await assert.rejects(
      openSherpa({ folder, languages: ['*'] }),
      (error: unknown) => error instanceof Failure && error.code === 'bad_configuration' && error.message.includes('speech.stt_model_dir'),
    );
  });
