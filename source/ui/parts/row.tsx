import {Text} from 'ink';
import {memo, use} from 'react';
import {PaletteContext} from '../hooks/view.ts';
import {type Line, type Span, type Tone, wrap} from '../text/text.ts';
import {inPlace} from './in-place.ts';
import {looksOf, T} from './tone.tsx';

const joined = (line: Line): Line => {
	const parts: Span[] = [];
	for (const part of line) {
		const last = parts.at(-1);
		if (part.text === '') continue;
		if (last?.tone === part.tone) parts[parts.length - 1] = {text: last.text + part.text, tone: last.tone};
		else parts.push(part);
	}
	return parts;
};

/** One row of text, at its builder's width. Equal data is the same object (`useView`), so it only renders on changes. */
export const Row = memo(({line, isOn = false}: {readonly line: Line; readonly isOn?: boolean}) => {
	const palette = use(PaletteContext);
	const parts = joined(line);
	const [first = BLANK] = parts;
	// Ink gives an empty text no row, so it becomes a blank.
	if (parts.length < 2)
		return (
			<Text wrap="truncate" {...looksOf(palette, first.tone, isOn)}>
				{first.text}
			</Text>
		);
	return (
		<Text wrap="truncate">
			{inPlace(parts, ({text, tone}) => (
				<Text {...looksOf(palette, tone, isOn)}>{text}</Text>
			))}
		</Text>
	);
});
const BLANK: Span = {text: ' ', tone: 'plain'};

/** Rows below each other; `band` of them, from `selected` on, are an inverse band. */
export const Rows = ({
	lines,
	selected = -1,
	band = 1,
}: {
	readonly lines: readonly Line[];
	readonly selected?: number;
	readonly band?: number | undefined;
}) => inPlace(lines, (line, index) => <Row line={line} isOn={selected >= 0 && index >= selected && index < selected + band} />);

/** Text in at most `most` rows of `columns` cells, the last cut with an ellipsis. */
export const Words = memo(
	({text, columns, most, tone = 'plain'}: {readonly text: string; readonly columns: number; readonly most: number; readonly tone?: Tone}) =>
		inPlace(wrap(text, columns, most), row => <T tone={tone}>{row}</T>),
);
