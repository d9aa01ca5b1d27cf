/**
 * `agent-room report` by itself: what the `agent-room` on an agent's PATH starts for a report, which agents make many times a minute. The same row, words
 * and exit codes as those of the whole command line; nothing else is loaded.
 */

import process from 'node:process';
import {report} from '../commands/agents/report.ts';
import {EXIT, programVersion} from '../commands/parse/command.ts';
import {commandHelp} from '../commands/parse/help-text.ts';
import {endWith, invocationOf, readCommandLine, readPlainFlags} from '../commands/parse/parse.ts';
import {REPORT_ROW} from '../commands/rows/report.ts';

await endWith(process.argv.slice(2), async (argv, io) => {
	const parsed = readCommandLine(argv, [REPORT_ROW], readPlainFlags);
	const {help, version} = parsed.flags;
	if (help !== true && version !== true) return report(invocationOf(parsed, io));
	io.print(version === true ? programVersion() : commandHelp(REPORT_ROW));
	return EXIT.ok;
});
