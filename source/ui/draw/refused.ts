import {agentName} from '../../core/agent.ts';
import {keyLabel} from '../keymap.ts';
import type {Drawing} from './context.ts';
import {cut} from './text.ts';

/** What a terminal shows that is too small for the room: the sizes, and where the keys go while somebody types into a pane that is not seen. */
export const refusedWords = ({layout, state, keymap, isAscii}: Drawing): readonly string[] => {
	const {columns, rows} = layout;
	const sizes = [`Terminal is ${columns}x${rows}.`, 'agent-room needs 40x10.'];
	// In two rows where one would cut the numbers off.
	const words = rows > 1 && sizes.join(' ').length > columns ? sizes : [sizes.join(' ')];
	if (!state.typing || rows <= words.length) return words;
	return [...words, cut(`TYPE ${agentName(state.typing)}: ${keyLabel(keymap.leader, isAscii)} room`, columns)];
};
