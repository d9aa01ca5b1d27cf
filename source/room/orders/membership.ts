import {setTimeout as wait} from 'node:timers/promises';
import {agentId, agentName} from '../../core/agent/agent.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import {refusal} from '../../core/text/refusal.ts';
import {roleIn} from '../../roles/roles.ts';
import {type Engine, plannedAgent} from '../parts/parts.ts';
import {attemptIn, isFree, type Slot} from '../parts/slot.ts';
import {movesOf} from '../parts/slot-moves.ts';
import {registerAgent} from '../recovery/recover.ts';
import {createPane} from '../team/pane.ts';
import {planTeam} from '../team/team.ts';
import {done} from './withdraw.ts';

/** As many of one role as a configuration may ask for. */
const MOST_OF_A_ROLE = 64;
/** How often it is looked whether whoever retires has done with its task, ms. */
const LOOK_MS = 100;

/**
 * One more member, made like those that the configuration names, for the life of this room: it is registered, claims like the others and has a work
 * tree of its own with each task. The configuration is not touched, so the next room starts with the team that stands there.
 */
export const addAgent = async (engine: Engine, role: string, harness: string): Promise<ActionResult> => {
	const {config, options, slots, state} = engine;
	const team = slots.team();
	const member = config.team.find(one => one.role === role && (harness === '' || one.harness === harness));
	if (!member)
		return refusal(
			'unknown',
			`The team has no \`${role}\`${harness ? ` with \`${harness}\`` : ''}.`,
			'`agent-room config print` shows it.',
		);
	const {short} = roleIn(role, config.roles);
	const taken = [...team.map(({id}) => id), ...state.team().agents.keys()].filter(id => id.startsWith(`agent:${short}:`));
	if (team.filter(one => one.role === role).length >= MOST_OF_A_ROLE)
		return refusal('many', `There are ${MOST_OF_A_ROLE} of the role \`${role}\` already, as many as a team may have.`, '');
	const [planned] = planTeam({...config, team: [{...member, count: 1}]}, options.harnesses);
	if (!planned) return refusal('unknown', `Nobody can be made of \`${role}\`.`, '');
	const number = 1 + Math.max(0, ...taken.map(id => Number(id.split(':').at(-1)) || 0));
	const agent = {...planned, id: agentId(short, number)};
	if ((await registerAgent(engine, agent)) === 'taken')
		return refusal('taken', `\`${agentName(agent.id)}\` belongs to another live room.`, 'Try again: the next number is taken then.');
	// Nothing is handed to it before it is of the team: only then does it claim or wait.
	movesOf(slots).add(
		agent,
		createPane(agent.id, () => state.touch(), config),
	);
	state.touch();
	engine.wake();
	return done(`${agentName(agent.id)} joins as ${role}, for as long as this room lives; \`team\` in the configuration keeps it`);
};

const isBusy = ({state}: Engine, slot: Slot): boolean => !isFree(slot) || (state.team().agents.get(slot.agent.id)?.token ?? '') !== '';

/** It ends what it has, then it is of the team no more. */
const leaveWhenDone = async (engine: Engine, id: string): Promise<void> => {
	const {slots} = engine;
	for (let slot = slots.get(id); slot && isBusy(engine, slot); slot = slots.get(id)) {
		if (!engine.isRunning()) return;
		await Promise.race([attemptIn(slot)?.over, wait(LOOK_MS, undefined, {ref: false})]);
	}
	const pane = slots.pane(id);
	// Of two orders one finds it gone.
	if (!movesOf(slots).remove(id)) return;
	pane?.dispose();
	await engine.persist(() => engine.coordination.describe(id, {status: 'stopped', reason: 'retired by you'}, 'retired'));
	engine.wake();
};

/**
 * An agent gets no further task, and leaves the team once the one it has is out of its hands, for the life of this room. Guarantee: from the moment
 * of the order on it is handed nothing, neither by its wait nor with its own result (`nextCall`).
 */
export const retireAgent = async (engine: Engine, id: string): Promise<ActionResult> => {
	const agent = plannedAgent(engine, id);
	if (!agent) return refusal('gone', `\`${agentName(id)}\` is no agent of this room.`, '`agent-room agents` lists the team.');
	if (agent.program) return refusal('refused', `${agentName(id)} is a program of the room, which needs it.`, '');
	movesOf(engine.slots).retire(id);
	await engine.coordination.withdraw([id]);
	const slot = engine.slots.get(id);
	const isBusyNow = slot !== undefined && isBusy(engine, slot);
	leaveWhenDone(engine, id).catch(error => engine.log(`${id} retires: ${error instanceof Error ? error.message : String(error)}`));
	return done(isBusyNow ? `${agentName(id)} leaves after its task` : `${agentName(id)} leaves the team`);
};
