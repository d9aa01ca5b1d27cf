import {changedScripts, isNamed, runBy} from '../../core/change/runs.ts';
import {readBlobs} from './blobs.ts';

/** The configured commands, and the files of configuration and prompts (paths from the repository's top). */
export type Runs = {readonly commands: Readonly<Record<string, string | undefined>>; readonly configFiles: readonly string[]};

const MOST_TOLD = 20;

/**
 * Changed paths that affect what runs: files and scripts of configured commands, each with its command, and config files. `paths`: the
 * difference of the two commits.
 */
export const changedRuns = async (
	sides: {readonly folder: string; readonly from: string; readonly to: string},
	paths: readonly string[],
	{commands, configFiles}: Runs,
): Promise<{readonly runs: readonly string[]; readonly configures: readonly string[]}> => {
	const named = Object.entries(commands).map(([name, command]) => ({name, ...runBy(command ?? '')}));
	const packages = named.some(({scripts}) => scripts.length > 0) ? paths.filter(path => isNamed(path, ['package.json'])) : [];
	const sought = packages.slice(0, MOST_TOLD);
	const contents = await readBlobs(
		sides.folder,
		sought.flatMap(path => [`${sides.from}:${path}`, `${sides.to}:${path}`]),
	);
	const runs = named.flatMap(({name, files, scripts}) => [
		...paths.filter(path => isNamed(path, files)).map(path => `${path}, which \`${name}\` runs`),
		...sought.flatMap((path, at) => {
			const changed = changedScripts(contents[2 * at]?.text ?? '', contents[2 * at + 1]?.text ?? '', scripts);
			return changed.length > 0 ? [`${path} (scripts.${changed.slice(0, 3).join(', scripts.')}), which \`${name}\` runs`] : [];
		}),
		// Beyond the display limit, packages count as changed unread.
		...(scripts.length > 0 ? packages.slice(MOST_TOLD).map(path => `${path}, which \`${name}\` may run`) : []),
	]);
	return {runs: runs.slice(0, MOST_TOLD), configures: paths.filter(path => configFiles.includes(path))};
};
