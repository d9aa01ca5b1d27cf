import {Box, Text} from 'ink';
import {memo} from 'react';
import type {Piece} from '../draw/frame.ts';

const isSame = (before: Piece, after: Piece): boolean =>
	before.rect.x === after.rect.x &&
	before.rect.y === after.rect.y &&
	before.rect.columns === after.rect.columns &&
	before.rows.length === after.rows.length &&
	before.rows.every((row, index) => row === after.rows[index]);

/** One rectangle of painted rows; drawn again only when a row of it changed. */
export const PieceBox = memo(
	({piece}: {readonly piece: Piece}) => (
		<Box position="absolute" left={piece.rect.x} top={piece.rect.y} width={piece.rect.columns} height={piece.rows.length} overflow="hidden">
			<Text wrap="truncate">{piece.rows.join('\n')}</Text>
		</Box>
	),
	(before, after) => isSame(before.piece, after.piece),
);
