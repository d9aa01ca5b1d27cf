import {spansOf, type TaskSpan} from '../../../core/task/spans.ts';
import type {Task, WholeTask} from '../../../core/task/task.ts';
import {type Drawing, teamNow} from '../../draw/context.ts';
import {stateWord} from '../../model/status-styles.ts';
import {age} from '../../model/time.ts';
import {featureOf} from '../../state/selection.ts';
import {heading} from '../../text/blocks.ts';
import {bar} from '../../text/chart.ts';
import {cell, cut, type Line, said, span, type Tone} from '../../text/text.ts';
import {recordFor} from './history.ts';

const NAMES = 11;
const TIMES = 5;

const TONES: Readonly<Record<string, Tone>> = {queue: 'dim', review: 'good', audit: 'good', test: 'good', merge: 'good'};

/**
 * One row for each stage and attempt, the last ones if there are many: when it ran on the task's own axis of time. One row has all waiting, for a
 * reviewer too, which the times below count as review.
 */
export const lifeLines = (task: WholeTask, drawing: Drawing, columns: number, most: number): readonly Line[] => {
	const now = task.doneAt > 0 ? task.doneAt : teamNow(drawing);
	const spans = spansOf(recordFor(task, drawing).events, task.id).map(one => ({...one, to: one.to || Math.max(now, one.from)}));
	const [first] = spans;
	const width = columns - NAMES - TIMES - 3;
	if (!first || most < 2 || width < 8) return [];
	const end = Math.max(...spans.map(({to}) => to), first.from + 1);
	const cellOf = (at: number): number => Math.min(width - 1, Math.floor(((at - first.from) / (end - first.from)) * width));
	const rows = [...Map.groupBy(spans, ({stage, attempt}) => `${stage === 'queue' ? 'waiting' : stage}${attempt > 0 ? ` ${attempt}` : ''}`)];
	const shown = rows.length > most ? rows.slice(-most) : rows;
	return [
		heading('STAGES', columns, `${age(end - first.from)}${rows.length > most ? `, the last ${most} of ${rows.length}` : ''}`),
		...shown.map(([name, parts]): Line => {
			const cells = new Array<string>(width).fill(' ');
			for (const {from, to} of parts)
				cells.fill(parts[0]?.agent === '' ? '░' : '█', cellOf(from), Math.max(cellOf(from), cellOf(to - 1)) + 1);
			const took = parts.reduce((sum: number, {from, to}: TaskSpan) => sum + to - from, 0);
			const tone = TONES[parts[0]?.stage ?? ''] ?? 'working';
			return [span(` ${cell(said(name), NAMES)}`), span(cells.join(''), tone), span(` ${age(took).padStart(TIMES)}`, 'dim')];
		}),
	];
};

const SIGNS: Readonly<Record<string, readonly [glyph: string, tone: Tone]>> = {
	merged: ['✓', 'good'],
	leased: ['●', 'working'],
	failed: ['✗', 'danger'],
	cancelled: ['✗', 'dim'],
	blocked: ['⊘', 'dim'],
	delayed: ['◌', 'dim'],
};

/** Tasks below those that they wait for, each once: `├ ✓ t-2 Tax`. */
const branches = (
	tasks: readonly Task[],
	parent: string,
	lead: string,
	seen: Set<string>,
): readonly {readonly lead: string; readonly task: Task}[] => {
	const ids = new Set(tasks.map(({id}) => id));
	const parentOf = ({after}: Task): string => after.findLast(id => ids.has(id)) ?? '';
	const own = tasks.filter(task => parentOf(task) === parent && !seen.has(task.id));
	for (const {id} of own) seen.add(id);
	return own.flatMap((task, at) => {
		const isLast = at === own.length - 1;
		return [{lead: `${lead}${isLast ? '└ ' : '├ '}`, task}, ...branches(tasks, task.id, `${lead}${isLast ? '  ' : '│ '}`, seen)];
	});
};

const MOST_TREE = 16;

/** The plan of the task's feature as it runs: how much is merged, and its tasks under what they wait for. */
export const featureLines = (task: Task, drawing: Drawing, columns: number): readonly Line[] => {
	const id = featureOf(task);
	const {features, tasks} = drawing.snapshot.team;
	const feature = features.get(id);
	const own = [...tasks.values()].filter(one => one.feature === id && one.id !== id);
	if (id === '' || own.length === 0) return [];
	const merged = feature?.merged ?? own.filter(({state}) => state === 'merged').length;
	const total = feature?.total ?? own.length;
	const tree = branches(own, '', '', new Set());
	const progress: Line = [span(` ${bar(total > 0 ? merged / total : 0, 12)}`, 'good'), span(` ${merged} of ${total} merged`)];
	return [
		progress,
		...tree.slice(0, MOST_TREE).map(({lead, task: one}): Line => {
			const [glyph, tone] = SIGNS[one.state] ?? ['·', 'plain'];
			const word = one.state === 'leased' ? one.stage : stateWord(one);
			const name = `${one.id === task.id ? '▸' : ''}${said(one.id)} ${said(one.title)}`;
			const room = Math.max(8, columns - lead.length - 14);
			return [
				span(` ${lead}`, 'dim'),
				span(`${glyph} `, tone),
				span(cell(name, room), one.id === task.id ? 'strong' : 'plain'),
				span(` ${cut(word, 10)}`, 'dim'),
			];
		}),
		...(tree.length > MOST_TREE ? [[span(` ${tree.length - MOST_TREE} more`, 'dim')] as Line] : []),
	];
};
