#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { exampleFile, loadConfig, run, settingsTable, version } from '../app/index.ts';
import { Failure } from '../base/index.ts';
import { capacityCommand } from './capacity.ts';
import { exportCommand, importCommand, migrateCommand } from './database.ts';
import { eraseCommand, ownTerminal } from './erase.ts';
import { traceCommand, traceTerminal } from './trace.ts';
import { webhooksCommand } from './webhooks.ts';

/** What `parley --help` prints. */
function help(): string {
  const width = Math.max(...settingsTable.map(({ variable }) => variable.length));
  const rows = settingsTable.map(
    ({ variable, preset, comment }) => `  ${variable.padEnd(width)}  ${comment} Default: ${preset === '' ? 'none' : preset}.`,
  );
  return [
    `Parley ${version()}: a telephone conference server.`,
    '',
    'Usage: parley <command>',
    '',
    '  start     run the server until Ctrl-C',
    '  capacity  measure how many calls this machine carries, and keep to it (see parley capacity --help)',
    '  migrate   bring the schema of the database up to date, or say what is due',
    '  export    write everything into a file',
    '  import    fill the database from such a file: how SQLite moves to PostgreSQL and back',
    '  erase     take everything about a caller out of the records of a running server (see parley erase --help)',
    '  trace     print how a call was signalled, as a ladder (see parley trace --help)',
    '  webhooks  show webhooks and what they gave up, send it once more (see parley webhooks --help)',
    '  config    print every setting with its default, as a parley.yaml',
    '  version   print the version',
    '  help      print this',
    '',
    'Settings come from parley.yaml in the working directory (PARLEY_CONFIG names another file) and from these variables, which win:',
    '',
    ...rows,
    `  ${'PARLEY_MASTER_KEY'.padEnd(width)}  64 hex digits that seal secrets in the database. Default: the file master.key in the data directory.`,
    '',
  ].join('\n');
}

async function main(): Promise<number> {
  const [first, ...rest] = process.argv.slice(2);
  const config = () => loadConfig(process.env, process.cwd());
  if (first === 'capacity') return capacityCommand(rest, config);
  if (first === 'migrate') return migrateCommand(rest, config);
  if (first === 'export') return exportCommand(rest, config);
  if (first === 'import') return importCommand(rest, config, process.env['PARLEY_MASTER_KEY']);
  if (first === 'erase') return eraseCommand(rest, config, ownTerminal);
  if (first === 'trace') return traceCommand(rest, config, traceTerminal());
  if (first === 'webhooks')
    return webhooksCommand(
      rest,
      () => loadConfig(process.env, process.cwd()),
      (text) => void process.stdout.write(text),
    );
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean', short: 'v' } },
  });
  const command = values.help ? 'help' : values.version ? 'version' : (positionals[0] ?? 'help');
  switch (command) {
    case 'start':
      return run(config(), process.env['PARLEY_MASTER_KEY']);
    case 'config':
      process.stdout.write(exampleFile());
      return 0;
    case 'version':
      process.stdout.write(`${version()}\n`);
      return 0;
    case 'help':
      process.stdout.write(help());
      return 0;
    default:
      process.stderr.write(`parley: there is no command "${command}"; try: parley help\n`);
      return 2;
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Failure || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS'))) throw error;
  process.stderr.write(`parley: ${(error as Error).message}\n`);
  process.exitCode = 2;
}
