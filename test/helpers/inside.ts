import {readdirSync, readFileSync} from 'node:fs';

const read = (file: string): string => {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return '';
	}
};

/** Is there a process that knows itself by this pid, and has these words in its environment? */
export const isRunningInside = (inner: number, ...words: readonly string[]): boolean => outerPid(inner, ...words) !== inner;

/**
 * The pid by which a process is seen from here that knows itself by another: a program in a sandbox counts from 1. `words` stand in its environment
 * and tell it from those of other sandboxes. The pid itself where no process has it inside.
 */
export const outerPid = (inner: number, ...words: readonly string[]): number => {
	const found = readdirSync('/proc')
		.filter(name => /^\d+$/.test(name))
		.find(name => {
			const pids = /^NSpid:\t(.+)$/m.exec(read(`/proc/${name}/status`))?.[1]?.split('\t') ?? [];
			const environment = read(`/proc/${name}/environ`);
			return pids.length > 1 && Number(pids.at(-1)) === inner && words.every(word => environment.includes(word));
		});
	return found === undefined ? inner : Number(found);
};
