import {agentName, isSpread, placedName} from '../../core/agent/agent.ts';
import {roleLabel} from '../../core/agent/role-label.ts';
import {isBudgetReached, reachedText} from '../../core/cost/budget.ts';
import type {ConflictLine, LockLine, StatusLine, TaskLine} from '../../core/protocol/output-schema.ts';
import {formatRateLimit, whyThrottled} from '../../core/queue/eligibility.ts';
import {fullTestsText} from '../../core/queue/full-tests.ts';
import {STRAY_MOVES, strayText} from '../../core/queue/stray.ts';
import {priorityBadge, TASK_STATES} from '../../core/task/task.ts';
import {type Counts, totalOf} from '../../core/team/window.ts';
import {dollars, formatAge} from '../../core/text/format.ts';
import {plainLine, tableText} from '../parse/print.ts';

const openFirst = (left: TaskLine, right: TaskLine): number => right.priority - left.priority || left.createdAt - right.createdAt;

/** Tasks as lines: open ones by priority, then finished ones, newest last. */
export const taskLines = (tasks: readonly TaskLine[], at: number): readonly string[] => {
	const isOpen = (task: TaskLine): boolean => !['merged', 'planned', 'cancelled'].includes(task.state);
	const open = tasks.filter(isOpen).sort(openFirst);
	const closed = tasks.filter(task => !isOpen(task)).sort((left, right) => left.doneAt - right.doneAt);
	return tableText(
		[...open, ...closed].map(task => [
			task.id,
			priorityBadge(task.priority),
			task.state === 'leased' ? `${task.stage}` : task.state,
			task.owner ? agentName(task.owner) : '',
			formatAge(at - (task.stageAt || task.createdAt)),
			`${task.title}${task.why && task.why !== 'ready' ? ` (${task.why})` : ''}`,
		]),
		100,
	);
};

/** Agents as lines, with the question of those that need input, and the rate limit of idle ones. `tell` names a role. */
export const agentLines = (
	{agents, at, control}: Pick<StatusLine, 'agents' | 'at' | 'control'>,
	tell: (role: string) => string = roleLabel,
): readonly string[] => {
	const isTeamSpread = isSpread(agents);
	return tableText(
		agents.map(agent => [
			placedName(agent, isTeamSpread),
			tell(agent.role),
			agent.paused ? 'paused' : agent.status === 'idle' && whyThrottled(agent, control, at) !== '' ? 'rate-limited' : agent.status,
			agent.task,
			agent.statusAt ? formatAge(at - agent.statusAt) : '',
			agent.spent > 0 ? dollars(agent.spent) : '',
			agent.question
				? `needs input: ${agent.question}`
				: agent.reason || agent.doing || (agent.status === 'idle' ? whyThrottled(agent, control, at) : ''),
		]),
		100,
	);
};

const until = (lock: LockLine, at: number): string =>
	lock.until === 0 ? 'no time limit' : lock.until > at ? `ends in ${formatAge(lock.until - at)}` : 'expired';

/** Locks as lines: name, owner, since, expiry; waiters below in order. */
export const lockLines = (locks: readonly LockLine[], at: number): readonly string[] =>
	tableText(
		locks.flatMap(lock => [
			[lock.name, agentName(lock.owner), `held ${formatAge(at - lock.takenAt)}`, until(lock, at)],
			...lock.waiters.map((waiter, index) => [
				`  ${index + 1}. ${waiter.name === lock.name ? '' : `for ${waiter.name}`}`.trimEnd(),
				agentName(waiter.agent),
				`waiting ${formatAge(at - waiter.since)}`,
				`gives up in ${formatAge(waiter.until - at)}`,
			]),
		]),
	);

/** Predicted conflicts as lines: branches, owners, files, age. */
export const conflictLines = (conflicts: readonly ConflictLine[], at: number, base: string): readonly string[] =>
	tableText(
		conflicts.map(({tasks: [one, other], agents, files, since}) => [
			`${one} × ${other || base}`,
			agents.filter(Boolean).map(agentName).join(', '),
			files.join(', '),
			`for ${formatAge(at - since)}`,
		]),
	);

export const orders = ({control}: StatusLine): string =>
	[control.frozen && 'FROZEN', control.paused && 'PAUSED', control.drained && 'DRAINING'].filter(Boolean).join(' ');

const countText = (counts: Counts): string =>
	TASK_STATES.filter(state => counts[state] > 0)
		.map(state => `${counts[state]} ${state}`)
		.join(', ');

const moreTasks = ({tasks, counts}: StatusLine): readonly string[] => {
	const more = totalOf(counts) - tasks.length;
	return more > 0 ? [`… ${more.toLocaleString('en')} more: see \`agent-room tasks\``] : [];
};

/** Limit of listed finished features. */
const ENDED_LISTED = 3;

/** Features as lines: open ones, then the last finished. */
const featureLines = (features: StatusLine['features'], at: number): readonly string[] => {
	const ended = features.filter(({open}) => open === 0).toSorted((left, right) => right.endedAt - left.endedAt);
	return tableText(
		[...features.filter(({open}) => open > 0), ...ended.slice(0, ENDED_LISTED)].map(feature => [
			feature.id,
			`${feature.merged} of ${feature.total} merged`,
			[feature.failed > 0 && `${feature.failed} failed`, feature.cancelled > 0 && `${feature.cancelled} cancelled`]
				.filter(Boolean)
				.join(', '),
			feature.spent > 0 ? dollars(feature.spent) : '',
			feature.open > 0 ? `${feature.open} open` : `ended ${formatAge(at - feature.endedAt)} ago`,
		]),
	);
};

/** Tasks, features, agents and locks under headings. */
export const teamText = (status: StatusLine): readonly string[] => [
	`TASKS  ${countText(status.counts) || 'none: add one with `agent-room add "..."`'}`,
	...[...taskLines(status.tasks, status.at), ...moreTasks(status)].map(line => `  ${line}`),
	...(status.features.length > 0
		? ['', `FEATURES ${status.features.length}`, ...featureLines(status.features, status.at).map(line => `  ${line}`)]
		: []),
	...(status.agents.length > 0 ? ['', `AGENTS ${status.agents.length}`, ...agentLines(status).map(line => `  ${line}`)] : []),
	...(status.locks.length > 0 ? ['', `LOCKS ${status.locks.length}`, ...lockLines(status.locks, status.at).map(line => `  ${line}`)] : []),
	...(status.conflicts.length > 0
		? [
				'',
				`PREDICTED CONFLICTS ${status.conflicts.length}`,
				...conflictLines(status.conflicts, status.at, status.repository.base).map(line => `  ${line}`),
			]
		: []),
];

/** A running room says it in a banner. */
const fullTestsLines = ({control: {fullTests}, repository, room}: StatusLine): readonly string[] =>
	fullTests.failed === '' || room
		? []
		: [
				plainLine(`! ${repository.base} ${fullTestsText(fullTests)}`),
				...(fullTests.task === '' ? [] : [plainLine(`  \`agent-room revert ${fullTests.task}\` reverts it`)]),
			];

export const statusText = (status: StatusLine): readonly string[] => {
	const {repository, room} = status;
	const place = `${repository.name}@${repository.base}${repository.baseCommit ? ` ${repository.baseCommit.slice(0, 7)}` : ''}`;
	const running = room
		? `room ${room.pid}, up ${formatAge(status.at - room.startedAt)}, ${room.terminals} attached`
		: 'no room is running (start one with `agent-room`)';
	return [
		plainLine(`${place}  ${running}  ${orders(status)}`.trimEnd()),
		...(status.control.stray === '' ? [] : [plainLine(`! ${repository.base} ${strayText(status.control)}`), plainLine(`  ${STRAY_MOVES}`)]),
		...fullTestsLines(status),
		...status.control.rateLimits.filter(({until}) => until > status.at).map(rateLimit => plainLine(`! ${formatRateLimit(rateLimit)}`)),
		...(isBudgetReached(status.control) ? [plainLine(`! the budget ${reachedText(status.control)}`)] : []),
		...status.banners.map(banner => plainLine(`! ${banner.text}`)),
		'',
		...teamText(status),
	];
};
