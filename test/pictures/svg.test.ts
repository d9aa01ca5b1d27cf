import {expect, test} from 'vitest';
import {createHeadlessScreen} from '../../source/terminal/screen/screen.ts';
import {filmOf, frameOf, LOOKS, svgOf} from './svg.ts';

const screenOf = (text: string, columns = 20) => {
	const screen = createHeadlessScreen({columns, rows: 2, scrollback: 0});
	screen.write(text);
	return screen;
};

test('a screen is a picture cell for cell: colours, attributes, wide characters, and no markup of what was printed', () => {
	const screen = screenOf('a<b> & \u001b[1;31mred\u001b[0m 合\r\n\u001b[7minverse\u001b[0m \u001b[48;2;1;2;3m \u001b[0m');
	const svg = svgOf(screen, 'A <title>');
	expect(svg).toContain('<title>A &lt;title&gt;</title>');
	expect(svg).toContain('>a&lt;b&gt; &amp;</text>');
	// A browser that drops the spaces at the ends of a text stretches the rest over its length.
	expect(svg).toContain('<style>text{white-space:pre}</style>');
	expect(svg).toMatch(/<text x="58\.8" y="12\.92" textLength="25\.2" fill="#e06c75" font-weight="bold">red<\/text>/);
	expect(svg).toMatch(/textLength="16\.8" lengthAdjust="\w+">合<\/text>/);
	expect(svg).toMatch(/<rect [^>]* fill="#d4d7dd"\/>.*<text [^>]* fill="#14161a">inverse<\/text>/);
	expect(svg).toMatch(/<rect x="67\.2" y="17" width="8\.4" height="17" fill="#010203"\/>/);
	expect(svgOf(screen, '', LOOKS.light)).toContain(`fill="${LOOKS.light.ansi[1]}"`);
	screen.dispose();
});

test('frames and bars are shapes that meet at the edges of their cells, whatever the font', () => {
	const screen = screenOf('╭──╮█▄\r\n┃ab┃');
	const svg = svgOf(screen, '');
	expect(svg).not.toMatch(/<text[^>]*>[^<]*[─╭╮┃█▄]/);
	// From the middle of the first cell to that of the fourth in one row of strokes.
	expect(svg).toContain('M8.4 8.5H8.2Q4.2 8.5 4.2 12.5V17');
	expect(svg).toContain('M8.4 8.5H25.2');
	expect(svg).toContain('M25.2 8.5H25.4Q29.4 8.5 29.4 12.5V17');
	// Where it ends, the heavy line of the next row begins.
	expect(svg).toContain('M4.2 17V34');
	expect(svg).toMatch(/<rect x="33\.6" y="0" width="8\.4" height="17"/);
	expect(svg).toMatch(/<rect x="42" y="8\.5" width="8\.4" height="8\.5"/);
	screen.dispose();
});

test('a film holds each row once, ends where it stays, and stands still for whoever wants that', () => {
	const frames = ['one\r\nsame', 'two\r\nsame'].map(text => {
		const screen = screenOf(text);
		const frame = frameOf(screen, 500, LOOKS.dark);
		screen.dispose();
		return frame;
	});
	const svg = filmOf(frames, {columns: 20, rows: 2}, 'film', LOOKS.dark);
	expect(svg.match(/>same<\/text>/g)).toHaveLength(1);
	expect(svg).toContain('@keyframes f0{0%{visibility:visible}50%{visibility:hidden}}#f0{animation:f0 1s step-end infinite}');
	expect(svg).toContain('@keyframes f1{0%{visibility:hidden}50%{visibility:visible}}');
	expect(svg).toMatch(/<g id="f0" class="f">.*\n<g id="f1"><use/);
	expect(svg).toContain('prefers-reduced-motion:reduce');
});
