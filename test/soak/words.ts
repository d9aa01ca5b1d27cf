import type {Outcome} from './once.ts';

const listed = (counts: Readonly<Record<string, number>>): string =>
	Object.entries(counts)
		.toSorted(([one], [other]) => one.localeCompare(other))
		.map(([name, count]) => `${name} ${count}`)
		.join(', ');

/** With nothing found among n, the true rate is below this in 95 of 100 cases (the rule of three). */
const bound = (found: number, n: number): string => (found === 0 && n > 0 ? `, so below ${((3 / n) * 100).toPrecision(2)} % (95 %)` : '');

/** A run in lines of text: a figure is said only with the number of tasks and the faults beside it. */
export const figuresOf = ({plan, seconds, verdict}: Outcome): string => {
	const {submitted, ends, lost, twice, violations, counts, faults} = verdict;
	return [
		`  ${submitted} tasks, ${plan.rooms} rooms of 5 agents, leases of ${plan.leaseMs} ms, ${seconds.toFixed(0)} s`,
		`  broken: ${listed(faults)}`,
		`  record: ${listed(counts)}`,
		`  ends: ${listed(ends)}`,
		`  lost ${lost.length}${bound(lost.length, submitted)}; done twice ${twice.length}${bound(twice.length, submitted)}; violations ${violations.length}`,
		...violations.slice(0, 10).map(violation => `    ${violation}`),
	].join('\n');
};
