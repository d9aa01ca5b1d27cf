import type {Engine} from './engine.ts';
import {registerAgent, takeBackLease} from './recover.ts';

/**
 * Joins a Redis whose data a person has accepted although some were lost. Members that it does not know, or knows from an earlier life of
 * this room, are registered anew; what they held there, and nothing here works on, goes back first. What this room works on under a token
 * that is not current any more is found by the next beat.
 */
export const rejoin = async (engine: Engine): Promise<void> => {
	const {team} = await engine.coordination.snapshot();
	const strangers = engine.team.filter(agent => team.agents.get(agent.id)?.room !== engine.roomId);
	const isStranger = new Set(strangers.map(agent => agent.id));
	const ours = new Set([...engine.attempts.values(), ...engine.preparing.values()].map(lease => lease.token));
	for (const task of team.tasks.values())
		if (task.state === 'leased' && isStranger.has(task.owner) && !ours.has(task.token))
			await takeBackLease(engine, task, 'Redis lost who worked on it', 'Redis lost who worked on it; committed by the room.');
	for (const agent of strangers)
		if ((await registerAgent(engine, agent)) === 'taken')
			engine.log(`the agent \`${agent.id}\` belongs to another live room of this namespace now`);
};
