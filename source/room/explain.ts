import {parseAgentId} from '../core/agent.ts';
import {whyBraked} from '../core/brake-words.ts';
import {causeHere, tellCause} from '../core/cause.ts';
import {tellWait} from '../core/lock-words.ts';
import {mergeCheck} from '../core/merge-check.ts';
import {taskDetail} from '../core/output.ts';
import type {Reply} from '../core/protocol.ts';
import {type SessionLine, sessionLine} from '../core/session-line.ts';
import {withoutTexts} from '../core/task.ts';
import {whatMoves} from '../core/what-moves.ts';
import {whyHere} from '../core/why-here.ts';
import type {Attempt} from './attempt.ts';
import type {Engine} from './engine.ts';
import {lookUp} from './look-up.ts';

/** While Redis is away, what the room knows by heart is better than nothing. */
const lookedUp = async (engine: Engine, id: string): ReturnType<typeof lookUp> => {
	const team = engine.state.team();
	if (engine.isConnected()) return lookUp(engine.coordination, team, id);
	const task = team.tasks.get(id);
	return task && {task: withoutTexts(task), team};
};

const sessionOf = ({session, drive}: Attempt): SessionLine | undefined =>
	session && sessionLine({cli: session.cli.name, mode: session.mode}, session.now(), drive.receipts, session.clock());

const explainAgent = (engine: Engine, id: string): object | undefined => {
	const team = engine.state.team();
	const agent = team.agents.get(parseAgentId(id));
	if (!agent) return undefined;
	const running = engine.attempts.get(agent.id);
	const session = running && sessionOf(running);
	const process = running
		? `its process ${running.pid} runs under token ${running.token.split(':')[0]}`
		: 'no process of it runs in this room';
	const now = engine.state.serverNow();
	// An idle agent whose account is told to wait looks idle in Redis: nothing is handed to it.
	const braked = running ? '' : whyBraked(agent, team.control, now);
	const why = tellWait(agent.id, team, now) || braked || agent.reason || agent.question || agent.doing || agent.status;
	const state = braked !== '' && agent.status === 'idle' ? 'rate-limited' : agent.status;
	const moves = braked === '' ? '' : `it goes on by itself then; \`agent-room unbrake ${agent.account}\` tries at once`;
	return {id: agent.id, state, why, moves, evidence: process, ...(session ? {session} : {})};
};

/** Why a task or an agent is as it is, and what would move it; undefined where there is neither. Of an agent also which signs that follows from. */
export const explain = async (engine: Engine, id: string): Promise<Reply | undefined> => {
	const found = await lookedUp(engine, id.toLowerCase());
	if (!found) {
		const told = explainAgent(engine, id);
		return told && {ok: true, code: 'ok', data: told};
	}
	const {task, team} = found;
	const now = engine.state.serverNow();
	const room = {...engine.state.getFresh(), hasTestCommand: engine.config.test !== undefined};
	const facts = engine.isConnected() ? await engine.look('facts', task.id).catch(() => undefined) : undefined;
	const {verdict, reason, checks, risk} = mergeCheck({task, facts, team, room, now});
	const cause = causeHere(task, team.agents.get(task.owner));
	const data = {
		id: task.id,
		state: task.state,
		stage: task.stage,
		why: whyHere(task, team, now, room),
		moves: whatMoves(task, team, room),
		...(cause ? {cause: tellCause(cause)} : {}),
		merge: {verdict, reason, checks, ...(risk ? {risk} : {})},
		task: taskDetail(task, team, now, room),
	};
	return {ok: true, code: 'ok', data};
};
