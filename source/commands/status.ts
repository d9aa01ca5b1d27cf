import {isHeldByBudget} from '../core/budget.ts';
import type {StatusLine} from '../core/output.ts';
import {isSet, type RunCommand} from './command.ts';
import {EXIT} from './exit-code.ts';
import {plainJson} from './plain-text.ts';
import {readStatus} from './read-status.ts';
import {statusText} from './status-text.ts';

/** What `--exit-code` says: 5 a red base, 4 somebody must answer, revive or trust something, 0 nothing. */
export const exitCodeOf = (status: StatusLine): number => {
	if (status.control.red !== '') return EXIT.baseRed;
	const needsPerson =
		!status.isTrusted ||
		isHeldByBudget(status.control) ||
		status.agents.some(agent => ['asks', 'waiting', 'logged-out'].includes(agent.status)) ||
		status.counts.dead > 0 ||
		status.tasks.some(task => task.asks !== '' || /^(landing waits|merges are held)/.test(task.hold)) ||
		status.banners.some(banner => banner.severity === 'error');
	return needsPerson ? EXIT.needsPerson : EXIT.ok;
};

/** `agent-room status [--exit-code]`. */
export const status: RunCommand = async invocation => {
	const state = await readStatus(invocation);
	if (isSet(invocation, 'json')) invocation.print(plainJson(state));
	else for (const line of statusText(state)) invocation.print(line);
	return isSet(invocation, 'exitCode') ? exitCodeOf(state) : EXIT.ok;
};
