import {changedScripts, isNamed, runBy} from '../../core/change/runs.ts';
import {readBlobs} from './blobs.ts';

/** What a repository's configuration runs, and the files that it and its briefs lie in (paths from the top of the repository). */
export type Runs = {readonly commands: Readonly<Record<string, string | undefined>>; readonly configFiles: readonly string[]};

const MOST_TOLD = 20;

/**
 * Changed paths that say what is run: files and scripts of the configured commands, each with the command that runs it, and the files of the
 * configuration. `paths`: what differs between the two commits.
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
		// More of them than anybody looks at are told as changed, without a look.
		...(scripts.length > 0 ? packages.slice(MOST_TOLD).map(path => `${path}, which \`${name}\` may run`) : []),
	]);
	return {runs: runs.slice(0, MOST_TOLD), configures: paths.filter(path => configFiles.includes(path))};
};
