import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed } from './changed.ts';

test('what is named is changed, however deep; the rest stays, and so does what it was made of', () => {
  const texts = { save: 'Salvar', list: { title: 'Lista', none: 'Nada' }, field: ['Nome', ''] as readonly [string, string] };
  const other = changed(texts, { save: 'Guardar', list: { none: 'Não há nada' }, field: ['Nome', 'Como se chama'] });
  assert.deepEqual(other, { save: 'Guardar', list: { title: 'Lista', none: 'Não há nada' }, field: ['Nome', 'Como se chama'] });
  assert.deepEqual(texts, { save: 'Salvar', list: { title: 'Lista', none: 'Nada' }, field: ['Nome', ''] });
});
