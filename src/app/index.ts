export { exampleFile, loadConfig, type Setting, settingsTable } from './config.ts';
export { run } from './run.ts';
export { version } from './version.ts';
