import {isWithoutPlan} from '../plan/plan.ts';
import {isNew} from '../task/stages.ts';
import type {NeededDecision, Task} from '../task/task.ts';
import type {TeamSnapshot} from '../team/snapshot.ts';
import {openAfter} from './dependencies.ts';
import {pausedFor, whyUnserved, whyWaiting} from './eligibility.ts';
import {othersToCome} from './feature-branch.ts';
import {STRAY_MOVES} from './stray.ts';
import {isOverBudget, lockOver, type RoomFacts} from './why.ts';

const ANSWERS: Readonly<Record<NeededDecision, (id: string) => string>> = {
	plan: id =>
		`\`agent-room approve ${id}\` approves the plan (\`agent-room plan ${id}\` shows it), \`agent-room request-changes ${id} --reason TEXT\` rejects it`,
	rounds: id =>
		`\`agent-room approve ${id}\` approves it as it is, \`agent-room request-changes ${id} --reason TEXT\` starts new review rounds`,
	checks: id =>
		`\`agent-room approve ${id}\` approves the merge, \`agent-room request-changes ${id} --reason TEXT\` returns it to its author`,
	dropped: id =>
		`\`agent-room approve ${id}\` approves the resolution as it is, \`agent-room request-changes ${id} --reason TEXT\` has it redone`,
	returns: id =>
		`\`agent-room approve ${id}\` restores the reverted commits too, \`agent-room request-changes ${id}\` rebases only its own commits`,
	unmerged: id => `\`agent-room approve ${id}\` merges it again, \`agent-room request-changes ${id}\` cancels it`,
	pull: id =>
		`merge its pull request on its forge, or with \`agent-room approve ${id}\`; \`agent-room request-changes ${id} --reason TEXT\` returns it to its author`,
	closed: id =>
		`\`agent-room approve ${id}\` opens the pull request again, \`agent-room request-changes ${id} --reason TEXT\` returns it to its author, \`agent-room cancel ${id}\` cancels it`,
	blocked: id =>
		`\`agent-room approve ${id}\` continues it, \`agent-room request-changes ${id} --reason TEXT\` sends its agent your answer, \`agent-room cancel ${id}\` cancels it`,
	named: id => `\`agent-room approve ${id}\` counts it as merged, \`agent-room request-changes ${id}\` continues it`,
};

const withoutPlan = (id: string): string =>
	`\`agent-room approve ${id} --plan FILE\` adds one, \`agent-room request-changes ${id} --reason TEXT\` has it replanned, \`agent-room cancel ${id}\` cancels it`;

const ofOrders = ({control}: TeamSnapshot): string => {
	if (control.recovery) return '`agent-room rebuild` rebuilds it, `agent-room rebuild --start-empty` does not';
	if (control.frozen) return '`agent-room freeze --off` resumes everything';
	if (control.paused) return '`agent-room resume` resumes the agents';
	return '';
};

/** A dependency that ended badly, or that waits for you, needs you; others resolve themselves. */
const ofDependencies = (task: Task, team: TeamSnapshot, room: RoomFacts, seen: ReadonlySet<string>): string => {
	for (const id of openAfter(task, team)) {
		const other = team.tasks.get(id);
		if (!other || seen.has(id)) continue;
		if (other.state === 'cancelled')
			return `\`agent-room unblock ${task.id} --from ${id}\` unblocks ${task.id}, \`agent-room cancel ${task.id}\` cancels it too`;
		const moves = moving(other, team, room, new Set([...seen, id]));
		if (moves !== '') return moves;
	}
	return '';
};

const ofTeam = (task: Task, team: TeamSnapshot): string => {
	const why = whyUnserved(task, team);
	if (why === '') return '';
	if (why.startsWith('no ') && why.endsWith(' in the team')) return `add a \`${task.role}\` to \`team:\` in agent-room.yaml`;
	if (why.startsWith('no machine'))
		return `add \`capabilities: [${task.needs.join(', ')}]\` to a ${task.role} in \`team:\` in agent-room.yaml of a machine that has it`;
	if (why.startsWith('no ')) return `add \`capabilities: [${task.needs.join(', ')}]\` to a ${task.role} in \`team:\` in agent-room.yaml`;
	return `add another \`${task.role}\` to \`team:\` in agent-room.yaml`;
};

const ofQueue = (task: Task, team: TeamSnapshot, room: RoomFacts): string => {
	const {control} = team;
	if (control.drained && isNew(task)) return '`agent-room drain --off` starts new tasks again';
	if (isOverBudget(task, team)) return '`agent-room budget USD` raises the budget';
	if (task.stage === 'test' && !room.hasTestCommand) return 'set `test:` in agent-room.yaml';
	if ((task.stage === 'test' || task.stage === 'merge') && control.stray !== '') return STRAY_MOVES;
	if (task.stage === 'test' && control.failingBase !== '')
		return `commit a fix to ${room.repository?.base ?? 'the base branch'} that passes the tests`;
	if (/^merge blocked: .*(?:local changes|uncommitted|untracked)/i.test(task.waitReason))
		return 'commit, stash or move your changes; the merge then continues';
	if (/^merge blocked: the test command was not found/.test(task.waitReason))
		return 'fix `test:` in agent-room.yaml or install its program; the tests then run again';
	const [, locked] = /^waits for the lock (\S+) of /.exec(task.waitReason) ?? [];
	if (locked !== undefined) return `it continues once the lock is released; \`agent-room unlock path:${locked}\` releases it`;
	const unserved = ofTeam(task, team);
	if (unserved !== '') return unserved;
	const lock = lockOver(task, team);
	if (lock) return `\`agent-room unlock ${lock.name}\` releases the lock`;
	if (task.assigned !== '') return `\`agent-room unassign ${task.id}\` lets any agent take it`;
	const limited = /^(\S+) is rate-limited/.exec(whyWaiting(task, team))?.[1];
	if (limited !== undefined) return `it then continues; \`agent-room clear-rate-limit ${limited}\` tries now`;
	const [paused] = pausedFor(task, team);
	return paused === undefined ? '' : `\`agent-room resume ${paused}\` resumes it`;
};

const moving = (task: Task, team: TeamSnapshot, room: RoomFacts, seen: ReadonlySet<string>): string => {
	if (task.state === 'failed') return `\`agent-room retry ${task.id}\` retries it`;
	if (task.state === 'merged' || task.state === 'planned' || task.state === 'cancelled') return '';
	if (isWithoutPlan(task)) return withoutPlan(task.id);
	// On the branch of its feature it waits for the others.
	if (task.decision === 'pull' && task.pull.number === 0) {
		const failed = othersToCome(team.tasks.values(), task).find(({state}) => state === 'failed');
		return failed ? `\`agent-room retry ${failed.id}\` retries ${failed.id}` : '';
	}
	if (task.decision !== '') return ANSWERS[task.decision](task.id);
	const orders = ofOrders(team);
	if (orders !== '') return orders;
	if (task.state === 'blocked') return ofDependencies(task, team, room, seen);
	if (task.state !== 'leased') return ofQueue(task, team, room);
	const agent = team.agents.get(task.owner);
	const name = task.owner.replace(/^agent:([a-z]+):0*(\d+)$/, '$1-$2');
	if (agent?.paused) return `\`agent-room resume ${name}\` resumes it`;
	if (agent?.status === 'needs-input') return `answer ${name} in the room (\`a\`) or in its pane`;
	if (agent?.status === 'waiting') return `reply to ${name} in the room (\`a\`) or in its pane`;
	return agent?.status === 'unknown' ? `check the pane of ${name}; \`agent-room explain ${name}\` shows what was detected` : '';
};

/** Says what you could do to unblock a task; '' if nothing is needed. */
export const whatMoves = (task: Task, team: TeamSnapshot, room: RoomFacts = {hasTestCommand: true}): string =>
	moving(task, team, room, new Set([task.id]));
