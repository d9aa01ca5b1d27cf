import {availableParallelism} from 'node:os';
import {mergeQueueOf} from '../../core/queue/merge-queue.ts';
import {isBaseJudged, judgeBase} from '../merge/base.ts';
import type {Attempt} from '../parts/attempt.ts';
import {hasCandidate, hasPassed, isBuiltElsewhere, restsElsewhere, withBuilt} from '../parts/merge-queue.ts';
import type {Room} from '../parts/parts.ts';
import {isClaiming, isWaiting, type Slot} from '../parts/slot.ts';
import {movesOf} from '../parts/slot-moves.ts';
import {stagesAway} from '../remote/remote.ts';
import {bringCandidate, isTeam} from '../remote/share.ts';
import {scalingTesters} from '../team/team.ts';
import {decide} from './decide.ts';
import type {Local, RunningAttempt} from './effect.ts';
import {execute} from './execute.ts';

/** How long an attempt has waited for a human or its account, ms. */
const waited = ({delivery: {waitsSince}}: Attempt): number => (waitsSince === undefined ? 0 : performance.now() - waitsSince);

export const running = ({slots}: Pick<Room, 'slots'>): ReadonlyMap<string, RunningAttempt> =>
	new Map(
		slots.attempts().map(attempt => [
			attempt.agent.id,
			{
				task: attempt.task.id,
				token: attempt.token,
				startedAt: attempt.startedAt + waited(attempt),
				outputAt: Math.max(
					attempt.startedAt,
					attempt.activeAt,
					performance.now() - (Date.now() - (slots.pane(attempt.agent.id)?.printedAt() ?? 0)),
				),
				isPaused: attempt.isPaused,
				isStopped: attempt.stopped !== '',
				wasSeen: attempt.wasSeen,
				isEnding: attempt.isEnding,
			},
		]),
	);

/** What this room knows of the merge queue beyond the record. */
const mergeQueueFacts = (room: Pick<Room, 'facts' | 'record' | 'lead' | 'merges' | 'lifecycle'>) => {
	const {built, conflictsWith, blockedByChanges, triedOnFailingBase, missingUntil} = room.merges.mergeQueue;
	const baseHead = room.record.baseCommit();
	const {entries} = mergeQueueOf(withBuilt(room.record.team(), built), baseHead);
	const [head] = entries;
	const isHere = (candidate: string | undefined): boolean => {
		if (candidate === undefined) return false;
		// The leader builds on it and merges it; others fetch what a test of theirs needs.
		if (room.lead.isOurs() && !hasCandidate(room, candidate)) bringCandidate(room, candidate);
		return hasCandidate(room, candidate);
	};
	return {
		...{built, conflictsWith, blockedByChanges, triedOnFailingBase, missingUntil, baseHead},
		isBaseJudged: isBaseJudged(room),
		hasBasePassed: hasPassed(room, baseHead),
		// The last candidate of a batch contains those before it, and the base moves there.
		isHeadHere: isHere(head?.state === 'passed' && head.task.testedCommit !== '' ? head.task.testedCommit : head?.task.candidate),
		isTailHere: isHere(entries.at(-1)?.task.candidate),
	};
};

/** What each agent of this room does, and what keeps it from asking. */
const agentsHere = ({slots}: Pick<Room, 'slots'>): Pick<Local, 'team' | 'claiming' | 'handed' | 'waiting' | 'refusedAt' | 'restUntil'> => {
	const all = slots.all();
	const idsOf = (isIt: (slot: Slot) => boolean): ReadonlySet<string> => new Set(all.flatMap(slot => (isIt(slot) ? [slot.agent.id] : [])));
	return {
		team: slots.team(),
		claiming: idsOf(isClaiming),
		handed: new Map(all.flatMap(({agent, now}) => (now.kind === 'handed' ? [[agent.id, now.lease] as const] : []))),
		// A retiring agent asks for nothing, as if it waited already.
		waiting: idsOf(slot => slot.isRetiring || isWaiting(slot)),
		refusedAt: new Map(all.map(({agent, refusedAt}) => [agent.id, refusedAt])),
		restUntil: new Map(all.map(({agent, restUntil}) => [agent.id, restUntil])),
	};
};

const local = (room: Room): Local => ({
	now: performance.now(),
	serverNow: room.record.serverNow(),
	isConnected: room.link.isConnected() && room.lifecycle.isOpen(),
	isRecovering: room.link.isRecovering(),
	pausedHere: room.record.pausedHere(),
	...agentsHere(room),
	attempts: running(room),
	begun: room.lifecycle.begun,
	room: room.facts.roomId,
	isLeading: room.lead.isOurs(),
	isTeam: isTeam(room),
	restsElsewhere: restsElsewhere(room),
	isBuiltElsewhere: isBuiltElsewhere(room),
	notBefore: room.merges.notBefore,
	hasTestCommand: room.facts.config.test !== undefined,
	mostTesters: scalingTesters(room.facts.config) ? availableParallelism() : 0,
	waitForRemote: new Set(stagesAway(room)),
	...mergeQueueFacts(room),
	timeoutMs: room.facts.config.timeout,
	stallMs: room.facts.config.stallTimeout,
});

/** Agents that were paused, rest or stopped no longer wait (the script that recorded it removed them), and ask again when idle. */
const forgetWaiting = ({record, slots}: Pick<Room, 'record' | 'slots'>): void => {
	const {agents} = record.team();
	for (const {agent: planned, now} of slots.all()) {
		const agent = agents.get(planned.id);
		if (now.kind === 'waiting' && agent?.status !== 'idle' && (agent?.token ?? '') === '')
			movesOf(slots).move(planned.id, {type: 'stop-waiting'});
	}
};

/** One round of the orchestrator: decides, then carries out what is not in progress already. */
export const tick = (room: Room, underWay: Set<string>): void => {
	forgetWaiting(room);
	if (room.merges.moves.head !== '' && room.merges.moves.head !== room.record.baseCommit()) void judgeBase(room);
	for (const effect of decide(room.record.team(), local(room))) {
		const key = `${effect.type} ${'agent' in effect ? effect.agent : 'task' in effect ? effect.task : ''}`;
		if (underWay.has(key)) continue;
		underWay.add(key);
		execute(room, effect)
			.catch(error => room.facts.log(`${key}: ${error instanceof Error ? error.message : String(error)}`))
			.finally(() => underWay.delete(key));
	}
};
