import {onTestFinished} from 'vitest';

/** Sets variables of this process, and so of every git that it starts, until the test ends. */
export const withEnvironment = (values: Readonly<Record<string, string>>): void => {
	const before = Object.keys(values).map(name => [name, process.env[name]] as const);
	Object.assign(process.env, values);
	onTestFinished(() => {
		for (const [name, value] of before) {
			if (value === undefined) delete process.env[name];
			else process.env[name] = value;
		}
	});
};
