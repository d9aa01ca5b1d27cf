import {onTestFinished} from 'vitest';
import {letGitRunHere} from './git-apart.ts';

/** Sets variables of this process, and so of every git that it starts, until the test ends. */
export const withEnvironment = (values: Readonly<Record<string, string>>): void => {
	const before = Object.keys(values).map(name => [name, process.env[name]] as const);
	// A process that runs git has the variables of its start.
	letGitRunHere();
	Object.assign(process.env, values);
	onTestFinished(() => {
		letGitRunHere();
		for (const [name, value] of before) {
			if (value === undefined) delete process.env[name];
			else process.env[name] = value;
		}
	});
};
