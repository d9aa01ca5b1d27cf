import type {PaneModes} from '../core/screen.ts';
import type {Token} from './tokenizer.ts';

/**
 * A mouse event of the person's terminal as a pane expects it: in its own cells, in the form that it asked for. `x` and `y`: the cell
 * of the terminal where the pane's first cell stands. Undefined where the pane asked for no mouse or the event is not on it.
 */
export const mouseBytes = (
	token: Token & {type: 'mouse'},
	pane: {readonly x: number; readonly y: number; readonly columns: number; readonly rows: number; readonly modes: PaneModes},
): Uint8Array | undefined => {
	const [x, y] = [token.x - pane.x, token.y - pane.y];
	if (pane.modes.mouse === 'none' || x < 0 || y < 0 || x >= pane.columns || y >= pane.rows) return undefined;
	const match = /<(\d+);/.exec(String.fromCharCode(...token.bytes));
	const code = Number(match?.[1] ?? 0);
	const final = token.action === 'release' ? 'm' : 'M';
	if (pane.modes.sgrMouse) return new TextEncoder().encode(`\x1b[<${code};${x + 1};${y + 1}${final}`);
	// The old form has no room for columns above 223 and says only that some button was released.
	if (x > 222 || y > 222) return undefined;
	const old = token.action === 'release' ? (code & ~3) | 3 : code;
	return Uint8Array.of(0x1b, 0x5b, 0x4d, 32 + old, 33 + x, 33 + y);
};
