import {parseTask} from '../../core/task/task.ts';
import type {Held} from '../../core/team/coordination.ts';
import {type Engine, tokensOf} from '../parts/parts.ts';
import {takeBackLease} from '../recovery/recover.ts';
import {abandon} from './carry-out.ts';
import {beginHanded} from './claim.ts';

const HEARTBEAT_TTL_MS = 30_000;

/**
 * A lease that this room holds in Redis and works on no more: its result could not be written. No process
 * works under it and its heartbeat moves with the room's, so no deadline would ever free it: it goes back at once. Never throws. No beat waits
 * for it: saving the work may take git longer than a lease lasts.
 */
const returnUnknown = async (engine: Engine, {agent, task, token}: Held): Promise<void> => {
	engine.log(`${agent} held ${task} and nothing worked on it: it goes back`);
	const known = engine.state.team().tasks.get(task);
	engine.returning.add(token);
	try {
		await takeBackLease(
			engine,
			known?.token === token ? known : {...parseTask(task, {}), owner: agent, token},
			'nothing worked on it any more',
			'Nothing worked on it any more; committed by the room.',
		);
	} catch (error) {
		engine.log(`giving back ${task}: ${error instanceof Error ? error.message : String(error)}`);
	} finally {
		engine.returning.delete(token);
	}
};

/** Handed to an agent with the result of its last task, which is still leaving its place: the lock of the task must not lapse meanwhile. */
const notYetBegun = ({state, team, roomId, begun}: Engine): readonly Held[] =>
	team.flatMap(({id}) => {
		const agent = state.team().agents.get(id);
		const isOurs = agent !== undefined && agent.token !== '' && agent.room === roomId && !begun.has(agent.token);
		return isOurs ? [{agent: id, task: agent.task, token: agent.token}] : [];
	});

/** One call for the whole room: heartbeats, and the renewal of every lease that is prepared, worked on, paused, or being ended and written down. */
export const beat = async (engine: Engine): Promise<void> => {
	const held = [
		...[...engine.attempts.values()].flatMap(({agent, task, token, cars}) =>
			[task.id, ...cars.map(car => car.task)].map(id => ({agent: agent.id, task: id, token})),
		),
		...engine.preparing.values(),
		...notYetBegun(engine),
	];
	const tokensBefore = tokensOf(engine);
	const claimingBefore = new Set(engine.claiming);
	const result = await engine.coordination.beat({
		room: engine.roomId,
		leaseMs: engine.config.lease,
		ttlMs: Math.max(HEARTBEAT_TTL_MS, engine.config.lease * 2),
		agents: engine.team.map(agent => agent.id),
		held,
	});
	engine.state.setClockOffset(result.now - Date.now());
	engine.state.setBeats(new Map(engine.team.map(agent => [agent.id, result.now])));
	// A Redis that lost something is no judge of what this room holds: a person decides first.
	if (engine.isRecovering() || (result.stale.length > 0 && (await engine.hasLostData()))) return;
	for (const task of result.stale) {
		const attempt = [...engine.attempts.values()].find(
			running => running.task.id === task && held.some(lease => lease.token === running.token),
		);
		if (attempt)
			abandon(engine, attempt.agent.id, 'its lease was taken over').catch(error => engine.log(`abandoning ${task}: ${String(error)}`));
	}
	const known = new Set([...tokensBefore, ...tokensOf(engine), ...engine.returning]);
	const isAsking = (agent: string): boolean => claimingBefore.has(agent) || engine.claiming.has(agent);
	// Redis knows best who waits; of an agent that asks or works just now, the answer to come or the attempt tells.
	engine.waiting = new Set([
		...result.waiting.filter(id => !isAsking(id) && !engine.attempts.has(id) && !engine.preparing.has(id)),
		...[...engine.waiting].filter(isAsking),
	]);
	for (const lease of result.leases) {
		if (known.has(lease.token) || isAsking(lease.agent)) continue;
		// A task that was handed over and whose wake-up was lost starts now; one that has been begun before goes back.
		if (engine.isOpen && !engine.begun.has(lease.token))
			void beginHanded(engine, lease).catch(error => engine.log(`beginning ${lease.task}: ${String(error)}`));
		else void returnUnknown(engine, lease);
	}
};
