import { test } from 'node:test';
import { crashStore } from '../kit/store-crash.ts';

test('what was acknowledged before kill -9 is there afterwards, whole', { timeout: 60_000 }, () => crashStore({ rounds: 10, seed: 11 }));
