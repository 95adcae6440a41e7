export { loadConfig } from './config.ts';
export { run } from './run.ts';
export { exampleFile, type Setting, settingsTable } from './settings.ts';
export { version } from './version.ts';
