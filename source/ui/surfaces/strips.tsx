import {Box} from 'ink';
import type {Drawing} from '../draw/context.ts';
import {useView} from '../hooks/view.ts';
import {zoomHeader} from '../panels/pane.ts';
import {Row, Rows} from '../parts/row.tsx';
import {attentionLines, hintLine} from '../screen/bottom.ts';
import {headerLine} from '../screen/header.ts';
import {refusedWords} from '../screen/notice.ts';
import {pageContent} from '../screen/registry.ts';
import {fill, span} from '../text/text.ts';

const header = (drawing: Drawing) =>
	fill(
		pageContent(drawing)?.header ?? (drawing.layout.kind === 'zoom' ? zoomHeader(drawing) : headerLine(drawing)),
		drawing.layout.columns,
	);
export const Header = () => <Row line={useView(header)} />;

const attention = (drawing: Drawing) => attentionLines(drawing, drawing.layout.attention.length);
export const Attention = () => (
	<Box flexDirection="column">
		<Rows lines={useView(attention)} />
	</Box>
);

const hints = (drawing: Drawing) => fill(hintLine(drawing), drawing.layout.columns);
export const Hints = () => <Row line={useView(hints)} />;

const refused = (drawing: Drawing) => {
	const words = refusedWords(drawing);
	return {top: Math.max(0, Math.floor((drawing.layout.rows - words.length) / 2)), lines: words.map(text => [span(text)])};
};
/** The whole screen of a terminal that is too small. */
export const Refused = () => {
	const {top, lines} = useView(refused);
	return (
		<Box flexDirection="column" paddingTop={top}>
			<Rows lines={lines} />
		</Box>
	);
};
