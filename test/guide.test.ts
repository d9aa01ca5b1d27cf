import {existsSync, globSync, readdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {TOPICS} from '../source/commands/show/guide.ts';
import {COMMANDS} from '../source/commands/table.ts';
import {CLIS} from '../source/harnesses/clis.ts';
import {oldWordsIn} from './helpers/old-words.ts';
import {root} from './helpers/program.ts';

const folder = join(root, 'source', 'guide');
const files = readdirSync(folder);
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
/** What a person reads before a screen: path and text of each. */
const pages = [...globSync('source/guide/*', {cwd: root}), 'README.md', '.github/CONTRIBUTING.md'].map(file => [file, read(file)] as const);
const guide = pages.filter(([file]) => file.startsWith('source/'));

describe('the guide', () => {
	test('lists every page, and every page has at most 200 lines and says first who needs it', () => {
		expect(files.map(file => file.replace(/\.(md|txt)$/, '')).filter(topic => !TOPICS.includes(topic))).toEqual([]);
		for (const [file, text] of guide) {
			// What a benchmark has written is a table to look things up in.
			const written = text.replace(/^<!-- figures -->$[\s\S]*^<!-- end of the figures -->$/m, '');
			expect(written.split('\n').length, file).toBeLessThanOrEqual(201);
			expect(text, file).toMatch(/^# \S.*\n\n(> )?[A-Z].*/);
		}
		expect(guide.length).toBeGreaterThan(10);
	});

	test.each(pages)('%s has no dead link', (file, text) => {
		const targets = [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
		const local = targets.filter(target => !/^[a-z]+:|^#/.test(target)).map(target => target.replace(/#.*/, ''));
		expect(local.filter(target => !existsSync(join(root, dirname(file), target)))).toEqual([]);
	});

	test.each(guide)('%s names commands and pages that there are', (_file, text) => {
		const named = [...text.matchAll(/(?:`|^ {4})agent-room ([a-z][a-z-]*)(?: ([a-z-]+))?/gm)];
		const names = [...COMMANDS.map(({name}) => name), 'topics', ...TOPICS];
		const unknown = named.filter(([, name = '', topic = 'topics']) => !names.includes(name) || (name === 'help' && !names.includes(topic)));
		expect(unknown.map(([line]) => line.trim())).toEqual([]);
	});

	test.each(pages)('%s has no old word', (_file, text) => {
		// What is printed from a table is written where the table is.
		expect(oldWordsIn(text.replace(/^<!-- (keys|folders): [\s\S]*?^<!-- \/\1 -->$/gm, ''))).toEqual([]);
	});

	test('has a row for each agent CLI with the version that was tested, and none for one that was never run', () => {
		const text = read('source/guide/agent-clis.md');
		for (const {name, title, verified, modes} of Object.values(CLIS)) {
			if (verified === '') {
				expect(text).not.toContain(`| \`${name}\` |`);
				expect(text).toContain(`\`${name}\``);
				continue;
			}
			const screen = modes.includes('interactive') ? 'yes' : 'no';
			expect(text).toMatch(new RegExp(`^\\| \`${name}\` \\| ${title} \\| ${verified.replaceAll('.', '\\.')} \\| ${screen} \\|`, 'm'));
		}
	});
});
