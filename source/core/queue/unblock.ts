import {isWithoutPlan} from '../plan/plan.ts';
import {isNew} from '../task/stages.ts';
import type {NeededDecision, Task} from '../task/task.ts';
import type {TeamSnapshot} from '../team/snapshot.ts';
import {openAfter} from './dependencies.ts';
import {pausedFor, whyUnserved, whyWaiting} from './eligibility.ts';
import {STRAY_MOVES} from './stray.ts';
import {isOverBudget, lockOver, type RoomFacts} from './why.ts';

const ANSWERS: Readonly<Record<NeededDecision, (id: string) => string>> = {
	plan: id =>
		`\`agent-room approve ${id}\` takes the plan (\`agent-room plan ${id}\` shows it), \`agent-room request-changes ${id} --reason TEXT\` sends it back`,
	rounds: id =>
		`\`agent-room approve ${id}\` takes it as it is, \`agent-room request-changes ${id} --reason TEXT\` gives it as many rounds again`,
	checks: id =>
		`\`agent-room approve ${id}\` lets it land all the same, \`agent-room request-changes ${id} --reason TEXT\` sends it back to its author`,
	dropped: id =>
		`\`agent-room approve ${id}\` takes the resolution as it is, \`agent-room request-changes ${id} --reason TEXT\` has it done again`,
	returns: id =>
		`\`agent-room approve ${id}\` lets them come back, \`agent-room request-changes ${id}\` puts its own commits alone on the base as it is`,
	unmerged: id => `\`agent-room approve ${id}\` merges it again, \`agent-room request-changes ${id}\` drops it`,
};

const withoutPlan = (id: string): string =>
	`\`agent-room approve ${id} --plan FILE\` gives it one, \`agent-room request-changes ${id} --reason TEXT\` has it planned again, \`agent-room cancel ${id}\` ends that`;

const ofOrders = ({control}: TeamSnapshot): string => {
	if (control.frozen || control.recovery) return '`agent-room freeze --off` lets everything go on';
	if (control.paused) return '`agent-room resume` lets the agents go on';
	return '';
};

/** A dependency that ended badly, or that waits for you, needs you; others resolve themselves. */
const ofDependencies = (task: Task, team: TeamSnapshot, room: RoomFacts, seen: ReadonlySet<string>): string => {
	for (const id of openAfter(task, team)) {
		const other = team.tasks.get(id);
		if (!other || seen.has(id)) continue;
		if (other.state === 'cancelled')
			return `\`agent-room unblock ${task.id} --from ${id}\` lets ${task.id} go on without, \`agent-room cancel ${task.id}\` ends it too`;
		const moves = moving(other, team, room, new Set([...seen, id]));
		if (moves !== '') return moves;
	}
	return '';
};

const ofTeam = (task: Task, team: TeamSnapshot): string => {
	const why = whyUnserved(task, team);
	if (why === '') return '';
	if (why.startsWith('no ') && why.endsWith(' in the team')) return `a \`${task.role}\` in \`team:\` of agent-room.yaml`;
	if (why.startsWith('no ')) return `\`capabilities: [${task.needs.join(', ')}]\` of a ${task.role} in \`team:\` of agent-room.yaml`;
	return `another \`${task.role}\` in \`team:\` of agent-room.yaml`;
};

const ofQueue = (task: Task, team: TeamSnapshot, room: RoomFacts): string => {
	const {control} = team;
	if (control.drained && isNew(task)) return '`agent-room drain --off` hands out work again';
	if (isOverBudget(task, team)) return '`agent-room budget USD` allows more';
	if (task.stage === 'test' && !room.hasTestCommand) return '`test:` in agent-room.yaml';
	if ((task.stage === 'test' || task.stage === 'merge') && control.stray !== '') return STRAY_MOVES;
	if (task.stage === 'test' && control.failingBase !== '')
		return `a commit on ${room.repository?.base ?? 'the base branch'} that passes the tests`;
	if (/^merge blocked: .*(?:local changes|uncommitted|untracked)/i.test(task.waitReason))
		return 'commit, stash or move away what is in the way; it lands by itself then';
	if (/^merge blocked: the test command was not found/.test(task.waitReason))
		return '`test:` in agent-room.yaml, or its program installed: it is tried again by itself';
	const unserved = ofTeam(task, team);
	if (unserved !== '') return unserved;
	const lock = lockOver(task, team);
	if (lock) return `\`agent-room unlock ${lock.name}\` takes the lock away`;
	if (task.assigned !== '') return `\`agent-room unassign ${task.id}\` gives it to anybody`;
	const limited = /^(\S+) is rate-limited/.exec(whyWaiting(task, team))?.[1];
	if (limited !== undefined) return `it goes on by itself then; \`agent-room clear-rate-limit ${limited}\` tries at once`;
	const [paused] = pausedFor(task, team);
	return paused === undefined ? '' : `\`agent-room resume ${paused}\` lets it go on`;
};

const moving = (task: Task, team: TeamSnapshot, room: RoomFacts, seen: ReadonlySet<string>): string => {
	if (task.state === 'failed') return `\`agent-room retry ${task.id}\` gives it fresh attempts`;
	if (task.state === 'merged' || task.state === 'planned' || task.state === 'cancelled') return '';
	if (isWithoutPlan(task)) return withoutPlan(task.id);
	if (task.decision !== '') return ANSWERS[task.decision](task.id);
	const orders = ofOrders(team);
	if (orders !== '') return orders;
	if (task.state === 'blocked') return ofDependencies(task, team, room, seen);
	if (task.state !== 'leased') return ofQueue(task, team, room);
	const agent = team.agents.get(task.owner);
	const name = task.owner.replace(/^agent:([a-z]+):0*(\d+)$/, '$1-$2');
	if (agent?.paused) return `\`agent-room resume ${name}\` lets it go on`;
	if (agent?.status === 'needs-input') return `an answer to ${name}, in the room (\`a\`) or in its pane`;
	if (agent?.status === 'waiting') return `a word to ${name}, in the room (\`a\`) or in its pane`;
	return agent?.status === 'unknown' ? `a look into the pane of ${name}; \`agent-room explain ${name}\` says what was seen` : '';
};

/** Says what you could do to unblock a task; '' if nothing is needed. */
export const whatMoves = (task: Task, team: TeamSnapshot, room: RoomFacts = {hasTestCommand: true}): string =>
	moving(task, team, room, new Set([task.id]));
