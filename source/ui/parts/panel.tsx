import {Box} from 'ink';
import {memo, type ReactNode} from 'react';
import {type Edge as EdgeOf, edgeOf, sideOf} from '../text/box.ts';
import type {Line, Tone} from '../text/text.ts';
import {Row} from './row.tsx';
import {T} from './tone.tsx';

/** Ink has no titles in borders, so edges are rows. */
const Edge = memo((edge: EdgeOf) => (
	<Box flexShrink={0}>
		<Row line={edgeOf(edge)} />
	</Box>
));

/** Limit of a frame's height; content-high frames clip the rest. */
const HIGHEST = 200;

/** Sides in a tone, maybe inverse: Ink's borders only have colours. */
const Side = memo(
	({
		left,
		rows = HIGHEST,
		isHeavy,
		tone,
	}: {
		readonly left: number;
		readonly rows?: number | undefined;
		readonly isHeavy: boolean;
		readonly tone: Tone;
	}) => (
		<Box position="absolute" left={left} top={0} bottom={0} width={1} overflow="hidden">
			<Box flexShrink={0}>
				<T tone={tone}>{new Array<string>(rows).fill(sideOf(isHeavy)).join('\n')}</T>
			</Box>
		</Box>
	),
);

const NOTHING: Line = [];

export type PanelFrame = {
	readonly columns: number;
	readonly rows?: number | undefined;
	readonly most?: number | undefined;
	readonly title: Line;
	readonly titleRight?: Line | undefined;
	readonly footer?: Line | undefined;
	/** Heavy lines mark the focus without colour. */
	readonly isHeavy?: boolean;
	readonly tone?: Tone | undefined;
};

/** A frame of these cells, or content-high: title in the upper border, notes in both. Clips its content. */
export const Panel = ({
	columns,
	rows,
	most,
	title,
	titleRight = NOTHING,
	footer = NOTHING,
	isHeavy = false,
	tone = 'plain',
	children,
}: PanelFrame & {readonly children?: ReactNode}) => {
	const height = rows === undefined ? undefined : Math.max(0, rows - 2);
	return (
		<Box flexDirection="column" width={columns} height={rows} maxHeight={most} flexShrink={0}>
			<Edge place="top" isHeavy={isHeavy} start={title} end={titleRight} columns={columns} tone={tone} />
			<Box paddingX={1} height={height} flexShrink={most === undefined ? 0 : 1} overflow="hidden">
				<Side left={0} rows={height} isHeavy={isHeavy} tone={tone} />
				<Side left={columns - 1} rows={height} isHeavy={isHeavy} tone={tone} />
				<Box flexDirection="column" width={columns - 2} height={height} overflow="hidden" flexShrink={0}>
					<Box flexDirection="column" width={columns - 2} flexShrink={0}>
						{children}
					</Box>
				</Box>
			</Box>
			<Edge place="bottom" isHeavy={isHeavy} start={NOTHING} end={footer} columns={columns} tone={tone} />
		</Box>
	);
};
