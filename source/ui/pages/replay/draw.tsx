import {Box} from 'ink';
import {dollars} from '../../../core/text/format.ts';
import {type Drawing, onceFor, teamNow} from '../../draw/context.ts';
import {usePage} from '../../hooks/page.ts';
import {MERGE_STYLES, mergeRows} from '../../model/merges.ts';
import {counts} from '../../model/queue.ts';
import {age, ageOf, momentText, serverNow} from '../../model/time.ts';
import {agentsList} from '../../panels/agents.ts';
import {locksList} from '../../panels/locks.ts';
import {queueList} from '../../panels/queue.ts';
import {boxData, PanelOf} from '../../parts/box.tsx';
import {inPlace} from '../../parts/in-place.ts';
import type {PageContent} from '../../state/descriptor.ts';
import type {ReplayPage} from '../../state/pages.ts';
import {initialState} from '../../state/state.ts';
import {type BoxContent, windowStart} from '../../text/box.ts';
import {cell, dropRight, type Line, lineWidth, span, spread, widthOf} from '../../text/text.ts';
import {entryLines} from '../events/draw.tsx';
import {positionOf} from './replay.ts';

type Shown = NonNullable<ReplayPage['shown']>;

const PARTS = ['Agents', 'Queue', 'Locks', 'Merges'] as const;

/** Draws the past with its own clock and state, without the live room's selection and filters. */
const then = (drawing: Drawing, {snapshot, past}: Shown): Drawing => ({
	...drawing,
	state: initialState,
	snapshot,
	now: past.moment.at - snapshot.clockOffset,
});

const orders = ({team}: Shown['past']): Line => {
	const {frozen, paused, drained, failingBase} = team.control;
	const word = frozen ? 'FROZEN' : paused ? 'ALL PAUSED' : drained ? 'DRAINED' : '';
	return [
		...(word ? [span(`‖ ${word}`, 'paused')] : []),
		...(failingBase ? [span(`${word ? ' ' : ''}✗ base branch failing`, 'danger')] : []),
	];
};

const header = (drawing: Drawing, page: ReplayPage): Line => {
	const {layout, now, snapshot} = drawing;
	const {shown, play, speed} = page;
	const word: Line = [span(' REPLAY ', 'frozen'), span(' ')];
	const live: Line = [span('↵', 'strong'), span(' live ')];
	if (!shown) return spread(word, live, layout.columns);
	const at = positionOf(page, now);
	const local = at - snapshot.clockOffset;
	const working = [...shown.past.team.agents.values()].filter(({task}) => task !== '').length;
	const {queued, merging, merged} = counts(shown.snapshot);
	const {spent} = shown.past.team.control;
	const must: Line = [...word, span(momentText(local, now), 'strong'), span(` · ${age(serverNow(snapshot, now) - at)} ago`)];
	const told = orders(shown.past);
	const parts: readonly Line[] = [
		play ? [span(`playing ${speed}x`, 'good')] : [span(speed === 1 ? 'paused' : `paused ${speed}x`, 'dim')],
		...(told.length > 0 ? [told] : []),
		[span(`${working} running`)],
		[span(`queued ${queued} merging ${merging}`)],
		[span(`${merged} merged`)],
		...(spent > 0 ? [[span(dollars(spent))] as Line] : []),
	];
	const gap = layout.columns >= 100 ? '   ' : '  ';
	return spread([...must, span(gap), ...dropRight(parts, layout.columns - lineWidth(must) - gap.length - 8, gap)], live, layout.columns);
};

const scrubber = ({shown, ...page}: ReplayPage, {now, snapshot}: Drawing, columns: number): Line => {
	if (!shown) return [];
	const {oldest, newest} = shown.past;
	const from = momentText(oldest.at - snapshot.clockOffset, now);
	const to = momentText(newest.at - snapshot.clockOffset, now);
	const room = columns - widthOf(from) - widthOf(to) - 6;
	if (room < 6) return [];
	const whole = Math.max(1, newest.at - oldest.at);
	const place = Math.min(room - 1, Math.max(0, Math.round(((positionOf({shown, ...page}, now) - oldest.at) / whole) * (room - 1))));
	return [
		span(` ${from} │`, 'dim'),
		span('─'.repeat(place), 'working'),
		span('●', 'strong'),
		span('─'.repeat(room - 1 - place), 'dim'),
		span(`│ ${to} `, 'dim'),
	];
};

const mergeLines = (drawing: Drawing, columns: number): readonly Line[] =>
	mergeRows(drawing.snapshot).map(({task, place, state}): Line => {
		const {glyph, word, tone} = MERGE_STYLES[state];
		return [
			span(`${(place > 0 ? String(place) : '·').padStart(3)} `, 'dim'),
			span(`${cell(task.id, 8)} ${cell(task.title, columns - 31)} `),
			span(cell(`${glyph} ${word}`, 11), tone),
			span(` ${ageOf(task.stageAt, teamNow(drawing)).padStart(4)} `, 'dim'),
		];
	});

const linesOf = (part: number, drawing: Drawing, columns: number): readonly Line[] => {
	const {snapshot} = drawing;
	if (part === 3) {
		const lines = mergeLines(drawing, columns);
		return lines.length > 0 ? lines : [[span(' The merge queue was empty.', 'dim')]];
	}
	if (part === 0 && snapshot.team.agents.size === 0) return [[span(' No agents had joined yet.', 'dim')]];
	if (part === 2 && snapshot.team.locks.size === 0) return [[span(' No locks were held.', 'dim')]];
	const content = part === 0 ? agentsList(drawing, columns, true) : part === 1 ? queueList(drawing, columns) : locksList(drawing, columns);
	if (part === 1 && content.total === 0) return [[span(' The task queue was empty.', 'dim')]];
	return content.lines
		.slice(0, content.lines.length)
		.map(([first, ...rest]) => (first ? [first.text === '▸' ? span(' ', first.tone) : first, ...rest] : rest));
};

const countOf = (part: number, {snapshot}: Drawing): number =>
	[snapshot.team.agents.size, counts(snapshot).queued, snapshot.team.locks.size, mergeRows(snapshot).length][part] ?? 0;

const partBox = (
	part: number,
	drawing: Drawing,
	page: ReplayPage,
	rect: BoxContent['rect'],
	isTabbed: boolean,
): BoxContent & {readonly over: number} => {
	const isFocused = page.part === part;
	const lines = linesOf(part, drawing, rect.columns - 2);
	const height = Math.max(0, rect.rows - 2);
	const over = Math.max(0, lines.length - height);
	const scroll = isFocused ? Math.min(page.scroll, over) : 0;
	const tabs: Line = PARTS.map((name, index) =>
		index === part ? span(`[${name} ${countOf(index, drawing)}]`, 'strong') : span(` ${name} `, 'dim'),
	);
	return {
		rect,
		title:
			isTabbed && lineWidth(tabs) + 12 <= rect.columns
				? tabs
				: [span(`${PARTS[part]} ${countOf(part, drawing)}`, isFocused ? 'strong' : 'plain')],
		titleRight: isTabbed ? [span('tab', 'dim')] : [],
		footer: over > 0 ? [span(`${scroll + 1}-${scroll + height} of ${lines.length}`, 'dim')] : [],
		lines: lines.slice(scroll, scroll + height),
		selected: -1,
		isHeavy: isFocused && !isTabbed,
		tone: 'paused',
		over,
	};
};

const whereOf = ({moment, oldest, after, gone}: Shown['past']): string => {
	if (moment.at <= oldest.at) return gone > 0 ? `oldest event: ${gone.toLocaleString('en')} older ones were deleted` : 'oldest event';
	return after.length > 0 ? 'below the mark: next events' : 'newest event';
};

const happened = (drawing: Drawing, page: ReplayPage, {past}: Shown, rect: BoxContent['rect']): BoxContent => {
	const bar = scrubber(page, drawing, rect.columns - 2);
	const lead = bar.length > 0 ? [bar] : [];
	const height = Math.max(1, rect.rows - 2 - lead.length);
	const at = past.before.length - 1;
	const all = [...past.before, ...past.after];
	// The moment is low: what led to it matters more than what followed.
	const from = Math.max(0, Math.min(windowStart(all.length, height, Math.max(0, at)), at - Math.floor(height * 0.7)));
	const shown = all.slice(from, from + height);
	const lines = entryLines(shown, drawing, rect.columns - 2, at - from).map((line, index) =>
		from + index > at ? line.map(part => ({...part, tone: 'dim' as const})) : line,
	);
	return {
		rect,
		title: [span('Events so far', 'strong')],
		titleRight: rect.columns < 60 ? [] : [span(whereOf(past), 'dim')],
		lines: [...lead, ...(all.length > 0 ? lines : [[span(' None yet.', 'dim')] as Line])],
		selected: at >= 0 ? lead.length + at - from : -1,
		isHeavy: false,
		tone: 'paused',
	};
};

const nothing = ({missing}: ReplayPage): readonly Line[] => {
	const words =
		missing === 'away'
			? ['Redis disconnected: the event log loads when it reconnects.']
			: missing === 'gone'
				? ['Cannot show this moment: the event log does not reach it.', 'esc  back to events']
				: ['Reading…'];
	return [[], ...words.map((text): Line => [span(` ${text}`, 'dim')])];
};

type Boxes = {
	readonly isWide: boolean;
	readonly parts: readonly (BoxContent & {readonly over: number})[];
	readonly happened: BoxContent | undefined;
};

const panels = onceFor((drawing, page: ReplayPage): Boxes => {
	const {layout} = drawing;
	const {columns} = layout;
	const body = layout.rows - 2 - Math.max(1, layout.attention.length);
	const {shown} = page;
	if (!shown) {
		const rect = {x: 0, y: 1, columns, rows: body};
		const box = {rect, title: [span('Replay', 'strong')], lines: nothing(page), selected: -1, isHeavy: false, tone: 'paused'} as const;
		return {isWide: false, parts: [], happened: box};
	}
	const old = then(drawing, shown);
	const isWide = columns >= 100 && body >= 24;
	const bottom = isWide ? Math.max(10, Math.floor(body * 0.34)) : Math.max(5, Math.floor(body * 0.46));
	const top = body - bottom;
	const happenedBox = happened(drawing, page, shown, {x: 0, y: 1 + top, columns, rows: bottom});
	if (!isWide) {
		const box = partBox(page.part, old, page, {x: 0, y: 1, columns, rows: top}, true);
		return {isWide, parts: [box], happened: happenedBox};
	}
	const left = Math.floor(columns * 0.5);
	const third = Math.floor(top / 3);
	const right = {x: left, columns: columns - left};
	const parts = [
		partBox(0, old, page, {x: 0, y: 1, columns: left, rows: top}, false),
		partBox(1, old, page, {...right, y: 1, rows: top - 2 * third}, false),
		partBox(2, old, page, {...right, y: 1 + top - 2 * third, rows: third}, false),
		partBox(3, old, page, {...right, y: 1 + top - third, rows: third}, false),
	];
	return {isWide, parts, happened: happenedBox};
});

/** The room at a past moment; read-only. */
export const ReplayPanels = () => {
	const page = usePage('replay', shown);
	const [agents, ...others] = page?.parts ?? [];
	return (
		page && (
			<Box flexDirection="column">
				<Box>
					<PanelOf box={agents} />
					<Box flexDirection="column">
						{inPlace(others, box => (
							<PanelOf box={box} />
						))}
					</Box>
				</Box>
				<PanelOf box={page.happened} />
			</Box>
		)
	);
};
const shown = (drawing: Drawing, page: ReplayPage) => {
	const {parts, happened: last} = panels(drawing, page);
	return {parts: parts.map(({over: _over, ...box}) => boxData(box)), happened: last && boxData(last)};
};

export const replayPage = (drawing: Drawing, page: ReplayPage): PageContent => {
	const {isWide, parts} = panels(drawing, page);
	return {header: header(drawing, page), overflow: [parts[isWide ? page.part : 0]?.over ?? 0, 0]};
};
