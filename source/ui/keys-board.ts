import type {KeyRow} from './key-row.ts';

/** Keys of the board. */
export const BOARD_KEYS = [
	{scope: 'board', keys: ['l'], action: 'right', label: 'column', help: 'column to the right (h to the left)', group: '', order: 2},
	{scope: 'board', keys: ['/'], action: 'filter', label: 'filter', help: 'filter the board', group: '', order: 20},
	{scope: 'board', keys: ['s'], action: 'sort', label: 'sort', help: 'sort by order, age or cost', group: '', order: 21},
] as const satisfies readonly KeyRow[];
