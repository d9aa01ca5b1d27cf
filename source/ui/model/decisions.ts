import {agentName} from '../../core/agent/agent.ts';
import {rateLimitOn} from '../../core/agent/rate-limit.ts';
import {roleWord} from '../../core/agent/role-label.ts';
import type {RoomEvent} from '../../core/event/event.ts';
import {formatEvent} from '../../core/event/words.ts';
import {endedAfter, endedWord} from '../../core/queue/dependencies.ts';
import {formatRateLimit, idleFor, whyWaiting} from '../../core/queue/eligibility.ts';
import {fullTestsText} from '../../core/queue/full-tests.ts';
import {isMergeQueuePaused} from '../../core/queue/merge-queue.ts';
import {strayText} from '../../core/queue/stray.ts';
import {isOverBudget, lockOver, whyNotRunning} from '../../core/queue/why.ts';
import {stageRole} from '../../core/task/stages.ts';
import {FINAL_STATES, isAsking} from '../../core/task/task.ts';
import {totalOf} from '../../core/team/window.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import type {Tone} from '../text/text.ts';
import {isHeldUp, redText} from './attention.ts';
import {neededText} from './decision-words.ts';
import {counts, type QueueRow, queue, stuck} from './queue.ts';
import {standstill} from './standstill.ts';
import {reasonText} from './status-styles.ts';
import {age, ageOf} from './time.ts';

export type Decision = {
	readonly glyph: string;
	readonly tone: Tone;
	readonly text: string;
	/** The sentence's end: keys of these actions, and what they do. */
	readonly keys?: {readonly actions: readonly string[]; readonly does: string};
};

const orders = (snapshot: RoomSnapshot): Decision[] => {
	const {frozen, frozenWhy, paused, drained, recovery} = snapshot.team.control;
	// What was lost stands in the banner.
	if (recovery)
		return [
			{
				glyph: '‖',
				tone: 'paused',
				text: 'Everything is frozen until you decide what becomes of the lost data.',
				keys: {actions: ['freeze', 'recovery.rebuild'], does: 'rebuilds it.'},
			},
		];
	if (frozen)
		return [
			{
				glyph: '‖',
				tone: 'paused',
				text: frozenWhy === 'budget' ? 'Everything is frozen: the budget is reached.' : 'You froze everything.',
				keys: {actions: ['freeze', 'frozen.resume'], does: 'unfreezes.'},
			},
		];
	if (paused) return [{glyph: '‖', tone: 'paused', text: 'All agents are paused: no new tasks start.'}];
	const held: Decision[] = isMergeQueuePaused(snapshot.team)
		? [
				{
					glyph: '‖',
					tone: 'paused',
					text: 'You paused merging.',
					keys: {actions: ['merges', 'merges.pause-merges'], does: 'resumes.'},
				},
			]
		: [];
	const text = 'Draining: running work ends, no new tasks start.';
	return drained ? [{glyph: '‖', tone: 'paused', text, keys: {actions: ['drain'], does: 'resumes.'}}, ...held] : held;
};

/** Rate-limited accounts with what lifts the limit; the header shows the duration. */
const rateLimits = ({team}: RoomSnapshot, now: number): Decision[] =>
	team.control.rateLimits
		.filter(({account}) => rateLimitOn(team.control.rateLimits, account, now))
		.slice(0, 3)
		.map(rateLimit => ({
			glyph: '‖',
			tone: 'paused',
			text: `${formatRateLimit(rateLimit)}${rateLimit.reason ? `: ${rateLimit.reason}` : ''}. \`agent-room clear-rate-limit ${rateLimit.account}\` tries now.`,
		}));

/** `after t-3`, or that the dependency will never merge. */
const waitsFor = ({task, why}: QueueRow, {team}: RoomSnapshot): string => {
	const ended = endedAfter(task, team);
	return ended ? `for ${ended}, which ${endedWord(ended, team)}` : why.replace('⊘ ', '');
};

const next = (snapshot: RoomSnapshot, now: number): Decision | undefined => {
	const waiting = queue(snapshot, now).filter(row => row.task.state !== 'failed');
	const readyRows = waiting.filter(row => row.task.state === 'ready' && !row.task.waitReason);
	const canStart = ({task}: QueueRow): boolean => stuck(task, snapshot) === '' && !isOverBudget(task, snapshot.team);
	const ready = readyRows.find(canStart) ?? readyRows[0];
	const {counts: all, agents, control} = snapshot.team;
	if (ready) {
		const {task} = ready;
		const role = task.stage === 'develop' ? task.role : stageRole(task.stage);
		const team = [...agents.values()].filter(agent => agent.role === role && agent.status !== 'stopped');
		const [free] = idleFor(task, snapshot.team, now);
		const what = `${task.id} ${task.title}`;
		const keeps = stuck(task, snapshot);
		if (keeps !== '') return {glyph: '⊘', tone: 'warning', text: `${what} waits: ${keeps}.`};
		if (isOverBudget(task, snapshot.team)) return undefined;
		const lock = lockOver(task, snapshot.team);
		if (lock) return {glyph: '⊘', tone: 'warning', text: `${what} waits: ${whyNotRunning(task, snapshot.team, now, snapshot)}.`};
		if (task.assigned && task.assigned !== free?.id)
			return {glyph: '◆', tone: 'good', text: `Next: ${what}, assigned to ${agentName(task.assigned)}.`};
		const waits = free ? '' : whyWaiting(task, snapshot.team, now);
		if (waits !== '' && !waits.startsWith('no idle')) return {glyph: '‖', tone: 'paused', text: `${what} waits: ${waits}.`};
		const isHeld = control.frozen || control.paused || control.drained;
		if (free) return {glyph: '◆', tone: 'good', text: `Next${isHeld ? ' after resuming' : ''}: ${what} to ${agentName(free.id)}.`};
		const busy = team.filter(agent => !agent.paused && agent.task !== '').length;
		// Nothing moves until somebody acts.
		if (busy === 0) return {glyph: '‖', tone: 'warning', text: `${what} waits: ${waits || `no idle ${roleWord(role)}`}.`};
		const running = busy === team.length && busy > 1 ? `all ${busy} are` : `${busy} of ${team.length} ${busy === 1 ? 'is' : 'are'}`;
		return {glyph: '◆', tone: 'good', text: `Next: ${what}, for the first idle ${roleWord(role)}; ${running} running.`};
	}
	const delayed = waiting.find(row => row.task.state === 'delayed');
	if (delayed) {
		const {id, readyAt, waitReason, reason} = delayed.task;
		const text = `${id} ${waitReason ? 'comes back' : 'retries'} in ${age(readyAt - now)}: ${waitReason || reason || 'retry'}`;
		return {glyph: '◌', tone: 'stalled', text};
	}
	const blocked = waiting.filter(row => row.task.state === 'blocked' && !row.task.decision);
	// A feature is not one of its tasks.
	const features = [...snapshot.team.tasks.values()].filter(({stage, state}) => stage === 'plan' && !FINAL_STATES.includes(state));
	const still = Math.max(1, all.blocked - features.filter(({state}) => state === 'blocked').length);
	const total = Math.max(still, totalOf(all) - all.planned - features.length);
	if (blocked[0])
		return {
			glyph: '⊘',
			tone: 'dim',
			text: `${still} of ${total} tasks ${still === 1 ? 'is' : 'are'} blocked: ${blocked[0].task.id} ${waitsFor(blocked[0], snapshot)}.`,
		};
	// It needs approval or is blocked, which is already shown.
	if (waiting.some(row => row.task.decision || row.task.waitReason)) return undefined;
	const working = all.leased;
	if (working > 0)
		return {glyph: '●', tone: 'working', text: `The task queue is empty; ${working} ${working === 1 ? 'task is' : 'tasks are'} running.`};
	return totalOf(all) === 0
		? {
				glyph: '·',
				tone: 'dim',
				text: 'No tasks yet.',
				keys: {actions: ['new-task'], does: 'adds one: agents develop, review, test and merge it.'},
			}
		: all.failed > 0
			? {
					glyph: '✗',
					tone: 'warning',
					text: `All other tasks are done; ${all.failed} failed:`,
					keys: {actions: ['retry'], does: 'retries one.'},
				}
			: {glyph: '✓', tone: 'good', text: 'All tasks are done.', keys: {actions: ['new-task'], does: 'adds a task.'}};
};

const turns = /^(task_(failed|released|reclaimed|retried|wait_reason|cancelled)|attempt_failed)$|^control_/;

/** What was decided lately, newest first; what was decided again says how often: `t-1 requeued ×3`. */
const recent = (events: readonly RoomEvent[]): readonly string[] => {
	const times = new Map<string, number>();
	for (const event of events.toReversed()) {
		if (!turns.test(event.type) && event.taskFields.state !== 'failed' && event.taskFields.state !== 'delayed') continue;
		const text = formatEvent({...event, stage: event.taskFields.stage ?? ''});
		if (times.has(text) || times.size < MOST_RECENT) times.set(text, (times.get(text) ?? 0) + 1);
	}
	return [...times].map(([text, count]) => (count > 1 ? `${text} ×${count}` : text));
};
const MOST_RECENT = 6;

const BY_YOU = 'a human: ';
/** Requests to the Planner, newest first, with the outcome: a message, or a feature being planned. */
const askedOf = ({team}: RoomSnapshot): readonly Decision[] => {
	const mails = team.events
		.filter(({type, agent, text}) => type === 'mail_sent' && text.startsWith(BY_YOU) && team.agents.get(agent)?.role === 'orchestrator')
		.slice(-2)
		.map(({agent, text}) => `you to ${agentName(agent)}: ${text.slice(BY_YOU.length)}`);
	const plans = [...team.tasks.values()]
		.filter(
			({stage, state, decision}) => stage === 'plan' && decision === '' && (state === 'ready' || state === 'leased' || state === 'delayed'),
		)
		.map(({id, title, owner}) => `${title} (${id}): ${owner ? `${agentName(owner)} plans it` : 'waiting to be planned'}`);
	return [...plans.slice(0, 3), ...mails.reverse()].map(text => ({glyph: '›', tone: 'plain', text}));
};

/** Recent and next decisions of the room: warnings, orders, the next assignment, the base, recent events. */
export const decisions = (snapshot: RoomSnapshot, now: number): readonly Decision[] => {
	const {team, banners, repository} = snapshot;
	const warnings = banners.map(({severity, text}): Decision => ({glyph: '!', tone: severity === 'error' ? 'danger' : 'warning', text}));
	const held = queue(snapshot, now)
		.filter(({task}) => isHeldUp(task))
		.slice(0, 2)
		.map((row): Decision => ({glyph: '»', tone: 'warning', text: `${row.task.id} is blocked: ${row.task.waitReason}`}));
	const asking = [...team.tasks.values()]
		.filter(isAsking)
		.slice(0, 3)
		.map((task): Decision => ({glyph: '▲', tone: 'badge', text: `${task.id} ${neededText(task, reasonText(task))}`}));
	const stray: readonly Decision[] = team.control.stray
		? [
				{
					glyph: '✗',
					tone: 'danger',
					text: `${repository.base} ${strayText(team.control)}.`,
					keys: {actions: ['undo-base'], does: 'reverts it.'},
				},
			]
		: [];
	const failingBase: readonly Decision[] = team.control.failingBase
		? [{glyph: '✗', tone: 'danger', text: `${repository.base} ${redText(snapshot)}`}]
		: team.control.fullTests.failed
			? [{glyph: '✗', tone: 'danger', text: `${repository.base} ${fullTestsText(team.control.fullTests)}`}]
			: [];
	const merged = [...team.tasks.values()].filter(task => task.mergedCommit).sort((a, b) => b.doneAt - a.doneAt)[0];
	const base = repository.baseCommit ? ` at ${repository.baseCommit.slice(0, 7)}` : '';
	const last = merged ? `, last ${merged.id} ${ageOf(merged.doneAt, now)} ago` : '';
	const count = counts(snapshot).merged;
	const merges: Decision = {
		glyph: '✓',
		tone: 'good',
		text: `${repository.base}${base}; ${count > 0 ? `${count} merged` : 'no merges yet'}${last}.`,
	};
	const still = standstill(snapshot, now);
	const stands: readonly Decision[] = still
		? [{glyph: '‖', tone: 'warning', text: still.text, ...(still.keys ? {keys: still.keys} : {})}]
		: [];
	const coming = still?.text.startsWith('No task can start') ? undefined : next(snapshot, now);
	const asked = askedOf(snapshot);
	const lately = recent(team.events).map((text): Decision => ({glyph: '·', tone: 'dim', text}));
	return [
		...warnings,
		...orders(snapshot),
		...stands,
		...rateLimits(snapshot, now),
		...stray,
		...failingBase,
		...asking,
		...asked,
		...(coming ? [coming] : []),
		...held,
		merges,
		...lately,
	];
};
