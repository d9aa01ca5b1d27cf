import {setTimeout as wait} from 'node:timers/promises';
import {type ActionResult, refusal} from '../core/action.ts';
import {agentName, parseAgentId} from '../core/agent.ts';
import {type Engine, plannedAgent} from './engine.ts';
import {interrupt} from './interrupt.ts';

/** A process that goes on again does so within this, ms. */
const GOES_ON_MS = 3000;

const notFrozen = refusal('refused', 'Nothing is frozen.', '`agent-room freeze` stops everything in place.');

/**
 * Ends the freeze for some agents; the others stay stopped, each paused by name. Guarantee: nobody else goes on in between, since they are
 * paused before the freeze ends, and where that fails it does not end.
 */
export const resumeOnly = async (engine: Engine, agents: readonly string[]): Promise<ActionResult> => {
	const {control, agents: known} = engine.state.getFresh().team;
	if (!control.frozen || engine.isRecovering()) return notFrozen;
	const wanted = new Set(agents.map(parseAgentId));
	const missing = [...wanted].find(id => !known.has(id));
	if (missing) return refusal('gone', `There is no agent \`${agentName(missing)}\`.`, '`agent-room agents` lists them.');
	for (const {id, paused, status} of known.values())
		if (!wanted.has(id) && !paused && status !== 'stopped')
			await engine.coordination.describe(id, {paused: '1', status: 'paused', reason: 'paused by you'}, 'paused by you');
	await engine.coordination.control({frozen: false}, 'some agents go on, the others are paused');
	engine.state.setFrozenHere(false);
	return {
		ok: true,
		text: `${[...wanted].map(agentName).join(', ')} ${wanted.size === 1 ? 'goes' : 'go'} on; the others stay paused by name`,
	};
};

/**
 * Ends the freeze and the running turns with it: nothing new is handed out, and every agent program is told to stop by its own key and waits for
 * a person. Programs of the room itself (tests, merges) go on to their end.
 */
export const interruptAll = async (engine: Engine): Promise<ActionResult> => {
	if (!engine.state.getFresh().team.control.frozen || engine.isRecovering()) return notFrozen;
	// In one step: nobody is handed anything between the two.
	await engine.coordination.control({frozen: false, drained: true}, 'turns are interrupted instead of frozen');
	engine.state.setFrozenHere(false);
	const running = [...engine.attempts.values()].filter(({agent}) => !plannedAgent(engine, agent.id)?.program);
	const told = await Promise.all(
		running.map(async attempt => {
			for (const until = performance.now() + GOES_ON_MS; attempt.isPaused && performance.now() < until; ) await wait(20);
			return attempt.isEnding ? undefined : interrupt(engine, attempt);
		}),
	);
	const done = told.filter(result => result?.ok).length;
	return {ok: true, text: `${done} ${done === 1 ? 'turn was' : 'turns were'} interrupted; nothing new is handed out until P`};
};
