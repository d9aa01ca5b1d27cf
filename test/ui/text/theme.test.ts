import {describe, expect, test} from 'vitest';
import {paletteOf, THEMES} from '../../../source/core/config/themes.ts';

/** The 16 colours as terminals ship them: xterm, GNOME and others, Windows, the console of Linux, macOS. */
const TERMINALS = {
	xterm: '000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff',
	tango: '2e3436 cc0000 4e9a06 c4a000 3465a4 75507b 06989a d3d7cf 555753 ef2929 8ae234 fce94f 729fcf ad7fa8 34e2e2 eeeeec',
	windows: '0c0c0c c50f1f 13a10e c19c00 0037da 881798 3a96dd cccccc 767676 e74856 16c60c f9f1a5 3b78ff b4009e 61d6d6 f2f2f2',
	console: '000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa 555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff',
	macos: '000000 990000 00a600 999900 0000b2 b200b2 00a6b2 bfbfbf 666666 e50000 00d900 e5e500 0000ff e500e5 00e5e5 e5e5e5',
} as const;

const luminance = (hex: string): number => {
	const [failingBase = 0, green = 0, blue = 0] = [0, 2, 4]
		.map(at => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
		.map(value => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
	return 0.2126 * failingBase + 0.7152 * green + 0.0722 * blue;
};
/** Contrast as WCAG counts it, 1 to 21. */
const contrast = (a: string, b: string): number => {
	const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((one, other) => other - one);
	return (light + 0.05) / (dark + 0.05);
};

/** The two colours that a tone shows on a terminal, or undefined where it keeps the terminal's own. Dim text is half of the way. */
const coloursOf = (parameters: string, colours: readonly string[], background: string): readonly [string, string] | undefined => {
	const codes = parameters.split(';').filter(Boolean).map(Number);
	const named = (base: number, bright: number): string | undefined => {
		const code = codes.find(one => (one >= base && one < base + 8) || (one >= bright && one < bright + 8));
		return code === undefined ? undefined : colours[code >= bright ? code - bright + 8 : code - base];
	};
	const [text, behind] = [named(30, 90), named(40, 100)];
	if (text === undefined && behind === undefined) return undefined;
	return [text ?? (background === 'ffffff' ? '000000' : 'ffffff'), behind ?? background];
};

describe.each([
	['dark', '000000'],
	['light', 'ffffff'],
] as const)('on a %s background', (name, background) => {
	test.each(['auto', 'daltonized', name] as const)('every tone of the theme %s can be read on every terminal', theme => {
		const palette = paletteOf(theme, name === 'light');
		for (const [terminal, list] of Object.entries(TERMINALS)) {
			for (const [tone, parameters] of Object.entries(palette)) {
				const pair = coloursOf(parameters, list.split(' '), background);
				if (pair) expect(contrast(...pair), `${tone} on ${terminal}: ${pair.join(' on ')}`).toBeGreaterThan(3);
			}
		}
	});
});

test('a theme uses the 16 colours alone, and every word in inverse stays inverse without them', () => {
	for (const theme of THEMES) {
		for (const isLight of [false, true]) {
			const palette = paletteOf(theme, isLight);
			for (const parameters of Object.values(palette)) expect(parameters).toMatch(/^(?:(?:[1247]|3[0-7]|4[0-7]|9[0-7])(?:;|$))*$/);
			for (const tone of ['frozen', 'typing', 'cursor'] as const) expect(palette[tone]).toMatch(/^7/);
		}
	}
});

test('no text is yellow, cyan or green on a light background, and red and green are never told apart by the daltonized theme', () => {
	const letters = (theme: 'light' | 'daltonized', isLight: boolean): string[] =>
		Object.values(paletteOf(theme, isLight)).filter(parameters => !/4\d/.test(parameters));
	for (const theme of ['light', 'daltonized'] as const) expect(letters(theme, true).join(' ')).not.toMatch(/\b[39][236]\b/);
	const {good, danger, warning} = paletteOf('daltonized', false);
	expect([good, danger, warning].join(' ')).not.toMatch(/\b[39][12]\b/);
});
