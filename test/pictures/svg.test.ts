import {expect, test} from 'vitest';
import {createHeadlessScreen} from '../../source/terminal/screen/screen.ts';
import {svgOf} from './svg.ts';

test('a screen is a picture cell for cell: colours, attributes, wide characters, and no markup of what was printed', () => {
	const screen = createHeadlessScreen({columns: 20, rows: 2, scrollback: 0});
	screen.write('a<b> & \u001b[1;31mred\u001b[0m 合\r\n\u001b[7minverse\u001b[0m \u001b[48;2;1;2;3m \u001b[0m');
	const svg = svgOf(screen, 'A <title>');
	expect(svg).toContain('<title>A &lt;title&gt;</title>');
	expect(svg).toContain('>a&lt;b&gt; &amp; </text>');
	expect(svg).toMatch(/<text x="58\.8" y="12\.92" textLength="25\.2" fill="#e06c75" font-weight="bold">red<\/text>/);
	expect(svg).toMatch(/textLength="16\.8">合<\/text>/);
	expect(svg).toMatch(/<rect [^>]* fill="#d4d7dd"\/><text [^>]* fill="#14161a">inverse<\/text>/);
	expect(svg).toMatch(/<rect x="67\.2" y="17" width="8\.4" height="17" fill="#010203"\/>/);
	screen.dispose();
});
