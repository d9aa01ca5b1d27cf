import {isSet, type RunCommand} from './command.ts';
import {runChecks} from './doctor-checks.ts';
import {EXIT} from './exit-code.ts';
import {plainJson} from './plain-text.ts';

const MARKS = {ok: '✓', warn: '!', bad: '✗'} as const;

/** `agent-room doctor`: a line a check, with the exact command where something is amiss. Exit 3 when the room could not work. */
export const doctor: RunCommand = async invocation => {
	const checks = await runChecks(invocation);
	for (const {name, result, text, fix, isAbsent} of checks) {
		if (isSet(invocation, 'json')) invocation.print(plainJson({name, result, text, fix}));
		else {
			invocation.print(`${isAbsent ? '·' : MARKS[result]} ${name.padEnd(11)} ${text}`);
			if (fix && result !== 'ok') invocation.print(`${' '.repeat(14)}${fix}`);
		}
	}
	return checks.some(check => check.result === 'bad') ? EXIT.notReady : EXIT.ok;
};
