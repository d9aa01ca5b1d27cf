import type {Agent} from '../../core/agent/agent.ts';
import {isWithoutPlan} from '../../core/plan/plan.ts';
import {whyThrottled} from '../../core/queue/eligibility.ts';
import type {NeededDecision, Task} from '../../core/task/task.ts';
import type {TeamSnapshot} from '../../core/team/snapshot.ts';
import type {Tone} from '../text/text.ts';

export const GROUPS = ['needs', 'review', 'working', 'idle'] as const;
export type Group = (typeof GROUPS)[number];
export const GROUP_TITLES: Readonly<Record<Group, string>> = {
	needs: 'NEEDS YOU',
	review: 'REVIEW / MERGE',
	working: 'WORKING',
	idle: 'PAUSED / IDLE',
};

type LookRow = {readonly badge: string; readonly tone: Tone; readonly group: Group; readonly word: string};

/**
 * How an agent looks by what it does, most urgent first; glyph and letter say it without colour. With `!` what is no agent's: the base
 * branch, the budget, a task that cannot continue.
 */
export const STATUS_STYLES = {
	stray: {badge: '✗!', tone: 'danger', group: 'needs', word: 'base moved'},
	'needs-input': {badge: '▲A', tone: 'badge', group: 'needs', word: 'needs input'},
	'logged-out': {badge: '▲L', tone: 'badge', group: 'needs', word: 'logged out'},
	'not-set-up': {badge: '▲U', tone: 'badge', group: 'needs', word: 'not set up'},
	waiting: {badge: '▲T', tone: 'badge', group: 'needs', word: 'turn ended'},
	red: {badge: '✗!', tone: 'danger', group: 'needs', word: 'base fails'},
	budget: {badge: '$!', tone: 'danger', group: 'needs', word: 'budget reached'},
	held: {badge: '»!', tone: 'warning', group: 'needs', word: 'blocked'},
	unknown: {badge: '◌?', tone: 'stalled', group: 'needs', word: 'unknown'},
	crashed: {badge: '✗D', tone: 'danger', group: 'needs', word: 'crashed'},
	stalled: {badge: '◌S', tone: 'stalled', group: 'needs', word: 'stalled'},
	review: {badge: '◆R', tone: 'good', group: 'review', word: 'review'},
	testing: {badge: '»T', tone: 'good', group: 'review', word: 'testing'},
	merging: {badge: '»M', tone: 'good', group: 'review', word: 'merging'},
	working: {badge: '●W', tone: 'working', group: 'working', word: 'working'},
	starting: {badge: '●W', tone: 'working', group: 'working', word: 'starting'},
	finished: {badge: '✓F', tone: 'good', group: 'working', word: 'finished'},
	retrying: {badge: '‖N', tone: 'paused', group: 'working', word: 'retrying'},
	'out-of-context': {badge: '◌C', tone: 'stalled', group: 'working', word: 'context full'},
	'rate-limited': {badge: '‖L', tone: 'paused', group: 'idle', word: 'rate-limited'},
	paused: {badge: '‖P', tone: 'paused', group: 'idle', word: 'paused'},
	idle: {badge: '○I', tone: 'dim', group: 'idle', word: 'idle'},
} as const satisfies Record<string, LookRow>;

export type Look = keyof typeof STATUS_STYLES;
export const STATUS_ORDER = Object.keys(STATUS_STYLES) as readonly Look[];

/** Looks that need a human. */
export type NeedingLook = {[K in Look]: (typeof STATUS_STYLES)[K]['group'] extends 'needs' ? K : never}[Look];
export const NEEDING_LOOKS = STATUS_ORDER.filter((look): look is NeedingLook => STATUS_STYLES[look].group === 'needs');

const BY_STAGE: Readonly<Record<string, Look>> = {review: 'review', audit: 'review', test: 'testing', merge: 'merging', resolve: 'merging'};

/** An agent's status as one look: a pause shows over the work it stops, a question over everything. */
export const lookOf = (agent: Agent): Look => {
	if (agent.status === 'needs-input') return 'needs-input';
	if (agent.status === 'crashed' || agent.status === 'unreachable') return 'crashed';
	if (agent.status === 'logged-out') return agent.reason.startsWith('not set up') ? 'not-set-up' : 'logged-out';
	// Paused or frozen it keeps its question, which still needs you.
	if (agent.status === 'paused' && agent.questionId !== '' && agent.task !== '') return 'needs-input';
	if (agent.paused || agent.status === 'paused') return 'paused';
	if (agent.status === 'working') return BY_STAGE[agent.stage] ?? 'working';
	return agent.status === 'stopped' ? 'idle' : agent.status;
};

/** The same, with idle agents of a rate-limited account shown as rate-limited. `now` is server time. */
export const lookNow = (agent: Agent, {control}: TeamSnapshot, now: number): Look => {
	const look = lookOf(agent);
	return look === 'idle' && agent.status === 'idle' && whyThrottled(agent, control, now) !== '' ? 'rate-limited' : look;
};

const WORDS: Readonly<Record<NeededDecision, string>> = {
	plan: 'approve the plan?',
	rounds: 'approve the work? review round limit reached',
	checks: 'merge it anyway?',
	dropped: 'accept what the conflict resolution dropped?',
	returns: 'restore the commits you reverted?',
	unmerged: 'merge it again?',
	named: 'is it merged?',
	pull: 'waits for its pull request',
	closed: 'open the pull request again?',
	blocked: 'how should it continue?',
};

/** A task's state on screens: a leased task is running. */
export const stateWord = ({state}: Pick<Task, 'state'>): string => (state === 'leased' ? 'running' : state);

const withoutVerdict = (waitReason: string): string => waitReason.replace(/^NOT READY: /, '');

/** What is asked is all in the words of the question itself. */
const SAID: readonly string[] = ['checks', 'returns', 'unmerged', 'named', 'pull', 'closed', 'blocked'];

/** What a person must decide about a task, in words; '' where it asks nothing. */
export const askText = ({decision, waitReason}: Pick<Task, 'decision' | 'waitReason'>): string =>
	SAID.includes(decision) && waitReason ? withoutVerdict(waitReason) : decision ? WORDS[decision] : '';

/** Why your approval is needed, without saying again that it is. */
export const reasonText = (task: Pick<Task, 'decision' | 'waitReason'>): string =>
	(task.decision === 'plan' && !isWithoutPlan(task) ? '' : withoutVerdict(task.waitReason)) || askText(task);
