import {describe, expect, test} from 'vitest';
import {DEFAULT_DISPLAY} from '../../../source/core/config/display.ts';
import {capabilitiesOf, isLightBy, readBackground} from '../../../source/ui/view/capabilities.ts';

describe('what a terminal can do', () => {
	test.each([
		[{TERM: 'xterm'}, '16'],
		[{TERM: 'linux'}, '16'],
		[{TERM: 'tmux-256color'}, '256'],
		[{TERM: 'xterm-256color', COLORTERM: 'truecolor'}, 'truecolor'],
		[{TERM: 'xterm-kitty'}, 'truecolor'],
		[{TERM: 'xterm-256color', TERM_PROGRAM: 'WezTerm'}, 'truecolor'],
		[{TERM: 'xterm-256color', NO_COLOR: '1'}, 'none'],
		[{TERM: 'dumb', COLORTERM: 'truecolor'}, 'none'],
		[{TERM: 'xterm-256color', AGENT_ROOM_THEME: 'mono'}, 'none'],
		[{TERM: 'xterm-kitty', AGENT_ROOM_THEME: 'ansi'}, '16'],
		[{TERM: 'xterm', FORCE_COLOR: '3', NO_COLOR: '1'}, 'truecolor'],
		[{TERM: 'xterm-kitty', FORCE_COLOR: '0'}, 'none'],
	] as const)('%o shows the colours `%s`', (environment, colors) => {
		expect(capabilitiesOf(environment).colors).toBe(colors);
	});

	test('a line over SSH is given time for the rest of a sequence, and fewer pictures', () => {
		expect(capabilitiesOf({TERM: 'xterm'})).toMatchObject({escapeMs: 25, paneMs: 30});
		expect(capabilitiesOf({TERM: 'xterm', SSH_CONNECTION: '10.0.0.1 5 10.0.0.2 22'})).toMatchObject({escapeMs: 50, paneMs: 100});
	});

	test('a locale with an old character set gets ASCII unless a person says otherwise', () => {
		expect(capabilitiesOf({LANG: 'de_DE.ISO-8859-1'}).isAscii).toBe(true);
		expect(capabilitiesOf({LANG: 'de_DE.ISO-8859-1', AGENT_ROOM_ASCII: '0'}).isAscii).toBe(false);
		expect([{}, {LANG: 'C'}, {LANG: 'de_DE.UTF-8'}, {LC_ALL: 'C.utf8'}].map(given => capabilitiesOf(given).isAscii)).toEqual(
			Array(4).fill(false),
		);
	});
});

describe('what a person wants', () => {
	const display = {...DEFAULT_DISPLAY, theme: 'light', ascii: true, mouse: true, reduceMotion: true} as const;

	test('comes from the environment of the terminal over the configuration', () => {
		expect(capabilitiesOf({TERM: 'xterm'}, display)).toMatchObject({
			theme: 'light',
			isAscii: true,
			hasMouse: true,
			isStill: true,
			paneMs: 500,
		});
		const environment = {AGENT_ROOM_THEME: 'dark', AGENT_ROOM_ASCII: '0', AGENT_ROOM_MOUSE: 'off', AGENT_ROOM_REDUCE_MOTION: 'no'};
		expect(capabilitiesOf(environment, display)).toMatchObject({theme: 'dark', isAscii: false, hasMouse: false, isStill: false});
	});

	test('a theme that there is not is refused with those that there are', () => {
		expect(capabilitiesOf({AGENT_ROOM_THEME: 'pink'})).toMatchObject({
			theme: 'auto',
			refusals: ['Unknown theme `pink`. Use one of auto, dark, light, ansi, daltonized, mono.'],
		});
	});
});

describe('the background', () => {
	const told = (text: string) => readBackground(Buffer.from(text));

	test('is guessed from COLORFGBG', () => {
		expect(['0;15', '0;default;15', '12;7', '15;0', '15;default;0', '7;8', '', 'default'].map(isLightBy)).toEqual([
			...[true, true, true],
			...[false, false, false, false, false],
		]);
	});

	test.each([
		['\x1b]11;rgb:ffff/ffff/ffff\x07', 'light'],
		['\x1b]11;rgb:0000/2b2b/3636\x1b\\', 'dark'],
		['\x1b]11;rgb:fd/f6/e3\x1b\\', 'light'],
		['\x1b]11;rgba:ffff/ffff/ffff/8000\x07', 'light'],
		['\x1b]11;#fdf6e3\x07', 'light'],
		['\x1b]11;#1e1e1e\x07', 'dark'],
		['\x1b[?997;1n', 'dark'],
		['\x1b[?997;2n', 'light'],
		['\x1b]11;?\x07', undefined],
		['\x1b]10;rgb:ffff/ffff/ffff\x07', undefined],
		['\x1b[?1;2c', undefined],
	])('is read from the answer %j', (answer, background) => {
		expect(told(answer)).toBe(background);
	});
});
