import {existsSync, readdirSync} from 'node:fs';
import {basename, dirname} from 'node:path';
import {budgetText, configuredBudget} from '../../core/cost/budget.ts';
import type {RoomEvent} from '../../core/event/event.ts';
import type {Task} from '../../core/task/task.ts';
import type {Coordination} from '../../core/team/coordination.ts';
import {hasDescended} from '../../git/worktree/list.ts';
import {saveWork} from '../../git/worktree/save.ts';
import {sweepTrees} from '../../git/worktree/sweep.ts';
import {findTree} from '../../git/worktree/tree.ts';
import {endTree} from '../../os/process-tree.ts';
import {WRITING_STAGES} from '../../roles/roles.ts';
import {cleanup} from '../attempt/cleanup.ts';
import {handoffOfLease} from '../attempt/handoff.ts';
import {forgetTrials} from '../merge/blocked.ts';
import {lostFields} from '../parts/merge-queue.ts';
import {type Room, tokensOf} from '../parts/parts.ts';
import {STATE_MARK} from '../prepare/environment.ts';
import {worktreesFolder} from '../prepare/workspace.ts';
import {type PlannedAgent, slotsOf} from '../team/team.ts';
import {joinTeam} from './join.ts';

/** Commits what an attempt without a process left in its worktree; returns the fields that let the next attempt start from it. */
const save = async ({facts}: Pick<Room, 'facts'>, task: Task, why: string): Promise<Record<string, string>> => {
	const {store} = facts.guardian;
	if (!WRITING_STAGES.includes(task.stage) || !findTree(store, task.worktree)) return {};
	try {
		const saved = await saveWork({store, worktree: task.worktree, message: `Save what ${task.owner} left on ${task.id}\n\n${why}`});
		return {commit: saved.commit};
	} catch (error) {
		facts.log(`cannot save the work on ${task.id}: ${String(error)}`);
		// No process runs there any more and its content is nowhere else: the next attempt continues in it.
		return {fresh: '0'};
	}
};

/**
 * Fields by which its agent resumes its program's session in the same worktree, if it is known and nothing of the earlier life can write there any
 * more. Another agent starts in its own worktree.
 */
const goesOn = async (
	{facts}: Pick<Room, 'facts'>,
	task: Task,
	{commit}: Readonly<Record<string, string>>,
): Promise<Record<string, string>> => {
	const isHome = task.stage === 'develop' || task.stage === 'document';
	if (!isHome || task.session === '' || task.sessionOf !== task.owner || commit === undefined) return {};
	const isDescended = task.base === '' || (await hasDescended(facts.guardian.folder, commit, task.base).catch(() => false));
	return isDescended ? {fresh: '0', author: task.owner} : {};
};

/** Returns a lease without a process: its work is committed first, and it costs no attempt. `isOver`: no process of it can be left. */
export const takeBackLease = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'merges'>,
	task: Task,
	reason: string,
	why: string,
	isOver = false,
): Promise<void> => {
	const work = await save(room, task, why);
	const saved = {...work, ...(isOver ? await goesOn(room, task, work) : {})};
	const note = await handoffOfLease(room, task, {reason, commit: saved.commit ?? task.commit});
	const fields = {...saved, ...note, ...lostFields(task)};
	await room.link.coordination.reclaim({task: task.id, token: task.token, reason, isProven: true, counts: false, delayMs: 0, fields});
};

/** A room killed right after a merge has left that task's worktrees. */
const cleanupMerged = async (room: Pick<Room, 'facts' | 'record' | 'slots' | 'lifecycle'>, tasks: Iterable<Task>): Promise<void> => {
	const names = new Map<string, ReadonlySet<string>>();
	const isThere = (worktree: string): boolean => {
		const folder = dirname(worktree);
		const known = names.get(folder) ?? new Set(existsSync(folder) ? readdirSync(folder) : []);
		names.set(folder, known);
		return known.has(basename(worktree));
	};
	for (const task of tasks) if (task.state === 'merged' && task.worktree !== '' && isThere(task.worktree)) await cleanup(room, task);
};

/**
 * Cleans up after an earlier life of this room, after a kill -9 or a reboot: ends its processes, commits their work, returns its leases at no cost,
 * and drops its locks. Safe because this life has joined in its place (`joinTeam`): the earlier one has ended.
 */
export const recover = async (room: Room, prefix: string): Promise<number> => {
	await endTree({pid: 0, startTime: ''}, [STATE_MARK, room.facts.paths.stateFolder], {graceMs: 500});
	await forgetTrials(room);
	sweepTrees(room.facts.guardian.store, worktreesFolder(room.facts.options.stateFolder));
	const {team} = await room.link.coordination.snapshot();
	const isOurs = (agent: string): boolean => team.agents.get(agent)?.room.startsWith(prefix) === true;
	// Returned tasks must not be assigned to waiting agents of the earlier life: none would start them.
	const left = await room.link.coordination.closeAgents([...team.agents.keys()].filter(isOurs));
	// Entries that joined a merge have the lease of its head, by which the guardian is known.
	const joined = [...team.tasks.values()].filter(
		({id, state, owner, token}) => state === 'leased' && token !== '' && isOurs(owner) && !left.some(lease => lease.task === id),
	);
	for (const lease of [...left, ...joined.map(({id, owner, token}) => ({task: id, agent: owner, token}))]) {
		const task = await room.link.coordination.task(lease.task);
		if (task?.token !== lease.token) continue;
		await takeBackLease(
			room,
			task,
			'the room ended during the attempt',
			'The room ended during the attempt; committed at the next start.',
			true,
		);
	}
	// A killed guardian would lock the base for a minute, an agent its paths for hours.
	for (const lock of team.locks.values())
		if (isOurs(lock.owner) && !lock.name.startsWith('task:')) await room.link.coordination.unlock({name: lock.name, token: ''});
	// Members no longer in the configuration have no process and never will.
	const planned = new Set(room.slots.team().map(agent => agent.id));
	for (const agent of team.agents.values())
		if (agent.room.startsWith(prefix) && !planned.has(agent.id) && agent.status !== 'stopped')
			await room.link.coordination.updateAgent(agent.id, {status: 'stopped'}, '');
	await cleanupMerged(room, team.tasks.values());
	// A room was killed after it had accepted rebuilt data: nobody froze the team, and nothing else would lift it.
	if (team.control.frozenWhy === 'rebuild') await room.link.coordination.control({frozen: false}, 'work resumes after the rebuild');
	return left.length;
};

/** Registers an agent of this room; `taken`: a live agent of another room has its id. */
export const registerAgent = (
	{facts, link}: Pick<Room, 'facts' | 'link'>,
	{id, role, capabilities, harness, account}: PlannedAgent,
): ReturnType<Coordination['register']> =>
	link.coordination.register({id, role, capabilities, room: facts.roomId, harness, account, host: facts.self.host});

/** Registers the team. Two rooms configured with the same agent id are an error. */
export const registerTeam = async (room: Pick<Room, 'facts' | 'link' | 'slots'>): Promise<void> => {
	for (const agent of room.slots.team()) {
		if ((await registerAgent(room, agent)) === 'taken')
			throw new Error(`agent \`${agent.id}\` belongs to another live room of this namespace; give this room its own with \`--namespace\``);
	}
};

/** Whether the configuration of another room of this team decides about its budget. That of a room that is long gone does not. */
const isOfAnother = async ({facts, link}: Pick<Room, 'facts' | 'link'>, budgetRoom: string): Promise<boolean> => {
	if (budgetRoom === '' || budgetRoom === facts.self.name) return false;
	return (await link.coordination.rooms()).rooms.some(({room}) => room === budgetRoom);
};

/**
 * Sets the budget of the configuration if it has changed since a room last applied one: until then a human's last order stays. Rooms of one team
 * that are configured differently would take turns with each start: the one whose budget stands decides, and the others show theirs (`watchBudget`).
 * `isNew`: the configuration was just taken up with another budget, which is a human's word: it counts in any room, even if it is the one of before
 * an order.
 */
export const setBudget = async ({facts, link}: Pick<Room, 'facts' | 'link'>, isNew = false): Promise<void> => {
	if (!facts.config.budget) return;
	const {usd, tokens, onReached} = facts.config.budget;
	const budgetMicros = Math.round((usd ?? 0) * 1_000_000);
	const tokenBudget = tokens ?? 0;
	const {control} = (await link.coordination.snapshot()).team;
	const budgetFrom = configuredBudget(budgetMicros, tokenBudget, onReached);
	if (!isNew && (control.budgetFrom === budgetFrom || (await isOfAnother({facts, link}, control.budgetRoom)))) return;
	const budgetRoom = facts.self.name;
	const atBudget = onReached ?? control.atBudget;
	await link.coordination.control(
		{budgetMicros, tokenBudget, atBudget, budgetFrom, budgetRoom},
		budgetText(budgetMicros, atBudget, tokenBudget),
	);
};

/**
 * Joins a Redis whose data a human has accepted although some were lost. Members that it does not know, or knows from an earlier life of this room,
 * are registered again; what they held there, and nothing here works on, is returned first. Work under a token that is no longer current is found by
 * the next heartbeat.
 */
export const rejoin = async (room: Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'merges'>): Promise<void> => {
	const {facts, link, slots} = room;
	// Restores lost rooms and numbers; no member of this room gets another name while it lives.
	await joinTeam(link, facts.self, facts).catch(error => facts.log(`joining the team again: ${String(error)}`));
	await link.coordination.nameAgents(facts.self.name, slotsOf(slots.team(), true));
	// Where the orders were not rebuilt, the configured budget holds again.
	await setBudget(room);
	const {team} = await room.link.coordination.snapshot();
	const strangers = room.slots.team().filter(agent => team.agents.get(agent.id)?.room !== room.facts.roomId);
	const isStranger = new Set(strangers.map(agent => agent.id));
	const ours = new Set(tokensOf(room));
	for (const task of team.tasks.values())
		if (task.state === 'leased' && isStranger.has(task.owner) && !ours.has(task.token))
			await takeBackLease(room, task, 'Redis lost its owner', 'Redis lost its owner; committed by agent-room.');
	for (const agent of strangers)
		if ((await registerAgent(room, agent)) === 'taken')
			room.facts.log(`agent \`${agent.id}\` now belongs to another live room of this namespace`);
};

/** Entries between questions to Redis whether a checkpoint is due: Redis decides for all rooms together. */
const ENTRIES_A_QUESTION = 200;

/** Keeps the record easy to follow: writes a checkpoint at the start and as entries pass, whenever one is due; one at a time in this room. */
export const keepingCheckpoints = ({
	facts,
	link,
	lead,
}: Pick<Room, 'facts' | 'link' | 'lead'>): ((events: readonly RoomEvent[]) => void) => {
	let entries = ENTRIES_A_QUESTION;
	let isBusy = false;
	return events => {
		entries += events.length;
		if (isBusy || entries < ENTRIES_A_QUESTION || !lead.isOurs()) return;
		entries = 0;
		isBusy = true;
		// The next checkpoint makes up for one that fails: the record before it can still be followed.
		lead
			.as(() => link.coordination.record.keep())
			.catch(error => facts.log(`checkpoint: ${error instanceof Error ? error.message : String(error)}`))
			.finally(() => {
				isBusy = false;
			});
	};
};
