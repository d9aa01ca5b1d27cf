import xterm from '@xterm/headless';
import stringWidth from 'string-width';
import {describe, expect, test} from 'vitest';
import {createCompositor} from '../../source/terminal/compositor.ts';
import {screenOf} from './screens.ts';

const CLUSTERS = ['⚠️', '✔️', '❤️', 'ℹ️', '▶️', '1️⃣', '👍🏽', '☝🏽', '👨‍👩‍👧', '🏳️‍🌈', '👩🏽‍💻', '✅', '🇩🇪', 'é', '한', '❤', '1', '©'];

describe('characters of several code points', () => {
	test.each(CLUSTERS)('%s takes as many cells as programs count', text => {
		// Programs that draw frames count with libraries such as this one; a tone behind a narrow emoji is the exception.
		const width = text === '☝🏽' ? 3 : stringWidth(text);
		expect(screenOf(20, 2, text).cursor.x).toBe(width);
		expect(screenOf(20, 2, `${text}|`).textOf(0)).toBe(`${text}|`);
	});

	test('go to the next row whole where they do not fit', () => {
		const screen = screenOf(4, 3, 'abc⚠️d');
		expect([screen.textOf(0), screen.textOf(1)]).toEqual(['abc', '⚠️d']);
	});

	test('reach the terminal as one character of their width, and leave no ghost where it gives them less', async () => {
		const narrow = new xterm.Terminal({cols: 12, rows: 2, allowProposedApi: true});
		let sent = '';
		const compositor = createCompositor({
			columns: 12,
			rows: 2,
			write: bytes => {
				sent += bytes;
			},
		});
		const chrome = screenOf(12, 2);
		const show = (text: string): void => {
			const pane = screenOf(12, 2, text);
			compositor.compose({chrome, panes: [{screen: pane, x: 0, y: 0, columns: 12, rows: 2, anchor: 'top-left', holes: []}]});
		};
		show('xxxxxxxxxx');
		show('⚠️ok 👨‍👩‍👧|');
		expect(sent).toContain('⚠\ufe0f');
		expect(sent).not.toContain('\u200d');
		await new Promise<void>(resolve => narrow.write(sent, resolve));
		expect(narrow.buffer.active.getLine(0)?.translateToString(true).trimEnd()).toBe('⚠️ ok 👨 |');
	});
});
