import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {createHistory, type History} from './history.ts';
import {type Line, readLedger} from './ledger.ts';

/** What a finished run has left behind. */
export type Evidence = {
	readonly ledger: readonly Line[];
	/** Entries of the stream, oldest first: the id, then names and values. */
	readonly stream: readonly (readonly string[])[];
	/** How many entries the server added, and the last one that was trimmed unread ('' for none). */
	readonly added: number;
	readonly missed: string;
	/** Of each ref below refs/tasks: the commit and the token that its message names. */
	readonly mergedCommit: ReadonlyMap<string, {readonly commit: string; readonly token: string}>;
	/** What `git fsck` has to say; '' when all is well. */
	readonly fsck: string;
};

export type Verdict = {
	readonly submitted: number;
	readonly ends: Readonly<Record<string, number>>;
	/** Tasks without an end, or with one that they must not have. */
	readonly lost: readonly string[];
	/** Tasks with more than one end, or with work that was accepted twice or under a superseded token. */
	readonly twice: readonly string[];
	/** Every sentence that is not as it must be, those of `lost` and `twice` included. */
	readonly violations: readonly string[];
	readonly counts: Readonly<Record<string, number>>;
	readonly faults: Readonly<Record<string, number>>;
};

const countBy = <Item>(items: readonly Item[], name: (item: Item) => string): Record<string, number> => {
	const counts: Record<string, number> = {};
	for (const item of items) counts[name(item)] = (counts[name(item)] ?? 0) + 1;
	return counts;
};

/** Ends that a task may have by its id: `x-` cannot succeed, `c-` is cancelled unless it was merged before, all others must be merged. */
const mayEnd = (task: string): readonly string[] =>
	task.startsWith('x-') ? ['failed'] : task.startsWith('c-') ? ['cancelled', 'merged'] : ['merged'];

/** The workers' account beside the record: what they were told must be what is written, and nothing counts that nobody did. */
const judgeLedger = (
	ledger: readonly Line[],
	history: History,
	wrong: (kind: 'twice' | 'other', task: string, text: string) => void,
): void => {
	const seen = {began: new Set<string>(), finished: new Set<string>(), accepted: new Set<string>()};
	for (const {act, task, token, stage} of ledger) {
		if (act === 'fault' && task.startsWith('crash')) wrong('other', 'room', `ended by itself (${task})`);
		const completion = history.completions.get(token);
		if (act === 'began' || act === 'finished' || act === 'accepted') {
			if (seen[act].has(token)) wrong('twice', task, `${act} twice under ${token}`);
			seen[act].add(token);
		}
		if (act === 'began' && history.claims.get(token) !== task)
			wrong('other', task, `began under ${token}, which was issued for ${history.claims.get(token) ?? 'nothing'}`);
		if (act === 'accepted' && (completion?.task !== task || completion.stage !== stage))
			wrong('twice', task, `a result of ${stage} was accepted under ${token}, which did not hold it`);
		if (act === 'refused' && completion) wrong('other', task, `was told that ${token} is stale, and the record has its result`);
	}
	for (const [token, {task}] of history.completions)
		if (!seen.finished.has(token)) wrong('other', task, `the record has a result under ${token}, which nobody worked for to the end`);
};

const judgeGit = (
	{mergedCommit, fsck}: Evidence,
	history: History,
	wrong: (kind: 'twice' | 'other', task: string, text: string) => void,
): void => {
	if (fsck) wrong('other', 'git', fsck);
	for (const [task, {ends, commit, developedUnder}] of history.tasks) {
		const found = mergedCommit.get(task);
		if (!ends.includes('merged')) continue;
		if (!found) wrong('other', task, 'is merged and not in git');
		else if (found.commit !== commit) wrong('twice', task, `git has ${found.commit}, the record ${commit}`);
		else if (found.token !== developedUnder)
			wrong('twice', task, `git has the work of ${found.token}, accepted was that of ${developedUnder}`);
	}
	for (const task of mergedCommit.keys()) {
		const ends = history.tasks.get(task)?.ends;
		// A cancel may come between a landing and its completion; then the person is told that it was too late, in git.
		if (!ends?.includes('merged') && !(task.startsWith('c-') && ends?.includes('cancelled')))
			wrong('other', task, 'is in git and not merged');
	}
};

/** Reads nothing but the evidence. */
export const judge = (evidence: Evidence): Verdict => {
	const {ledger, stream} = evidence;
	const violations: string[] = [];
	const lost = new Set<string>();
	const twice = new Set<string>();
	const wrong = (kind: 'lost' | 'twice' | 'other', task: string, text: string): void => {
		violations.push(`${task}: ${text}`);
		if (kind === 'lost') lost.add(task);
		if (kind === 'twice') twice.add(task);
	};
	if (evidence.missed) wrong('other', 'stream', `entries up to ${evidence.missed} were trimmed before they were read`);
	if (evidence.added !== stream.length) wrong('other', 'stream', `has ${evidence.added} entries, ${stream.length} were read`);
	const history = createHistory(stream, wrong);
	const submitted = new Set(ledger.filter(line => line.act === 'submitted').map(line => line.task));
	for (const task of submitted) {
		const ends = history.tasks.get(task)?.ends ?? [];
		if (ends.length === 0) wrong('lost', task, history.tasks.has(task) ? 'has no end' : 'was acknowledged and is not in the record');
		if (ends.length > 1) wrong('twice', task, `ended as ${ends.join(' and as ')}`);
		for (const end of ends) if (!mayEnd(task).includes(end)) wrong('lost', task, `ended as ${end}`);
	}
	judgeLedger(ledger, history, wrong);
	judgeGit(evidence, history, wrong);
	return {
		submitted: submitted.size,
		ends: countBy(
			[...history.tasks.values()].flatMap(task => task.ends),
			end => end,
		),
		lost: [...lost],
		twice: [...twice],
		violations,
		counts: {
			...countBy(stream, entry => entry[entry.indexOf('type', 1) + 1] ?? ''),
			...countBy(
				ledger.filter(line => line.act === 'refused' || line.act === 'unheard' || line.act === 'accepted'),
				line => line.act,
			),
		},
		faults: countBy(
			ledger.filter(line => line.act === 'fault'),
			line => line.task,
		),
	};
};

/** The seed's design has no stages, no tokens and no git: a task is done when a completion is recorded, twice when two executions each recorded one. */
export const judgeSeed = ({ledger, stream}: Pick<Evidence, 'ledger' | 'stream'>): Verdict => {
	const submitted = new Set(ledger.filter(line => line.act === 'submitted').map(line => line.task));
	const executions = new Map<string, Set<string>>();
	for (const entry of stream) {
		const fields = new Map(entry.flatMap((name, index) => (index % 2 === 1 ? [[name, entry[index + 1] ?? ''] as const] : [])));
		const task = fields.get('task') ?? '';
		if (fields.get('type') === 'task_completed')
			executions.set(task, (executions.get(task) ?? new Set()).add(fields.get('execution') ?? ''));
	}
	const lost = [...submitted].filter(task => !executions.has(task));
	const twice = [...executions].filter(([, done]) => done.size > 1).map(([task]) => task);
	return {
		submitted: submitted.size,
		ends: {completed: executions.size},
		lost,
		twice,
		violations: [...lost.map(task => `${task}: has no end`), ...twice.map(task => `${task}: was done twice`)],
		counts: countBy(stream, entry => entry[entry.indexOf('type', 1) + 1] ?? ''),
		faults: countBy(
			ledger.filter(line => line.act === 'fault'),
			line => line.task,
		),
	};
};

const lines = (text: string): string[] => text.split('\n').filter(Boolean);

/** Reads what stands on the disk after a run. `repository` '' where the design has none. */
export const readEvidence = (files: {readonly ledger: string; readonly stream: string; readonly repository: string}): Evidence => {
	const entries = lines(readFileSync(files.stream, 'utf8')).map(line => JSON.parse(line) as string[]);
	const end = entries.at(-1)?.[0] === 'end' ? entries.pop() : undefined;
	const git = (...args: readonly string[]): string =>
		files.repository
			? execFileSync('git', ['-C', files.repository, ...args], {encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'pipe']})
			: '';
	const format = '%(refname:lstrip=2) %(objectname) %(contents:trailers:key=Room-Token,valueonly,separator=%x2c)';
	const refs = lines(git('for-each-ref', `--format=${format}`, 'refs/tasks')).map(line => line.split(' '));
	return {
		ledger: readLedger(files.ledger),
		stream: entries,
		added: Number(end?.[1] ?? -1),
		missed: end?.[2] ?? 'the recorder did not close its file',
		mergedCommit: new Map(refs.map(([task = '', commit = '', token = '']) => [task, {commit, token}])),
		fsck: git('fsck', '--full', '--no-dangling').trim(),
	};
};
