import {setTimeout as wait} from 'node:timers/promises';
import {agentName} from '../../core/agent/agent.ts';
import type {TeamMember} from '../../core/config/config.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import {refusal} from '../../core/text/refusal.ts';
import {plannedAgent, type Room} from '../parts/parts.ts';
import {attemptIn, isFree, type Slot} from '../parts/slot.ts';
import {movesOf} from '../parts/slot-moves.ts';
import {registerAgent} from '../recovery/recover.ts';
import {withinBudget} from '../team/outside-budget.ts';
import {createPane} from '../team/pane.ts';
import {numbered, planTeam, scalingTesters, slotsOf} from '../team/team.ts';
import {done} from './revoke.ts';

/** Maximum of agents of one role, as in a configuration. */
const MOST_OF_A_ROLE = 64;
/** How often to check whether a retiring agent has finished, ms. */
const LOOK_MS = 100;

/**
 * Adds a member, made like those in the configuration, for the life of this room: it is registered, claims tasks, and has its own worktree for each.
 * The configuration stays unchanged, so the next room starts with the configured team.
 */
export const addAgent = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'lifecycle'>,
	role: string,
	harness: string,
): Promise<ActionResult> => {
	const member = room.facts.config.team.find(one => one.role === role && (harness === '' || one.harness === harness));
	if (!member)
		return refusal('unknown', `No \`${role}\` in \`team\`${harness ? ` with \`${harness}\`` : ''}.`, 'See `agent-room config print`.');
	const added = await addMember(room, member);
	if (!added.ok || added.ids?.[0] === undefined) return added;
	return done(`${agentName(added.ids[0])} added as ${role} until this room stops; to keep it, add it to \`team\` in agent-room.yaml`);
};

/** Adds one agent of a configured member; `ids` has its id. */
export const addMember = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'lifecycle'>,
	member: TeamMember,
): Promise<ActionResult> => {
	const team = room.slots.team();
	const {role} = member;
	if (team.filter(one => one.role === role).length >= MOST_OF_A_ROLE)
		return refusal('many', `The team already has ${MOST_OF_A_ROLE} agents of role \`${role}\`, the maximum.`, '');
	const [planned] = planTeam({...room.facts.config, team: [{...member, count: 1}]}, room.facts.options.harnesses);
	if (planned && withinBudget(room.facts.config, [planned]).length === 0)
		return refusal('refused', `\`${planned.harness}\` tells no usage: the budget cannot see it (\`outside: refuse\`).`, '');
	if (!planned) return refusal('unknown', `Cannot add an agent of role \`${role}\`.`, '');
	// Members that left in this life have slots too: the new one gets another.
	const before = [...room.record.team().agents.values()].filter(
		agent => agent.room === room.facts.roomId && agent.id.startsWith(`agent:${planned.short}:`),
	);
	const slots = team.filter(({short}) => short === planned.short).map(({slot}) => slot);
	const slot = 1 + Math.max(before.length, ...slots);
	const [agent = planned] = numbered(
		[{...planned, slot}],
		await room.link.coordination.nameAgents(room.facts.self.name, slotsOf([{...planned, slot}])),
	);
	if ((await registerAgent(room, agent)) === 'taken')
		return refusal('taken', `\`${agentName(agent.id)}\` belongs to another live room.`, 'End that room first, or add another.');
	// Only members of the team claim or wait, so nothing is assigned to it before.
	movesOf(room.slots).add(agent, createPane(agent.id, room.record.touchPane, room.facts.config));
	room.record.touch();
	room.lifecycle.requestTick();
	return done(`${agentName(agent.id)} added as ${role}`, [agent.id]);
};

const isBusy = ({record}: Pick<Room, 'record'>, slot: Slot): boolean =>
	!isFree(slot) || (record.team().agents.get(slot.agent.id)?.token ?? '') !== '';

/** The agent finishes its task, then leaves the team. */
const leaveWhenDone = async (room: Pick<Room, 'link' | 'record' | 'slots' | 'lifecycle'>, id: string, reason: string): Promise<void> => {
	for (let slot = room.slots.get(id); slot && isBusy(room, slot); slot = room.slots.get(id)) {
		if (!room.lifecycle.isRunning()) return;
		// Without this pause the loop would block all else while the agent is busy but its attempt is over, or not started.
		await attemptIn(slot)?.over;
		await wait(LOOK_MS, undefined, {ref: false});
	}
	const pane = room.slots.pane(id);
	// Of two orders, one finds it gone.
	if (!movesOf(room.slots).remove(id)) return;
	pane?.dispose();
	await room.link.retryUntilWritten(() => room.link.coordination.updateAgent(id, {status: 'stopped', reason}, 'retired'));
	room.lifecycle.requestTick();
};

/** From now on nothing is assigned to it, and it leaves the team once it is free. Returns whether it is busy. */
const retire = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'lifecycle'>,
	id: string,
	reason: string,
): Promise<boolean> => {
	movesOf(room.slots).retire(id);
	await room.link.coordination.closeAgents([id]);
	const slot = room.slots.get(id);
	const isBusyNow = slot !== undefined && isBusy(room, slot);
	leaveWhenDone(room, id, reason).catch(error =>
		room.facts.log(`removing ${id}: ${error instanceof Error ? error.message : String(error)}`),
	);
	return isBusyNow;
};

/** Adds a test runner for a test that waits (`count: auto`). */
export const addTester = async (room: Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'lifecycle'>): Promise<void> => {
	const member = scalingTesters(room.facts.config);
	const added = member && (await addMember(room, member));
	if (added && !added.ok) room.facts.log(`no further test runner: ${added.message}`);
};

/** Removes a member that a changed configuration has no more, once its present task has left it. */
export const retireMember = async (room: Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'lifecycle'>, id: string): Promise<void> => {
	await retire(room, id, 'no longer in the configuration');
};

/** Removes a test runner that the room added itself (`count: auto`). */
export const removeTester = async (room: Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'lifecycle'>, id: string): Promise<void> => {
	await retire(room, id, 'no longer needed');
};

/**
 * An agent gets no further task, and leaves the team for the life of this room once its present task has left it. Guarantee: from the order on
 * nothing is assigned to it, neither while it waits nor with its own result (`nextCall`).
 */
export const retireAgent = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'lifecycle'>,
	id: string,
): Promise<ActionResult> => {
	const agent = plannedAgent(room, id);
	if (!agent) return refusal('gone', `\`${agentName(id)}\` is not an agent of this room.`, 'List agents with `agent-room agents`.');
	if (agent.program) return refusal('refused', `${agentName(id)} is a program of the room and cannot be removed.`, '');
	const isBusyNow = await retire(room, id, 'removed by you');
	return done(isBusyNow ? `${agentName(id)} is removed after its task` : `removed ${agentName(id)}`);
};
