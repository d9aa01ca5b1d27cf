import type {ChangeFacts} from './change-facts.ts';

export const RISKS = ['LOW', 'MEDIUM', 'HIGH'] as const;
export type Risk = {readonly level: (typeof RISKS)[number]; readonly text: string};

/** Files that say what a project is made of, in the package managers that are used most. */
const DEPENDENCIES = new Set([
	...['package.json', 'package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock', 'bun.lockb', 'deno.lock'],
	...['pyproject.toml', 'poetry.lock', 'uv.lock', 'pipfile', 'pipfile.lock', 'setup.py', 'go.mod', 'go.sum', 'cargo.toml', 'cargo.lock'],
	...['gemfile', 'gemfile.lock', 'composer.json', 'composer.lock', 'pom.xml', 'build.gradle', 'build.gradle.kts', 'mix.exs', 'mix.lock'],
	...['package.swift', 'pubspec.yaml', 'pubspec.lock', 'flake.lock'],
]);

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1).toLowerCase();

/** Whether a path says which other packages are used. */
export const isDependencies = (path: string): boolean =>
	DEPENDENCIES.has(nameOf(path)) || /^requirements[\w.-]*\.txt$|\.(?:csproj|gemspec)$/.test(nameOf(path));

/** Whether a path changes data that is there already: what cannot be taken back by reverting a commit. */
export const isMigration = (path: string): boolean =>
	/(?:^|\/)(?:migrations?|migrate)\//i.test(path) || /\.sql$|^schema\.(?:prisma|rb)$/.test(nameOf(path));

const LARGE = {lines: 200, files: 15};
const HUGE = {lines: 1000, files: 50};

/** How carefully a change should be looked at, from its size and from what it touches: one word, and why. */
export const riskOf = ({files, added, removed, dependencies, migrations, outside, secrets}: ChangeFacts): Risk => {
	const lines = added + removed;
	const isHigh = migrations.length > 0 || secrets.length > 0 || lines > HUGE.lines || files > HUGE.files;
	const isMedium = dependencies.length > 0 || outside.length > 0 || lines > LARGE.lines || files > LARGE.files;
	return {
		level: isHigh ? 'HIGH' : isMedium ? 'MEDIUM' : 'LOW',
		text: [
			`+${added} -${removed}`,
			migrations.length > 0 ? `migrations (${migrations[0]})` : 'no migrations',
			dependencies.length > 0 ? `dependencies (${dependencies[0]})` : 'no dependencies',
		].join(', '),
	};
};
