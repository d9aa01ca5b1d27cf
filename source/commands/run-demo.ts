import {isSet, type RunCommand} from './command.ts';
import {wrongUsage} from './command-error.ts';
import {runDemo} from './demo.ts';
import {displayEnvironment, hasScreen} from './display-flags.ts';

/** `agent-room demo`. */
export const demo: RunCommand = invocation => {
	const read = (name: 'agents' | 'tasks'): number | undefined => {
		const value = invocation.flags[name];
		if (typeof value !== 'number') return undefined;
		if (value < 1 || value > 64) throw wrongUsage(`The flag \`--${name}\` takes 1 to 64.`);
		return value;
	};
	const environment = displayEnvironment(invocation);
	const isHeadless = isSet(invocation, 'headless') || isSet(invocation, 'json') || !hasScreen(environment, process.stdout.isTTY);
	return runDemo({agents: read('agents'), tasks: read('tasks'), isHeadless, json: isSet(invocation, 'json'), environment});
};
