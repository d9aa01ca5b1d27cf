import {Box} from 'ink';
import {useMemo} from 'react';
import type {Drawing} from '../draw/context.ts';
import type {PartProps} from '../hooks/kinds.ts';
import {useView} from '../hooks/view.ts';
import {BoxPanel, boxData} from '../parts/box.tsx';
import {Row, Rows} from '../parts/row.tsx';
import {type List, listOf} from '../state/state.ts';
import {type BoxContent, edgeOf} from '../text/box.ts';
import type {Rect} from '../text/layout.ts';
import {fill, type Line, lineWidth, span, spread} from '../text/text.ts';
import {isLive, listBox, listContent, sightOf, tabLine, tabsShown, windowed} from './panels.ts';

/** The list shown in a shared rectangle. */
const sharedList = ({layout: {shown}}: Drawing): List => (shown === undefined ? undefined : listOf(shown)) ?? 1;

/** A panel, or its title alone where it has one row. */
const Folding = (box: ReturnType<typeof boxData>) => {
	const {rect, title, titleRight = []} = box;
	if (rect.rows > 1) return <BoxPanel {...box} />;
	return <Row line={edgeOf({place: 'top', isHeavy: false, start: title, end: titleRight, columns: rect.columns, tone: 'dim'})} />;
};

const sharedBox = (drawing: Drawing, rect: Rect): BoxContent => {
	const {kind, tabs} = drawing.layout;
	const shown = sharedList(drawing);
	// A panel alone in its rectangle has its own title.
	const isAlone = kind === 'wide' && tabsShown(drawing, tabs, shown).length === 1 && shown === 3;
	return listBox(shown, drawing, rect, isAlone ? undefined : tabLine(drawing, tabs, shown, kind === 'wide', rect.columns - 4));
};

export const listPanel =
	(list: List) =>
	({rect}: PartProps) => {
		const select = useMemo(() => (drawing: Drawing) => boxData(listBox(list, drawing, rect)), [rect]);
		return <Folding {...useView(select)} />;
	};

/** Lists in a shared frame, with tabs as title. */
export const SharedPanel = ({rect}: PartProps) => {
	const select = useMemo(() => (drawing: Drawing) => boxData(sharedBox(drawing, rect)), [rect]);
	return <Folding {...useView(select)} />;
};

/** The same on a small screen: a list without frame. */
export const BareList = ({rect}: PartProps) => {
	const select = useMemo(
		() => (drawing: Drawing) => {
			const shown = sharedList(drawing);
			const {lines, selected} = windowed(listContent(shown, drawing, rect.columns, false), rect.rows, isLive(shown));
			return {lines: lines.map(line => fill(line, rect.columns)), selected: drawing.state.focus === 0 ? -1 : selected};
		},
		[rect],
	);
	return (
		<Box flexDirection="column">
			<Rows {...useView(select)} />
		</Box>
	);
};

const withSight = (tabs: Line, sight: string, columns: number): Line =>
	lineWidth(tabs) + sight.length + 2 > columns ? fill(tabs, columns) : spread(tabs, [span(`${sight} `, 'dim')], columns);

const tabs = (drawing: Drawing): Line => {
	const {columns, tabbed, tabs} = drawing.layout;
	const shown = sharedList(drawing);
	if (!tabbed) return fill(tabLine(drawing, tabs, shown, true, columns), columns);
	const {rows} = tabbed;
	const content = listContent(shown, drawing, tabbed.columns, false);
	const {start} = windowed(content, rows, isLive(shown));
	return withSight(tabLine(drawing, tabs, shown, true, columns), sightOf(content, start, rows), columns);
};
export const Tabs = () => <Row line={useView(tabs)} />;
