import {Box} from 'ink';
import {memo} from 'react';
import type {Frame} from '../draw/frame.ts';
import {PieceBox} from './piece-box.tsx';

/** The chrome of one view: exactly as large as the terminal, its pieces at their places, later ones over earlier ones. */
export const Chrome = memo(({frame, columns, rows}: {readonly frame: Frame; readonly columns: number; readonly rows: number}) => (
	<Box width={columns} height={rows} overflow="hidden">
		{frame.pieces.map(piece => (
			<PieceBox key={piece.id} piece={piece} />
		))}
	</Box>
));
