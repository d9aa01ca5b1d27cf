/**
 * `agent-room report` by itself: what the `agent-room` on an agent's PATH starts for a report, which agents make many times a minute. The same row, words
 * and exit codes as those of the whole command line; nothing else is loaded.
 */
import process from 'node:process';
import manifest from '../package.json' with {type: 'json'};
import type {Command} from './commands/command.ts';
import {readCommandLine} from './commands/command-line.ts';
import {EXIT} from './commands/exit-code.ts';
import {commandHelp} from './commands/help-text.ts';
import {endWith, invoke} from './commands/main.ts';
import {readPlainFlags} from './commands/plain-flags.ts';
import {report} from './commands/report.ts';
import {REPORT_ROW} from './commands/report-row.ts';

const REPORT: Command = {...REPORT_ROW, load: async () => report};

await endWith(process.argv.slice(2), async (argv, io) => {
	const parsed = readCommandLine(argv, [REPORT], readPlainFlags);
	const {help, version} = parsed.flags;
	if (help !== true && version !== true) return invoke(parsed, io);
	io.print(version === true ? manifest.version : commandHelp(REPORT));
	return EXIT.ok;
});
