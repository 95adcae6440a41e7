import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gainOfLevel } from './gains.ts';
import { soundSettings } from './sound-settings.ts';

test('without a profile: the built-in one of kazoo-facts 7.7 and issue 3: 48 kHz, levelled, energy level 20', () => {
  assert.deepEqual(soundSettings({}), { rate: 48_000, levels: true, energyLevel: 20 });
});

test('the rates that a profile may have are taken, others are as absent', () => {
  const rates = [8000, 12_000, 16_000, 24_000, 32_000, 44_100, 48_000, 11_025, '8000'].map((rate) => soundSettings({ rate }).rate);
  assert.deepEqual(rates, [8000, 12_000, 16_000, 24_000, 32_000, 44_100, 48_000, 48_000, 48_000]);
});

test('levelling is switched off by a gain level of nothing, in all spellings of FreeSWITCH, and by nothing else', () => {
  const levels = (value: number | boolean | string) => soundSettings({ 'auto-gain-level': value }).levels;
  assert.deepEqual([0, '0', false, 'false'].map(levels), [false, false, false, false]);
  assert.deepEqual([1100, '1100', true, 'true'].map(levels), [true, true, true, true]);
});

test('the energy level: 0 is a level, what is out of range is as absent', () => {
  const energy = (value: number | string) => soundSettings({ 'energy-level': value }).energyLevel;
  assert.deepEqual([0, 300, 1800, 1801, -1, '300'].map(energy), [0, 300, 1800, 20, 20, 20]);
});

test("comfort noise: FreeSWITCH's level divides, so ten times as much is 20 dB less; 0 is none", () => {
  const noise = (value: number) => soundSettings({ 'comfort-noise': value }).comfortNoise;
  assert.deepEqual([0, 100, 1000, 10_000].map(noise), [undefined, -42, -62, -82]);
});

test('levels of volume_in and volume_out are the factors of FreeSWITCH', () => {
  assert.deepEqual([-4, -3, -2, -1, 0, 1, 2, 3, 4].map(gainOfLevel), [0.2, 0.4, 0.6, 0.8, 1, 1.3, 2.3, 3.3, 4.3]);
  assert.deepEqual([-9, 9].map(gainOfLevel), [0.2, 4.3]);
});
