import {agentName} from '../../../core/agent/agent.ts';
import {roleLabel} from '../../../core/agent/role-label.ts';
import {type ChangeCount, changeText, linesText} from '../../../core/change/change.ts';
import {openAfter} from '../../../core/queue/dependencies.ts';
import {lockOver} from '../../../core/queue/why.ts';
import {attemptCount} from '../../../core/task/attempts.ts';
import {firstRole} from '../../../core/task/estimate.ts';
import {isAsking, priorityBadge, type Task} from '../../../core/task/task.ts';
import {dollars} from '../../../core/text/format.ts';
import {type Drawing, teamNow} from '../../draw/context.ts';
import {keyOf} from '../../keymap/keymap.ts';
import {type TeamRow, teamRows} from '../../model/agents.ts';
import {isHeldUp} from '../../model/attention.ts';
import {type Column, type ColumnName, cardToldAt, endOf} from '../../model/board.ts';
import {decisionWords, withoutState} from '../../model/decision-words.ts';
import {estimator} from '../../model/forecast.ts';
import {MERGE_STYLES, mergeRows} from '../../model/merges.ts';
import {queue} from '../../model/queue.ts';
import {STATUS_STYLES} from '../../model/status-styles.ts';
import {age, clock, remember} from '../../model/time.ts';
import {cut, type Line, said, span, type Tone, widthOf, wrap} from '../../text/text.ts';
import {testText} from '../task/facts.ts';

export type Card = {
	readonly badge: string;
	readonly tone: Tone;
	readonly facts: readonly string[];
	readonly why: string;
	readonly whyTone: Tone;
	/** Its agent, '' for none. */
	readonly who: string;
	/** Time since its start, or its total; '' if not started. */
	readonly time: string;
	readonly cost: string;
	/** Start of this state, server time. */
	readonly since: number;
	/** Last relevant change, server time; 0 for none. */
	readonly toldAt: number;
};

const workersOf = remember((snapshot, now): ReadonlyMap<string, TeamRow> => {
	const rows = teamRows(snapshot, now).flatMap(row => (row.task && row.agent?.id === row.task.owner ? [[row.task.id, row] as const] : []));
	return new Map(rows);
});
const queuedOf = remember((snapshot, now) => new Map(queue(snapshot, now).map(row => [row.task.id, row] as const)));
const mergeQueueOf = remember(snapshot => new Map(mergeRows(snapshot).map(row => [row.task.id, row] as const)));

type Said = Pick<Card, 'badge' | 'tone' | 'facts' | 'why' | 'whyTone'>;

/** `~14m`, `~$0.90` from similar tasks, if there are enough. */
const estimateWords = (task: Task, {snapshot, now}: Drawing): readonly string[] => {
	const found = estimator(snapshot, now)({role: firstRole(task), priority: task.priority, paths: task.paths});
	return found ? [...(found.ms > 0 ? [`~${age(found.ms)}`] : []), ...(found.micros > 0 ? [`~${dollars(found.micros)}`] : [])] : [];
};

const waiting = (task: Task, drawing: Drawing): Said => {
	const row = queuedOf(drawing.snapshot, teamNow(drawing)).get(task.id);
	const lock = task.state === 'ready' && !task.waitReason && row?.why === 'ready' ? lockOver(task, drawing.snapshot.team) : undefined;
	const why = lock
		? `⊘ ${lock.name.slice('path:'.length)} locked by ${agentName(lock.owner.split(' ')[0] ?? '')}`
		: (row?.why ?? task.state);
	const role = firstRole(task);
	const facts = [...estimateWords(task, drawing), ...(task.attempt > 0 ? [`attempt ${attemptCount(task)}`] : [])];
	return {
		badge: priorityBadge(task.priority),
		tone: task.priority >= 90 ? 'strong' : 'plain',
		facts: facts.length === 0 ? [roleLabel(role)] : [...(role === 'developer' ? [] : [roleLabel(role)]), ...facts],
		why,
		whyTone: lock ? 'warning' : (row?.tone ?? 'dim'),
	};
};

const blocked = (task: Task, drawing: Drawing): Said => {
	const {team} = drawing.snapshot;
	const said = waiting(task, drawing);
	if (task.decision === 'pull') return {...said, facts: ['pull request'], why: task.waitReason, whyTone: 'dim'};
	if (task.decision) {
		const {badge, tone} = STATUS_STYLES['needs-input'];
		return {...said, badge, tone, facts: [decisionWords(task).state], why: withoutState(task, task.waitReason), whyTone: 'strong'};
	}
	const [first = ''] = openAfter(task, team);
	const other = team.tasks.get(first);
	const holder = other?.owner ? ` · ${agentName(other.owner)}` : '';
	const isOtherAsking = other !== undefined && isAsking(other);
	const stands = isOtherAsking
		? `${first} ${decisionWords(other).state}`
		: other
			? `${first}: ${other.state === 'leased' ? other.stage : other.state}${holder}`
			: '';
	return {...said, facts: [said.why], why: stands, whyTone: other?.state === 'failed' || isOtherAsking ? 'warning' : 'dim'};
};

/** Its change; nothing for a branch without commits. */
const changesOf = ({id}: Task, {snapshot}: Drawing): ChangeCount | undefined => {
	const count = snapshot.changes.get(id);
	return count && count.files > 0 ? count : undefined;
};

const working = (task: Task, drawing: Drawing): Said => {
	const row = workersOf(drawing.snapshot, teamNow(drawing)).get(task.id);
	const {badge, tone, group} = row ? STATUS_STYLES[row.look] : STATUS_STYLES.working;
	const changes = changesOf(task, drawing);
	const isLoud = group === 'needs' || group === 'idle';
	const why = (isLoud || !changes ? row?.text : changeText(changes)) ?? task.waitReason;
	return {badge, tone, facts: task.stage === 'develop' ? [] : [task.stage], why, whyTone: isLoud ? 'strong' : 'plain'};
};

const reviewed = (task: Task, drawing: Drawing): Said => {
	const changes = changesOf(task, drawing);
	const reviewer = task.state === 'leased' ? agentName(task.owner) : '';
	const row = workersOf(drawing.snapshot, teamNow(drawing)).get(task.id);
	const isLoud = row !== undefined && STATUS_STYLES[row.look].group === 'needs';
	const round = task.rounds > 0 ? [`round ${task.rounds + 1}`] : [];
	const why = isLoud ? row.text : [...(changes ? [changeText(changes)] : []), ...round].join(' · ');
	const what = reviewer
		? `${agentName(task.author) || '—'} ← ${reviewer}`
		: `waits for ${task.stage === 'audit' ? 'security review' : 'review'}`;
	return {
		badge: isLoud ? STATUS_STYLES[row.look].badge : STATUS_STYLES.review.badge,
		tone: isLoud ? STATUS_STYLES[row.look].tone : reviewer ? STATUS_STYLES.review.tone : 'plain',
		facts: [what],
		why: why || (row?.text ?? ''),
		whyTone: isLoud ? 'strong' : 'plain',
	};
};

const merging = (task: Task, drawing: Drawing): Said => {
	const row = mergeQueueOf(drawing.snapshot, teamNow(drawing)).get(task.id);
	const {glyph, word, tone} = MERGE_STYLES[row?.state ?? 'waits'];
	const tests = testText(task, drawing, teamNow(drawing));
	const changes = changesOf(task, drawing);
	const badge = row && row.place > 0 ? `#${row.place}` : '· ';
	const text = task.waitReason || (tests ? `tests ${tests}` : '') || (changes ? changeText(changes) : '');
	return {badge, tone, facts: [`${glyph} ${word}`], why: text, whyTone: isHeldUp(task) ? 'warning' : 'plain'};
};

const done = (task: Task, drawing: Drawing): Said => {
	const at = clock(endOf(task) - drawing.snapshot.clockOffset);
	if (task.state === 'failed') {
		return {
			badge: '✗ ',
			tone: 'danger',
			facts: [`attempt ${attemptCount(task)}`, task.reason].filter(Boolean),
			why: `${keyOf(drawing.keymap, 'retry', drawing.isAscii)} retries it`,
			whyTone: 'warning',
		};
	}
	if (task.state === 'merged') {
		const changes = changesOf(task, drawing);
		return {badge: '✓ ', tone: 'good', facts: changes ? [linesText(changes)] : [], why: `merged ${at}`, whyTone: 'dim'};
	}
	if (task.state === 'planned') return {badge: '✓ ', tone: 'good', facts: ['planned'], why: `planned ${at}`, whyTone: 'dim'};
	return {badge: '✗ ', tone: 'dim', facts: [task.reason].filter(Boolean), why: `cancelled ${at}`, whyTone: 'dim'};
};

const SAYS: Readonly<Record<ColumnName, (task: Task, drawing: Drawing) => Said>> = {
	queued: waiting,
	blocked,
	working,
	review: reviewed,
	merge: merging,
	done,
};

const timeOf = ({startedAt, doneAt}: Task, now: number): string => (startedAt > 0 ? age(Math.max(0, (doneAt || now) - startedAt)) : '');

/** A task in its column. Foreign text is one line here, and cleaned where it is cut. */
export const cardOf = (task: Task, column: ColumnName, drawing: Drawing): Card => {
	const told = SAYS[column](task, drawing);
	const worker = workersOf(drawing.snapshot, teamNow(drawing)).get(task.id);
	return {
		...told,
		toldAt: cardToldAt(task, column, worker),
		who: agentName(task.owner || (column === 'review' || column === 'merge' || column === 'done' ? task.author : '')),
		time: timeOf(task, teamNow(drawing)),
		cost: task.spent > 0 ? dollars(task.spent) : '',
		since: (column === 'working' && worker?.since) || task.stageAt || task.createdAt,
	};
};

export const factsText = ({facts, who, time, cost}: Card, column: ColumnName, columns: number): string => {
	const isBegun = column === 'working' || column === 'done';
	const parts = column === 'working' ? [who, ...facts, time, cost] : isBegun ? [...facts, cost, time] : [...facts];
	return cut(
		parts
			.filter(part => part !== '')
			.map(part => said(part))
			.join(' · '),
		columns,
	);
};

export const NAMES: Readonly<Record<ColumnName, string>> = {
	queued: 'Queued',
	blocked: 'Blocked',
	working: 'Running',
	review: 'Review',
	merge: 'Merge',
	// What failed is not done, and says so in the heading.
	done: 'Done, failed',
};

const EMPTY: Readonly<Record<ColumnName, {readonly words: readonly string[]; readonly action?: string; readonly does?: string}>> = {
	queued: {words: ['No queued tasks.', ''], action: 'new-task', does: 'new task'},
	blocked: {words: ['No blocked tasks.', '', 'Tasks that wait for', 'others or for you.']},
	working: {words: ['No agents running.', ''], action: 'panel-1', does: 'agents'},
	review: {words: ['No tasks in review.', '', 'Submitted work', 'waits here.']},
	merge: {words: ['Nothing to merge.', ''], action: 'merges', does: 'merge queue'},
	done: {words: ['Nothing done today.', ''], action: 'changes', does: 'what changed'},
};

export const emptyLines = (name: ColumnName, filter: string, columns: number, {keymap, isAscii}: Drawing): readonly Line[] => {
	const {words, action, does} = EMPTY[name];
	const own = [...words, ...(action ? [`${keyOf(keymap, action, isAscii)}  ${does}`] : [])];
	return (filter === '' ? own : ['No matches.', '', `${keyOf(keymap, 'back', isAscii)} shows all.`]).flatMap(text =>
		(widthOf(text) <= columns - 2 ? [text] : wrap(text, columns - 2, 2)).map((row): Line => [span(` ${row}`, 'dim')]),
	);
};

/** `18`, or `3 of 18` with a filter. */
export const countText = ({tasks, more, all}: Column): string => (tasks.length + more === all ? String(all) : `${tasks.length} of ${all}`);

/** `t-3 Tax rounding`. */
export const cardName = ({id, title}: Column['tasks'][number]): string => `${said(id)} ${said(title)}`;
