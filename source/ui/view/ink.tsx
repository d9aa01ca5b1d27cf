import {Box, type RenderOptions, render, Text} from 'ink';
import {memo} from 'react';
import type {Frame, Piece} from '../screen/frame.ts';

const isSame = (before: Piece, after: Piece): boolean =>
	before.rect.x === after.rect.x &&
	before.rect.y === after.rect.y &&
	before.rect.columns === after.rect.columns &&
	before.rows.length === after.rows.length &&
	before.rows.every((row, index) => row === after.rows[index]);

/** One rectangle of painted rows; drawn again only when a row of it changed. */
const PieceBox = memo(
	({piece}: {readonly piece: Piece}) => (
		<Box position="absolute" left={piece.rect.x} top={piece.rect.y} width={piece.rect.columns} height={piece.rows.length} overflow="hidden">
			<Text wrap="truncate">{piece.rows.join('\n')}</Text>
		</Box>
	),
	(before, after) => isSame(before.piece, after.piece),
);

/** The chrome of one view: exactly as large as the terminal, its pieces at their places, later ones over earlier ones. */
export const Chrome = memo(({frame, columns, rows}: {readonly frame: Frame; readonly columns: number; readonly rows: number}) => (
	<Box width={columns} height={rows} overflow="hidden">
		{frame.pieces.map(piece => (
			<PieceBox key={piece.id} piece={piece} />
		))}
	</Box>
));

/** What Ink draws on one terminal. */
export type InkDrawing = {
	/** Draws the frame anew; Ink writes what differs from its last one. */
	draw(frame: Frame): void;
	end(): void;
};

/** Lets Ink draw frames of `columns` by `rows` on the streams of `options`. */
export const createInkDrawing = (columns: number, rows: number, options: RenderOptions): InkDrawing => {
	let instance: ReturnType<typeof render> | undefined;
	return {
		draw: frame => {
			const tree = <Chrome frame={frame} columns={columns} rows={rows} />;
			if (instance) instance.rerender(tree);
			else instance = render(tree, {...options, maxFps: 1000});
		},
		end: () => {
			instance?.unmount();
			instance?.cleanup();
		},
	};
};
