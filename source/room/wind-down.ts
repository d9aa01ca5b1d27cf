import {type ActionResult, refusal} from '../core/action.ts';
import {type AgentStatus, agentName} from '../core/agent.ts';
import type {Engine} from './engine.ts';

/** An agent that does one of these is in a turn; in any other its turn is over, or only a person could go on with it. */
const IN_A_TURN: readonly AgentStatus[] = ['starting', 'working', 'stalled', 'unknown', 'finished'];
const BANNER = 'wind-down';

/** Who is still in a turn, by name. */
const busy = (engine: Engine): readonly string[] => {
	const {agents, control} = engine.state.team();
	const goesOn = !control.frozen && !control.paused;
	const running = [...engine.attempts.keys()].filter(id => {
		const {status, paused} = agents.get(id) ?? {status: 'idle' as const, paused: false};
		// Who stood still with all others, and is said to still, is about to go on.
		return IN_A_TURN.includes(status) || (status === 'paused' && !paused && goesOn);
	});
	return [...new Set([...running, ...engine.claiming, ...engine.preparing.keys()])].map(agentName);
};

/**
 * Hands nothing out any more and ends the room as soon as no turn runs, tests and merges included; what rests then is saved and goes back to
 * the queue. Whoever hands out again (`P`) calls it off. The drain is lifted at the end, when nobody of this room waits any more: the next
 * room begins as a person left this one.
 */
export const windDown = (engine: Engine, end: (reason: string) => void): Promise<ActionResult> => {
	const {control} = engine.state.getFresh().team;
	if (control.frozen || control.paused)
		return Promise.resolve(refusal('refused', 'Everything stands still: no turn will end.', 'Resume first, or stop the room now.'));
	const {drained} = control;
	let isOver = false;
	let hasBegun = drained;
	const finish = async (): Promise<void> => {
		engine.isOpen = false;
		try {
			await engine.coordination.withdraw(engine.team.map(({id}) => id));
			if (!drained) await engine.coordination.control({drained: false}, 'the last turn has ended');
		} catch (error) {
			engine.log(`winding down: ${error instanceof Error ? error.message : String(error)}`);
		}
		end('the last turn has ended');
	};
	const look = (): void => {
		if (isOver) return;
		const now = engine.state.team().control;
		hasBegun ||= now.drained;
		const names = busy(engine);
		const isOff = hasBegun && !now.drained;
		isOver = isOff || !engine.isOpen || (hasBegun && names.length === 0 && engine.tidying.size === 0);
		const text = `Stopping when the current turns end: ${names.slice(0, 4).join(', ')}${names.length > 4 ? ` +${names.length - 4}` : ''}. P calls it off.`;
		engine.state.setBanner(BANNER, isOver ? undefined : {severity: 'warning', text});
		if (!isOver) return;
		unsubscribe();
		if (!isOff && engine.isOpen) void finish();
	};
	const unsubscribe = engine.state.subscribe(look);
	return engine.coordination.control({drained: true}, 'the room stops when the current turns end').then(
		(): ActionResult => {
			look();
			const count = busy(engine).length;
			return {
				ok: true,
				text:
					count === 0
						? 'nobody is in a turn: the room stops'
						: `the room stops when ${count === 1 ? 'the turn' : `${count} turns`} at work ${count === 1 ? 'has' : 'have'} ended`,
			};
		},
		error => {
			isOver = true;
			unsubscribe();
			throw error;
		},
	);
};
