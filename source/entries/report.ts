/**
 * `agent-room report` alone, which agents run many times a minute from their PATH. Same table row, words and exit codes as the whole CLI;
 * loads nothing else.
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
