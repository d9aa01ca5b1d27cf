import {formatAge} from './age.ts';
import {type AgentStatus, agentName} from './agent.ts';
import {tellWait} from './lock-words.ts';
import {isOutsideToken} from './outside.ts';
import type {TeamSnapshot} from './snapshot.ts';
import {STAGE_WORDS} from './stage-words.ts';
import type {Task} from './task.ts';
import {type RoomFacts, whyNotRunning} from './why.ts';
import {whyInTrain} from './why-train.ts';

/** What holds up an agent at its task, by its status. */
const STANDS: Readonly<Partial<Record<AgentStatus, string>>> = {
	waiting: 'waits for your word: its turn is over',
	'rate-limited': 'is rate-limited',
	'out-of-context': 'has no room left in its context',
	'logged-out': 'is logged out',
	unknown: 'nobody knows what its program does',
};

const held = (task: Task, team: TeamSnapshot, now: number, room: RoomFacts): string => {
	const name = agentName(task.owner);
	if (isOutsideToken(task.token)) return task.hold || `${name}, an agent from outside, has it`;
	const agent = team.agents.get(task.owner);
	const does = `${name} ${STAGE_WORDS[task.stage].does('it')}`;
	if (!agent) return does;
	// Boarded behind the head that the guardian holds.
	if (task.stage === 'merge' && agent.task !== task.id) return `${does}, together with ${agent.task || 'others'}`;
	if (team.control.frozen || team.control.recovery) return `${does}, and everything is frozen`;
	if (team.control.paused) return `${does}, and all agents are paused`;
	if (agent.paused) return `${does}, and is paused by you`;
	if (agent.status === 'asks') return `${does}, and asks: ${agent.question}`;
	const stands = STANDS[agent.status];
	if (stands) return `${does}, and ${stands}${agent.reason ? `: ${agent.reason}` : ''}`;
	if (agent.status === 'stalled') return `${does}, and nothing moves: ${agent.reason || 'no output'}`;
	if (agent.status === 'lost') return `${does}, and was lost: it goes to another when its lease ends`;
	const waits = tellWait(agent.id, team, now);
	if (waits !== '') return `${does}, and waits for the ${waits}`;
	const since = agent.statusAt > 0 ? ` for ${formatAge(now - agent.statusAt)}` : '';
	const train =
		task.stage === 'test' && room.repository
			? whyInTrain(task, team, {name: room.repository.base, head: room.repository.baseCommit}, now)
			: '';
	const where = train === '' ? '' : `, ${train}`;
	return `${does}${since}${where}${task.progress === '' ? '' : `: ${task.progress}`}`;
};

/** Why a task is where it is, in one sentence without its full stop, whatever its state: `agent-room explain` and the room's task detail say it. */
export const whyHere = (task: Task, team: TeamSnapshot, now: number, room: RoomFacts = {hasTestCommand: true}): string => {
	if (task.state === 'merged') return `merged as ${task.landed.slice(0, 12) || 'nobody knows what'}`;
	if (task.state === 'planned') return 'planned: its tasks were created';
	return (task.state === 'leased' ? held(task, team, now, room) : '') || whyNotRunning(task, team, now, room) || task.state;
};
