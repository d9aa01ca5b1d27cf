import type {EventLine, StatusLine} from '../../core/protocol/output-schema.ts';
import {totalOf} from '../../core/team/window.ts';
import {counted} from '../../core/text/format.ts';
import {seconds} from '../call-room.ts';

/** Counts of a demo, from its event log and final state. */
export type DemoFacts = {
	/** Without planning tasks. */
	readonly tasks: number;
	/** Features that the planner split. */
	readonly planned: readonly string[];
	readonly merged: number;
	readonly failed: number;
	readonly questions: number;
	readonly crashes: readonly string[];
	readonly changes: readonly string[];
	readonly audited: readonly string[];
	readonly conflicts: readonly string[];
	readonly resolved: readonly string[];
	/** Removed from the merge queue because their tests failed. */
	readonly removed: readonly string[];
	readonly documented: readonly string[];
	/** Most developers running at once. */
	readonly sideBySide: number;
	/** From the first task to the last merge, ms. */
	readonly tookMs: number;
	readonly isRunning: boolean;
};

const tasksOf = (events: readonly EventLine[], pattern: RegExp): readonly string[] => [
	...new Set(events.filter(event => event.task !== '' && pattern.test(event.text)).map(event => event.task)),
];

const takenFor = (events: readonly EventLine[], stage: string): readonly string[] =>
	tasksOf(
		events.filter(({type}) => type === 'task_claimed'),
		new RegExp(`^${stage}$`),
	);

/** Most open develop claims at once: a claim opens one; any later state or stage of the task closes it. */
const mostAtOnce = (events: readonly EventLine[]): number => {
	const open = new Set<string>();
	let most = 0;
	for (const event of events) {
		if (event.type === 'task_claimed' && event.agent.startsWith('agent:dev:')) open.add(event.task);
		else if (event.state !== '' || event.stage !== '') open.delete(event.task);
		most = Math.max(most, open.size);
	}
	return most;
};

export const readFacts = (status: StatusLine, events: readonly EventLine[]): DemoFacts => {
	const {merged, failed, planned} = status.counts;
	const began = Math.min(...events.filter(event => event.type === 'task_submitted').map(event => event.at));
	const ended = Math.max(...events.filter(event => event.type === 'task_merged').map(event => event.at));
	return {
		tasks: totalOf(status.counts) - planned,
		planned: [...new Set(events.filter(({type}) => type === 'task_planned').map(({task}) => task))],
		merged,
		failed,
		questions: events.filter(event => event.text.startsWith('needs input: ')).length,
		crashes: tasksOf(events, /killed by SIG/),
		changes: tasksOf(events, /^changes requested/),
		audited: takenFor(events, 'audit'),
		conflicts: tasksOf(events, /conflicts in /),
		resolved: takenFor(events, 'resolve'),
		removed: tasksOf(events, /^tests failed .* removed from the merge queue/),
		documented: takenFor(events, 'document'),
		sideBySide: mostAtOnce(events),
		tookMs: Number.isFinite(ended - began) ? ended - began : 0,
		isRunning: status.room !== null,
	};
};

const named = (tasks: readonly string[]): string => (tasks.length === 0 ? '' : `: ${tasks.join(', ')}`);

/** The demo's closing lines: what happened, then the base's commits, newest first. */
export const factLines = (facts: DemoFacts, log: readonly string[]): readonly string[] => [
	facts.merged === facts.tasks
		? `The demo has finished: ${counted(facts.merged, 'task')} merged in ${seconds(facts.tookMs)}.`
		: `The demo has not finished: ${facts.merged} of ${counted(facts.tasks, 'task')} merged${facts.failed > 0 ? `, ${facts.failed} failed` : ''}.`,
	`  ${counted(facts.planned.length, 'feature')} planned${named(facts.planned)}`,
	`  ${counted(facts.sideBySide, 'developer')} running in parallel`,
	`  ${counted(facts.questions, 'permission question')} asked`,
	`  ${counted(facts.crashes.length, 'crash', 'crashes')}, continued by another agent${named(facts.crashes)}`,
	`  ${counted(facts.changes.length, 'review')} that requested changes${named(facts.changes)}`,
	`  ${counted(facts.audited.length, 'task')} on a protected path with a security review${named(facts.audited)}`,
	`  ${counted(facts.conflicts.length, 'merge conflict')}, ${facts.resolved.length} resolved with both sides kept${named(facts.conflicts)}`,
	`  ${counted(facts.removed.length, 'task')} removed from the merge queue after failed tests, then fixed${named(facts.removed)}`,
	`  ${counted(facts.documented.length, 'page')} of documentation${named(facts.documented)}`,
	'git log --oneline --first-parent main:',
	...log.map(line => `  ${line}`),
];
