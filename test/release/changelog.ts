import semver from 'semver';

export type Entry = {readonly version: string; readonly date: string};

/** Heads of versions in a changelog, in its order: `## 1.2.3 - 2026-12-01`. */
export const readEntries = (changelog: string): readonly Entry[] =>
	[...changelog.matchAll(/^## (\S+)(?: - (\S+))?$/gm)].map(([, version = '', date = '']) => ({version, date}));

/** A day that there is. */
const isDay = (date: string): boolean => {
	const day = new Date(`${date}T00:00:00Z`);
	return /^\d{4}-\d\d-\d\d$/.test(date) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date);
};

/** What is amiss with the entries: each version semantic, dated, and above the one below it. */
const orderProblems = (entries: readonly Entry[]): readonly string[] =>
	entries.flatMap(({version, date}, at) => {
		if (semver.valid(version) !== version) return [`The changelog names \`${version}\`, which is no semantic version.`];
		if (!isDay(date)) return [`The changelog gives ${version} no day such as 2026-12-01.`];
		const before = entries[at + 1];
		if (before && semver.valid(before.version) && !semver.gt(version, before.version))
			return [`In the changelog ${version} stands above ${before.version}, and is not above it as a version.`];
		return before && before.date > date ? [`In the changelog ${version} is older than ${before.version}, which came before it.`] : [];
	});

/**
 * Why this version cannot be released with this changelog, today (`2026-12-01`); [] where it can. `changed`: files that are not as they are committed.
 * `released`: versions that have been, by their tags.
 */
export const releaseProblems = ({
	version,
	changelog,
	changed,
	today,
	released,
}: {
	readonly version: string;
	readonly changelog: string;
	readonly changed: readonly string[];
	readonly today: string;
	readonly released: readonly string[];
}): readonly string[] => {
	const dirty = changed.length > 0 ? [`The tree is not clean: ${changed.slice(0, 5).join(', ')}${changed.length > 5 ? ', …' : ''}.`] : [];
	if (semver.valid(version) !== version) return [...dirty, `\`${version}\` is no semantic version.`];
	const entries = readEntries(changelog);
	const [last] = entries;
	const own = entries.find(entry => entry.version === version);
	const above = released.filter(other => semver.valid(other) && semver.gte(other, version));
	return [
		...dirty,
		...orderProblems(entries),
		...(own || !last || !semver.valid(last.version) || semver.gt(version, last.version)
			? []
			: [`${version} is not above ${last.version}, the last in the changelog.`]),
		...(own ? [] : [`The changelog has no entry \`## ${version} - ${today}\`.`]),
		...(own && own !== last ? [`${version} is not the last in the changelog: that is ${last?.version}.`] : []),
		...(own && own.date > today ? [`The changelog says that ${version} is of ${own.date}, and today is ${today}.`] : []),
		...(above.length > 0 ? [`${version} is not above ${above.join(', ')}, which is released.`] : []),
	];
};
