import {Box} from 'ink';
import {agentName} from '../../../core/agent/agent.ts';
import {type Drawing, onceFor, paneOf, teamNow} from '../../draw/context.ts';
import {usePage} from '../../hooks/page.ts';
import {keyLabel} from '../../keymap/keymap.ts';
import {needsYou, panelRows} from '../../model/attention.ts';
import {STATUS_STYLES} from '../../model/status-styles.ts';
import {ageInList, clock} from '../../model/time.ts';
import {needsYouLine} from '../../panels/pane.ts';
import {BoxPanel, boxData} from '../../parts/box.tsx';
import {inPlace} from '../../parts/in-place.ts';
import {NO_OVERFLOW, type PageContent} from '../../state/descriptor.ts';
import type {WallPage} from '../../state/pages.ts';
import type {BoxContent} from '../../text/box.ts';
import {inside, type Rect} from '../../text/layout.ts';
import {cut, dropRight, fill, type Line, lineWidth, said, span, spread, wrap} from '../../text/text.ts';
import {bodyOf, grownRect, LEAST, tilesOf} from './tiles.ts';

/** That a tile shows the lower left part of its screen only. */
const cutMark = ({columns, rows}: {readonly columns: number; readonly rows: number}, shown: Rect): string =>
	rows > shown.rows || columns > shown.columns ? `part of ${columns}x${rows}${columns > shown.columns ? ' ›' : ''}` : '';

/** Why a tile has no cells. */
const bare = (drawing: Drawing, agent: string, {columns}: Rect): readonly Line[] => {
	const {team, room} = drawing.snapshot;
	const known = team.agents.get(agent);
	const why =
		known && known.room !== room.id && known.room !== ''
			? `Its room${known.host ? ` on ${said(known.host, 40)}` : ''} is not there.`
			: 'Not started yet.';
	return [[], ...wrap(why, columns - 4, 2).map((row): Line => [span(` ${row}`, 'dim')])];
};

const tileBox = (drawing: Drawing, page: WallPage, agent: string, rect: Rect): BoxContent => {
	const {state, snapshot, keymap, isAscii} = drawing;
	const now = teamNow(drawing);
	const row = panelRows(snapshot, now).find(({id}) => id === agent);
	const style = STATUS_STYLES[row?.look ?? 'idle'];
	const isTyping = state.typing === agent;
	const isSelected = page.selected === agent;
	const info = paneOf(drawing, agent);
	const name = said(row?.name ?? agentName(agent), 24);
	const mark = state.marks[1].includes(agent) ? '*' : '';
	const task = row?.task ? ` ${said(row.task.id)} ${row.task.title}` : '';
	const age = row ? ageInList(row.since, now) : '';
	const look = `${style.badge.slice(0, 1)} ${style.word}`;
	const left = rect.columns - 4 - age.length - 3;
	const title: Line = isTyping
		? [span(`TYPING INTO ${name}`, 'typing')]
		: [
				span(`${isSelected ? '▸' : ''}${mark}${name} `, isSelected ? 'strong' : 'plain'),
				span(look, style.tone),
				span(cut(task, Math.max(0, left - name.length - mark.length - look.length - 3))),
			];
	const cutText = info ? cutMark(info, inside(rect)) : '';
	const problem = snapshot.panes.get(agent)?.elsewhere?.problem ?? '';
	const notes: Line = problem
		? [span(cut(said(problem, 200), rect.columns - 6), 'warning')]
		: isTyping
			? [span(`${keyLabel(keymap.leader, isAscii)} back to wall`, 'typing')]
			: [...(state.pins.includes(agent) ? [span(cutText ? 'pinned · ' : 'pinned', 'dim')] : []), span(cutText, 'dim')];
	return {
		rect,
		title,
		titleRight: [span(age, style.group === 'needs' ? 'strong' : 'dim')],
		footer: lineWidth(notes) > 0 ? notes : [],
		lines: info ? [] : bare(drawing, agent, rect),
		selected: -1,
		isHeavy: (isSelected || isTyping) && !state.dialog,
		tone: isTyping ? 'typing' : 'plain',
	};
};

const header = (drawing: Drawing, shown: number, all: number): Line => {
	const {layout, snapshot, now} = drawing;
	const needs = needsYou(snapshot, teamNow(drawing));
	const marked = drawing.state.marks[1].length;
	const name: Line = [span(' agent-room › wall  ', 'strong')];
	const end: Line = [span(`  ${clock(now)} `)];
	const parts: readonly Line[] = [
		...(snapshot.redis.isConnected ? [] : [[span(' REDIS DISCONNECTED ', 'badge')]]),
		...(snapshot.team.control.frozen ? [[span(' ‖ FROZEN ‖ ', 'frozen')]] : []),
		...(needs > 0 ? [needsYouLine(needs, true)] : []),
		[span(shown < all ? `${shown} of ${all} agents` : `${all} agents`)],
		...(marked > 0 ? [[span(`${marked} marked`, 'strong')]] : []),
	];
	return spread([...name, ...dropRight(parts, layout.columns - lineWidth(name) - lineWidth(end), '   ')], end, layout.columns);
};

/** Why there is no wall, in its place. */
const instead = ({layout, snapshot}: Drawing): string =>
	layout.columns < LEAST.columns || layout.rows < LEAST.rows
		? `The wall needs a terminal of ${LEAST.columns}x${LEAST.rows}. This one is ${layout.columns}x${layout.rows}.`
		: [...snapshot.team.agents.values()].some(({status}) => status !== 'stopped')
			? ''
			: 'No agents yet: their panes appear here.';

const wall = onceFor((drawing, page: WallPage) => {
	const {layout, state} = drawing;
	const body = bodyOf(layout);
	const why = instead(drawing);
	if (why !== '') {
		const words = wrap(why, layout.columns - 4, 3).map((row): Line => [span(` ${row}`, 'dim')]);
		const rect = {...body, rows: layout.rows - 2 - Math.max(1, layout.attention.length)};
		const box: BoxContent = {rect, title: [], lines: [[], ...words], selected: -1, isHeavy: true, tone: 'plain'};
		return {header: fill([span(' wall', 'strong')], layout.columns), tiles: [], boxes: [box], grown: undefined, agents: []};
	}
	const agents = tilesOf(page, layout);
	const typed = agents.find(({agent}) => agent === state.typing);
	const grown = typed && grownRect(typed.rect, body);
	return {
		header: header(drawing, agents.length, page.places.length),
		tiles: agents,
		boxes: agents.map(({agent, rect}) => tileBox(drawing, page, agent, rect)),
		grown: typed && grown && tileBox(drawing, page, typed.agent, grown),
		agents,
	};
});

const shown = (drawing: Drawing, page: WallPage) => {
	const {boxes, grown} = wall(drawing, page);
	return {boxes: boxes.map(boxData), grown: grown && boxData({...grown, lines: Array.from({length: grown.rect.rows}, (): Line => [])})};
};

const Placed = ({box}: {readonly box: ReturnType<typeof boxData>}) => (
	<Box position="absolute" marginLeft={box.rect.x} marginTop={box.rect.y - 1}>
		<BoxPanel {...box} />
	</Box>
);

/** The frames; the compositor fills in the cells of the panes. */
export const WallPanels = () => {
	const page = usePage('wall', shown);
	return (
		page && (
			<>
				{inPlace(page.boxes, box => (
					<Placed box={box} />
				))}
				{page.grown && <Placed box={page.grown} />}
			</>
		)
	);
};

export const wallContent = (drawing: Drawing, page: WallPage): PageContent => {
	const {header: line, tiles, grown} = wall(drawing, page);
	const {snapshot, state} = drawing;
	const live = tiles
		.filter(({agent}) => agent !== state.typing && snapshot.panes.has(agent))
		.map(({agent, rect}) => ({agent, rect: inside(rect), isSelected: agent === page.selected}));
	return {
		header: line,
		overflow: NO_OVERFLOW,
		targets: tiles.map(({agent, rect}) => ({rect, column: 'tile', id: agent})),
		pane: grown && {agent: state.typing, rect: inside(grown.rect)},
		tiles: live,
	};
};
