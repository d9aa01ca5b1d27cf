import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {cellWidth} from '../../../../source/terminal/text/widths.ts';
import {foldParts, type Part} from '../../../../source/ui/draw/fold.ts';
import {readFilter} from '../../../../source/ui/model/filter.ts';
import type {AgentRow} from '../../../../source/ui/state/rows.ts';
import {drawn} from '../../fixtures/drawn.ts';
import {drive} from '../../fixtures/driver.ts';
import {agent, ago, room, task} from '../../fixtures/room.ts';

const HOSTILE = [
	'plain',
	'x'.repeat(500),
	'\u001b[2J\u001b]0;owned\u0007',
	'漢字かな漢字かな',
	'👩‍👩‍👧‍👦 \u202e \ud800',
	'',
	'  ',
	's:blocked !p:1',
	'a\nb\tc',
];
const STATES = ['ready', 'blocked', 'delayed', 'leased', 'merged', 'failed', 'cancelled'];
const STAGES = ['develop', 'review', 'audit', 'test', 'merge', 'plan'];
const STATUSES = ['idle', 'working', 'needs-input', 'crashed', 'stalled', 'paused', 'rate-limited', 'stopped'];
const KEYS = [
	'j',
	'k',
	'l',
	'h',
	'G',
	'g',
	'v',
	'*',
	's',
	'J',
	'K',
	'+',
	'-',
	'esc',
	'enter',
	'space',
	'p',
	'x',
	'r',
	'R',
	'D',
	'y',
	'tab',
	'n',
	't',
	'/',
	'1',
	'2',
	'ctrl+d',
	'alt+t',
	'w',
	'a',
];

const text = fc.constantFrom(...HOSTILE);
const rooms = fc
	.array(
		fc.record({
			state: fc.constantFrom(...STATES),
			stage: fc.constantFrom(...STAGES),
			title: text,
			reason: text,
			owner: fc.nat(12),
			priority: fc.nat(100),
		}),
		{maxLength: 40},
	)
	.chain(tasks =>
		fc.array(fc.record({status: fc.constantFrom(...STATUSES), reason: text, task: fc.nat(40)}), {maxLength: 60}).map(agents =>
			room({
				agents: agents.map((one, at) =>
					agent('dev', at + 1, {...one, task: `t-${one.task}`, question: one.reason, questionId: 'q', statusAt: ago(at)}),
				),
				tasks: tasks.map((one, at) =>
					task(`t-${at}`, {
						...one,
						owner: one.state === 'leased' ? `agent:dev:${String(one.owner).padStart(3, '0')}` : '',
						doneAt: ago(60),
						updatedAt: ago(60),
					}),
				),
			}),
		),
	);

describe('whatever a room holds and whatever is pressed', () => {
	test('every row of the screen has its width, and nothing of a title reaches the terminal', () => {
		const sizes = fc.record({columns: fc.integer({min: 40, max: 170}), rows: fc.integer({min: 10, max: 50})});
		fc.assert(
			fc.property(rooms, sizes, fc.array(fc.constantFrom(...KEYS), {maxLength: 7}), (snapshot, size, keys) => {
				const driver = drive(snapshot, size).keys('t', ...keys);
				for (const {rect, rows} of drawn(driver).parts) {
					for (const shown of rows) {
						expect(cellWidth(shown)).toBe(rect.columns);
						expect(shown).not.toMatch(/\p{Cc}/u);
					}
				}
			}),
			{numRuns: 40, seed: 6},
		);
	});

	test('a filter takes any text, and one with `!` before each word never shows what it shows without', () => {
		const words = fc.array(
			fc.constantFrom('s:', 's:dead', 'state:r', 'p:1', 'p:9', 'a:dev-1', 't:', '!', '!!', 'x:y', 'tax', ':', 'agent:'),
			{maxLength: 4},
		);
		const facts = {words: ['tax rounding'], s: 'dead working', r: 'developer', a: 'dev-1', t: 't-1', p: 'P1'};
		fc.assert(
			fc.property(words, all => {
				const told = readFilter(all.join(' '))(facts);
				expect(typeof told).toBe('boolean');
				for (const word of all.filter(one => /^[a-z]+:?\S+$/.test(one) && !one.endsWith(':')))
					expect(readFilter(`!${word}`)(facts)).toBe(!readFilter(word)(facts));
			}),
			{numRuns: 200, seed: 6},
		);
	});
});

describe('groups that are folded', () => {
	const rowsOf = (name: string, count: number): readonly AgentRow[] =>
		Array.from(
			{length: count},
			(_, at) =>
				({id: `${name}-${at}`, name, look: 'working', agent: undefined, task: undefined, text: '', since: 0, group: 'working'}) as const,
		);
	const counts = fc.record({needs: fc.nat(20), review: fc.nat(10), working: fc.nat(80), idle: fc.nat(80)});

	test('fill the place that there is exactly, never lose who is selected, and never hide who needs somebody', () => {
		fc.assert(
			fc.property(counts, fc.integer({min: 3, max: 60}), fc.nat(200), (sizes, height, pick) => {
				const parts = (['needs', 'review', 'working', 'idle'] as const)
					.map(
						(group): Part => ({heading: `${group} ${sizes[group]}`, tone: 'plain', note: '', members: rowsOf(group, sizes[group]), group}),
					)
					.filter(({members}) => members.length > 0);
				const all = parts.flatMap(({members}) => members.map(({id}) => id));
				const selected = all[pick % Math.max(1, all.length)] ?? '';
				const folded = foldParts(parts, height, selected);
				const shown = folded.flatMap(({members}) => members.map(({id}) => id));
				const isFolded = shown.length < all.length;
				if (isFolded) expect(shown.length + folded.length).toBe(height);
				expect(shown.includes(selected)).toBe(selected !== '');
				for (const [at, {group, heading, members, note}] of folded.entries()) {
					expect([group, heading]).toEqual([parts[at]?.group, parts[at]?.heading]);
					const count = parts[at]?.members.length ?? 0;
					if (group === 'needs' || group === 'review') expect(members.length).toBe(count);
					expect(note !== '').toBe(members.length < count);
				}
			}),
			{numRuns: 500, seed: 6},
		);
	});
});
