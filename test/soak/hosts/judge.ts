import {createHistory} from '../history.ts';

/** A first-parent commit of the remote's base, with the tasks that its message names. */
export type Merge = {readonly commit: string; readonly tasks: readonly string[]};

/** What a run of several hosts has left behind, on the hub and in the clones. */
export type HostsEvidence = {
	/** Tasks whose submission was acknowledged. */
	readonly submitted: readonly string[];
	/** Entries of the stream, oldest first: the id, then names and values; how many the server added; the last one trimmed unread. */
	readonly stream: readonly (readonly string[])[];
	readonly added: number;
	readonly missed: string;
	/** First-parent history of the remote's base, oldest first, without the commit that it began with. */
	readonly merges: readonly Merge[];
	/** Every commit at which the remote's base ever stood, but the first. */
	readonly stood: readonly string[];
	/** Commits on which the test command passed. */
	readonly tested: ReadonlySet<string>;
	/** Files of the base by name. */
	readonly files: ReadonlyMap<string, string>;
	readonly clones: readonly {readonly name: string; readonly head: string; readonly status: string}[];
	/** What `git fsck` said of the remote and of each clone; '' where all is well. */
	readonly fsck: string;
	/** Programs that ended by themselves, in words. */
	readonly crashes: readonly string[];
};

export type HostsVerdict = {
	readonly lost: readonly string[];
	readonly twice: readonly string[];
	readonly untested: readonly string[];
	/** Clones that are not at the remote's base, or not clean. */
	readonly unequal: readonly string[];
	/** Every sentence that is not as it must be, those above included. */
	readonly violations: readonly string[];
	readonly counts: Readonly<Record<string, number>>;
};

/** Reads nothing but the evidence. */
export const judgeHosts = (evidence: HostsEvidence): HostsVerdict => {
	const {submitted, stream, merges, stood, tested, files, clones} = evidence;
	const found = {
		lost: new Set<string>(),
		twice: new Set<string>(),
		untested: new Set<string>(),
		unequal: new Set<string>(),
		other: new Set<string>(),
	};
	const violations: string[] = [];
	const wrong = (kind: keyof typeof found, what: string, text: string): void => {
		found[kind].add(what);
		violations.push(`${what}: ${text}`);
	};
	if (evidence.missed) wrong('other', 'stream', `entries up to ${evidence.missed} were trimmed before they were read`);
	if (evidence.added !== stream.length) wrong('other', 'stream', `has ${evidence.added} entries, ${stream.length} were read`);
	if (evidence.fsck) wrong('other', 'git', evidence.fsck);
	for (const crash of evidence.crashes) wrong('other', 'room', crash);

	const history = createHistory(stream, wrong);
	const mergedAs = new Map<string, string[]>();
	for (const {commit, tasks} of merges) {
		if (tasks.length === 0) wrong('other', commit, 'is on the base and names no task');
		for (const task of tasks) mergedAs.set(task, [...(mergedAs.get(task) ?? []), commit]);
	}
	// Of a batch only the last commit is tested, and only that is ever the base; where it stood before is on its first-parent line.
	const placeOf = new Map(merges.map(({commit}, place) => [commit, place]));
	for (const [at, commit] of stood.entries()) {
		if (!tested.has(commit)) wrong('untested', commit, 'was the base and was not tested');
		const place = placeOf.get(commit);
		if (place === undefined) wrong('lost', commit, 'was the base and is not in its history');
		else if (place < (placeOf.get(stood[at - 1] ?? '') ?? -1)) wrong('other', commit, 'was the base after what came behind it');
	}
	const last = merges.at(-1)?.commit;
	if (last !== undefined && !tested.has(last)) wrong('untested', last, 'is the base and was not tested');
	for (const task of submitted) {
		const ends = history.tasks.get(task)?.ends ?? [];
		if (ends.length === 0) wrong('lost', task, history.tasks.has(task) ? 'has no end' : 'was acknowledged and is not in the record');
		if (ends.length > 1) wrong('twice', task, `ended as ${ends.join(' and as ')}`);
		for (const end of ends) if (end !== 'merged') wrong('lost', task, `ended as ${end}`);
		const commits = mergedAs.get(task) ?? [];
		if (commits.length === 0) wrong('lost', task, 'is not on the base of the remote');
		if (commits.length > 1) wrong('twice', task, `is on the base as ${commits.join(' and as ')}`);
		if (commits.length > 0 && files.get(`${task}.txt`) !== `done ${task}\n`)
			wrong('lost', task, 'is on the base without the whole of its work');
	}
	const expected = new Set(submitted);
	for (const task of mergedAs.keys()) if (!expected.has(task)) wrong('other', task, 'is on the base and was never submitted');
	const base = merges.at(-1)?.commit ?? '';
	for (const {name, head, status} of clones) {
		if (head !== base) wrong('unequal', name, `is at ${head}, the remote at ${base}`);
		if (status) wrong('unequal', name, `is not clean: ${status}`);
	}
	const counts: Record<string, number> = {};
	for (const [, ...fields] of stream) {
		const type = fields[fields.indexOf('type') + 1] ?? '';
		counts[type] = (counts[type] ?? 0) + 1;
	}
	return {lost: [...found.lost], twice: [...found.twice], untested: [...found.untested], unequal: [...found.unequal], violations, counts};
};
