import type {Palette} from './palette.ts';
import type {Line} from './text.ts';

/** One row as the chrome's terminal reads it; `isSelected` inverts the whole row, whatever its tones. */
export const paint = (line: Line, palette: Palette, isSelected: boolean): string =>
	line
		.map(({text, tone}) => {
			const colours = palette[tone];
			const parameters = [colours, isSelected && !colours.startsWith('7') && tone !== 'badge' ? '7' : ''].filter(Boolean).join(';');
			return parameters ? `\x1b[${parameters}m${text}\x1b[0m` : text;
		})
		.join('');
