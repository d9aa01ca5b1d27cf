import type {HostsOutcome, HostsPlan} from './once.ts';

const listed = (counts: Readonly<Record<string, number>>): string =>
	Object.entries(counts)
		.toSorted(([one], [other]) => one.localeCompare(other))
		.map(([name, count]) => `${name} ${count}`)
		.join(', ');

/** A run in lines of text. */
export const figuresOfHosts = (
	{hosts, developers, reviewers, tasks, seed, hasFailovers}: HostsPlan,
	{why, seconds, faults, verdict}: HostsOutcome,
): string => {
	const {lost, twice, untested, unequal, violations, counts} = verdict;
	return [
		`${tasks} tasks on ${hosts} hosts, each of ${developers} developers and ${reviewers === 1 ? 'a reviewer' : `${reviewers} reviewers`}, ${hasFailovers ? 'Redis with Sentinels, ' : ''}${seconds.toFixed(0)} s, seed ${seed}`,
		why === '' ? 'hosts: network, UTS, process and mount namespaces' : `hosts: folders on loopback, since there are no namespaces (${why})`,
		`broken: ${listed(faults)}`,
		`record: ${listed(counts)}`,
		`lost ${lost.length}; done twice ${twice.length}; untested on the base ${untested.length}; clones not equal ${unequal.length}; violations ${violations.length}`,
		...violations.slice(0, 20).map(violation => `  ${violation}`),
	].join('\n');
};
