import {agentName} from '../agent/agent.ts';
import {type Lock, lockLabel, pathsOverlap} from './lock.ts';

/** Patterns of which only the part before the first wildcard is understood. */
const isPlain = (glob: string): boolean => !/[[\]{}()\\!]/.test(glob) && !glob.includes('..');

const segmentsOf = (path: string): readonly string[] => path.split('/').filter(segment => segment !== '' && segment !== '.');

/** `*` and `?` within one segment; the last `*` is tried again, so no pattern costs more than the product of both lengths. */
const segmentMatches = (glob: string, text: string): boolean => {
	let [at, from, star, again] = [0, 0, -1, 0];
	while (from < text.length) {
		if (glob[at] === '*') [star, again] = [at++, from];
		else if (at < glob.length && (glob[at] === '?' || glob[at] === text[from])) [at, from] = [at + 1, from + 1];
		else if (star >= 0) [at, from] = [star + 1, ++again];
		else return false;
	}
	while (glob[at] === '*') at++;
	return at === glob.length;
};

/** Row by row, since a `**` may stand for any number of folders. */
const segmentsMatch = (globs: readonly string[], path: readonly string[]): boolean => {
	let reached: readonly boolean[] = path.map(() => false);
	let start = true;
	for (const glob of globs) {
		const before: readonly boolean[] = [start, ...reached];
		if (glob === '**') {
			let isOpen = false;
			reached = before.slice(1).map((is, at) => (isOpen ||= is || before[at] === true));
			start = before[0] === true;
			continue;
		}
		reached = path.map((segment, at) => before[at] === true && segmentMatches(glob, segment));
		start = false;
	}
	return reached.at(-1) ?? false;
};

/** Whether a locked pattern covers a file. A name without wildcards covers all below it; an unusual pattern what its lock keeps others from. */
export const coversPath = (glob: string, path: string): boolean => {
	if (!isPlain(glob)) return pathsOverlap(glob, path);
	const [globs, segments] = [segmentsOf(glob.toLowerCase()), segmentsOf(path.toLowerCase())];
	const isLiteral = globs.every(each => !/[*?]/.test(each));
	return isLiteral ? globs.every((each, at) => each === segments[at]) : segmentsMatch(globs, segments);
};

/** A path lock: its pattern, and the agent that holds it. */
export type HeldPath = {readonly pattern: string; readonly owner: string};

/** The path locks that other agents hold. */
export const heldByOthers = (agent: string, locks: Iterable<Lock>): readonly HeldPath[] =>
	[...locks].flatMap(({name, owner: held}) => {
		const owner = held.split(' ')[0] ?? '';
		return name.startsWith('path:') && owner !== agent ? [{pattern: lockLabel(name), owner}] : [];
	});

/** The first of these files that a lock covers; undefined for none. */
export const firstHeld = (paths: readonly string[], held: readonly HeldPath[]): (HeldPath & {readonly path: string}) | undefined => {
	for (const lock of held) {
		const path = paths.find(each => coversPath(lock.pattern, each));
		if (path !== undefined) return {...lock, path};
	}
	return undefined;
};

/** `the lock src/db/** of dev-2`. */
export const heldText = ({pattern, owner}: HeldPath): string => `the lock ${pattern} of ${agentName(owner)}`;
