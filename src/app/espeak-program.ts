#!/usr/bin/env node
import { text } from 'node:stream/consumers';
import { espeakProgram } from '../speech/index.ts';

/** espeak-ng as WebAssembly, with the options of the program; decision 22. */
try {
  process.stdout.write(await espeakProgram(process.argv.slice(2), () => text(process.stdin)));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
