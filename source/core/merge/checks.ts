import {agentName} from '../agent/agent.ts';
import type {ChangeFacts, Holding, PredictedConflict} from '../change/change.ts';
import {mergeQueueIn, whatPassed} from '../queue/merge-queue.ts';
import {strayText} from '../queue/stray.ts';
import type {RoomFacts} from '../queue/why.ts';
import {countComments} from '../review/comments.ts';
import {FINAL_STATES, type Task} from '../task/task.ts';
import type {TeamSnapshot} from '../team/snapshot.ts';
import {counted, formatSpan} from '../text/format.ts';
import {plainTextLine} from '../text/quote.ts';
import {foreignLock, isCleared} from './approval.ts';

export const CHECK_NAMES = ['tests', 'review', 'conflicts', 'base', 'scope', 'secrets'] as const;
export type CheckName = (typeof CHECK_NAMES)[number];

/** `warn` does not block a merge; `waits`: pending or unknown. */
export const CHECK_STATES = ['good', 'warn', 'bad', 'runs', 'waits'] as const;
export type CheckState = (typeof CHECK_STATES)[number];

export type Check = {
	readonly name: CheckName;
	readonly state: CheckState;
	/** For a column: at most ten characters; '' if the sign says enough. */
	readonly word: string;
	/** One clause, for a line. */
	readonly text: string;
};

/** Input of a check. `facts` are undefined until git has answered. */
export type Looked = {
	readonly task: Task;
	readonly facts: ChangeFacts | undefined;
	readonly team: TeamSnapshot;
	readonly room: RoomFacts & {readonly conflicts?: readonly PredictedConflict[]};
	/** Server time, epoch ms. */
	readonly now: number;
};

type Said = Omit<Check, 'name'>;
const said = (state: CheckState, word: string, text: string): Said => ({state, word, text});

const short = (commit: string): string => commit.slice(0, 7);
const line = (text: string, most: number): string => plainTextLine(text, most);
/** Names the first two and counts the others. */
const named = (files: readonly string[]): string =>
	[...files.slice(0, 2).map(file => line(file, 120)), ...(files.length > 2 ? [`${files.length - 2} more`] : [])].join(', ');

const baseOf = ({room}: Looked): {readonly name: string; readonly head: string} => ({
	name: room.repository?.base ?? 'the base branch',
	head: room.repository?.baseCommit ?? '',
});
const at = (looked: Looked): string => {
	const {name, head} = baseOf(looked);
	return head === '' ? name : `${name}@${short(head)}`;
};

const tests = (looked: Looked): Said => {
	const {task, team, room, now} = looked;
	const took = task.testMs > 0 ? ` in ${formatSpan(task.testMs)}` : '';
	const on = task.candidate === '' ? '' : ` on ${short(task.candidate)}, merged with ${baseOf(looked).name}`;
	if (task.state === 'merged') return said('good', formatSpan(task.testMs), `${whatPassed(task)}${took}, then merged`);
	if (!room.hasTestCommand) return said('bad', 'no command', 'no test command: set `test:` in agent-room.yaml');
	if (task.stage === 'test' && task.state === 'leased' && task.candidate === '')
		return said('runs', 'building', `building the merge with ${baseOf(looked).name}`);
	if (task.stage === 'test' && task.state === 'leased') {
		const since = team.agents.get(task.owner)?.statusAt ?? 0;
		const span = since > 0 ? formatSpan(now - since) : '';
		return said('runs', span, `running${span === '' ? '' : ` for ${span}`}${on}`);
	}
	if (task.stage === 'merge' && task.testExit === 0) return said('good', formatSpan(task.testMs), `${whatPassed(task)}${took}${on}`);
	if (task.testExit > 0)
		return said('bad', `exit ${task.testExit}`, `failed (exit ${task.testExit}) after ${formatSpan(task.testMs)}${on}`);
	if (task.failedCandidate !== '') return said('bad', 'failed', `failed${on}`);
	if (task.decision !== '') return said('waits', 'pending', 'waiting for your approval');
	if (task.stage === 'test') return said('waits', 'pending', 'waiting for a place in the merge queue');
	return said('waits', 'pending', `run after the review, on the merge with ${baseOf(looked).name}`);
};

const reviewer = (id: string): string => (id === 'person' ? 'you' : agentName(id) || 'unknown agent');

const review = ({task, facts}: Looked): Said => {
	const last = facts?.lastRound;
	const isPassed = task.commit !== '' && task.reviewedCommit === task.commit && task.stage !== 'review' && task.stage !== 'audit';
	const yours = facts?.comments.filter(({commit, severity}) => severity === 'must-fix' && commit === task.commit).length ?? 0;
	if (yours > 0) return said('bad', `${yours} must`, `you requested changes: ${yours} must-fix open`);
	if (task.decision === 'rounds') return said('bad', 'you decide', task.waitReason || 'the review round limit is reached: you decide');
	if (isPassed) {
		const nits = last && last.comments.length > 0 && last.verdict === 'approve' ? `, with ${countComments(last.comments)}` : '';
		return said('good', reviewer(task.reviewer), `${reviewer(task.reviewer)} approved ${short(task.reviewedCommit)}${nits}`);
	}
	if (task.commit === '') return said('waits', '', 'not submitted');
	const word = task.stage === 'audit' ? 'audit' : 'review';
	if (task.stage === 'review' || task.stage === 'audit')
		return task.state === 'leased'
			? said('runs', reviewer(task.owner), `${reviewer(task.owner)} ${word}s ${short(task.commit)}`)
			: said('waits', 'pending', `waiting for ${word}`);
	if (last?.verdict === 'changes') {
		const must = last.comments.filter(({severity}) => severity === 'must-fix').length;
		const open = countComments(last.comments);
		return said(
			'bad',
			must > 0 ? `${must} must` : 'changes',
			`${reviewer(last.reviewer)} requested changes${open === '' ? '' : `: ${open} open`}`,
		);
	}
	if (facts && !facts.isReviewed) return said('good', 'off', 'reviews are off');
	if (task.reviewedCommit !== '' && (task.stage === 'test' || task.stage === 'merge'))
		return said('bad', 'outdated', `approval outdated: approved ${short(task.reviewedCommit)}, now at ${short(task.commit)}`);
	return said('waits', '', 'not reviewed');
};

const unknown = said('waits', '', 'pending');

const conflicts = (looked: Looked): Said => {
	const {task, facts, room} = looked;
	if (task.state === 'merged') return said('good', 'none', 'none');
	if (task.conflictWith !== '')
		return said(
			'bad',
			'conflict',
			`with ${baseOf(looked).name}@${short(task.conflictWith)}: ${FINAL_STATES.includes(task.state) ? 'not resolved' : 'being resolved'}`,
		);
	const files = facts?.conflicts;
	if (!facts) return unknown;
	if (facts.commit === '') return said('waits', '', 'no commits yet');
	if (!files) return said('warn', 'unknown', 'git could not check');
	if (files.length > 0) return said('bad', counted(files.length, 'file'), `with ${at(looked)} in ${named(files)}`);
	const others = (room.conflicts ?? []).filter(({tasks}) => tasks.includes(task.id) && !tasks.includes(''));
	const other = others[0]?.tasks.find(id => id !== task.id);
	return other === undefined
		? said('good', 'none', `none with ${at(looked)}`)
		: said('warn', other, `none with ${at(looked)}; with ${other} in ${named(others[0]?.files ?? [])}: the second to merge resolves`);
};

const base = (looked: Looked): Said => {
	const {task, facts, team} = looked;
	const {name, head} = baseOf(looked);
	if (task.state === 'merged') return said('good', short(task.mergedCommit), `on ${name} as ${short(task.mergedCommit)}`);
	if (team.control.stray !== '') return said('bad', 'moved', `${name} ${strayText(team.control)}`);
	if (team.control.failingBase !== '' && (head === '' || team.control.failingBase === head))
		return said(
			'bad',
			'failing',
			`${name} fails its tests at ${short(team.control.failingBase)}: ${team.control.failingWhy || 'no reason recorded'}`,
		);
	const mergeQueue = mergeQueueIn(team, head);
	const entry = mergeQueue.entries.find(({task: {id}}) => id === task.id);
	if (entry)
		return said(
			'good',
			'current',
			entry.place === 1
				? `merge candidate is based on ${at(looked)}`
				: `merge candidate is based on place ${entry.place - 1} of the merge queue`,
		);
	if (mergeQueue.outdated.some(({id}) => id === task.id))
		return said('waits', 'outdated', `${name} has moved since the tests: they run again`);
	if (!facts) return unknown;
	if (facts.commit === '') return said('waits', '', 'no commits yet');
	return facts.behind === 0
		? said('good', 'current', `0 commits behind ${at(looked)}`)
		: said('warn', `${facts.behind} behind`, `${counted(facts.behind, 'commit')} behind ${at(looked)}: tests run on the merge with it`);
};

/** Returns the state of a finding: it blocks, you approved it, or this repository only reports it. */
const found = ({task, facts}: Looked, name: Holding, word: string, text: string): Said => {
	if (task.state === 'merged' || !facts?.holds.includes(name)) return said('warn', word, text);
	return isCleared(task) ? said('warn', word, `${text}; approved by you`) : said('bad', word, text);
};

const scope = (looked: Looked): Said => {
	const {task, facts, team} = looked;
	if (!facts) return unknown;
	if (facts.commit === '') return said('waits', '', 'no commits yet');
	const changed = counted(facts.files, 'file');
	const [pipeline] = facts.pipelines;
	if (pipeline !== undefined) {
		const text = `${changed}, including ${named(facts.pipelines)}, which the forge runs with its secrets`;
		return task.state === 'merged' || isCleared(task) ? said('warn', 'CI', text) : said('bad', 'CI', text);
	}
	const [run] = facts.runs;
	if (run !== undefined) {
		const more = facts.runs.length > 1 ? `, and ${facts.runs.length - 1} more` : '';
		return found(looked, 'commands', 'commands', `changes ${line(run, 120)}${more}`);
	}
	if (facts.outside.length > 0)
		return found(
			looked,
			'scope',
			`${facts.outside.length} out`,
			`${counted(facts.outside.length, 'file')} of ${facts.files} outside its paths: ${named(facts.outside)}`,
		);
	const lock = foreignLock(task, facts.paths, team);
	if (lock && task.state !== 'merged') return found(looked, 'scope', 'locked', `${changed}; ${lock.path} is locked by ${lock.owner}`);
	if (facts.configures.length > 0)
		return said('warn', 'config', `${changed}, including ${named(facts.configures)}, which takes effect once you trust it`);
	return task.paths.length === 0
		? said('good', '', `${changed}; no path limits`)
		: said('good', '', `${changed}, all under ${named(task.paths)}`);
};

const secrets = (looked: Looked): Said => {
	const {facts} = looked;
	if (!facts) return unknown;
	if (facts.commit === '') return said('waits', '', 'no commits yet');
	const [first] = facts.secrets;
	const more = facts.secrets.length > 1 ? `, and ${facts.secrets.length - 1} more` : '';
	if (first)
		return found(
			looked,
			'secrets',
			`${facts.secrets.length} found`,
			`possible ${first.kind} in ${line(first.file, 120)}:${first.line}${more}`,
		);
	const [dark] = facts.unsearched;
	const others = facts.unsearched.length > 1 ? `, and ${facts.unsearched.length - 1} more` : '';
	return dark
		? found(looked, 'secrets', 'not scanned', `${line(dark.file, 120)} could not be scanned: ${dark.why}${others}`)
		: said('good', '', 'none found');
};

const STATUS_STYLES: Readonly<Record<CheckName, (looked: Looked) => Said>> = {tests, review, conflicts, base, scope, secrets};

/** Returns a task's six checks in display order. */
export const checksOf = (looked: Looked): readonly Check[] => CHECK_NAMES.map(name => ({name, ...STATUS_STYLES[name](looked)}));
