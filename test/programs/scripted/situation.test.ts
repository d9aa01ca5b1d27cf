import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {keepBothSides} from '../../../source/programs/scripted/conflict.ts';
import {chooseSteps, matches, readSituation} from '../../../source/programs/scripted/situation.ts';
import {pressed, questionLines, readKeys} from '../../../source/programs/scripted/terminal.ts';

const ask = {question: 'Proceed?', choices: ['Yes', 'Always', 'No']};
const noDiff = async (): Promise<string> => '';

describe('keys', () => {
	test('are read the same however their bytes arrive', () => {
		fc.assert(
			fc.property(
				fc.array(fc.constantFrom('a', '1', 'é', '\r', '\u007f', '\u0003', '\u001b[A', '\u001b[B', '\u001bOA', '\u001b[1;5C')),
				pieces => {
					const whole = readKeys(pieces.join('')).keys;
					let rest = '';
					const single = [...pieces.join('')].flatMap(character => {
						const read = readKeys(rest + character);
						rest = read.rest;
						return read.keys;
					});
					const flat = (keys: typeof whole) => keys.flatMap(key => (key.name === 'text' ? [...key.text] : [key.name]));
					expect(flat(single)).toEqual(flat(whole));
					expect(rest).toBe('');
				},
			),
		);
	});

	test('a lone escape waits for what follows', () => {
		expect(readKeys('\u001b')).toEqual({keys: [], rest: '\u001b'});
		expect(readKeys('\u001bx')).toEqual({keys: [{name: 'escape'}, {name: 'text', text: 'x'}], rest: ''});
	});
});

describe('the permission box', () => {
	test('takes a digit, the arrows with enter, and escape as its last choice', () => {
		const box = {ask, marked: 0};
		expect(pressed(box, {name: 'text', text: '2'})).toEqual({chosen: 1});
		expect(pressed(box, {name: 'text', text: '4'})).toBe(box);
		expect(pressed({ask, marked: 2}, {name: 'down'})).toEqual({ask, marked: 0});
		expect(pressed({ask, marked: 0}, {name: 'up'})).toEqual({ask, marked: 2});
		expect(pressed({ask, marked: 1}, {name: 'enter'})).toEqual({chosen: 1});
		expect(pressed(box, {name: 'escape'})).toEqual({chosen: 2});
	});

	test('numbers its choices and marks one', () => {
		const lines = questionLines({ask: {...ask, detail: 'npm test'}, marked: 1}, 30);
		expect(lines).toContain('   npm test');
		expect(lines).toContain('   1. Yes');
		expect(lines).toContain(' ❯ 2. Always');
		expect(lines.join('\n')).not.toContain('no answer');
		const waits = questionLines({ask: {...ask, waitMs: 20_000, otherwise: 2}, marked: 1}, 30);
		expect(waits.at(-1)).toBe(' no answer for 20 s: it continues with 2');
	});
});

describe('a conflict', () => {
	test('keeps both sides, and of three-way markers not the ancestor', () => {
		const text = 'top\n<<<<<<< HEAD\nours\n||||||| base\nold\n=======\ntheirs\n>>>>>>> main\nend\n';
		expect(keepBothSides(text)).toBe('top\nours\ntheirs\nend\n');
	});

	test('a file without one stays as it is, rules of equal signs too', () => {
		fc.assert(
			fc.property(
				fc.string().filter(text => !text.includes('<<<<<<<')),
				text => {
					expect(keepBothSides(text)).toBe(text);
				},
			),
		);
		expect(keepBothSides('Title\n=======\ntext')).toBe('Title\n=======\ntext');
	});
});

describe('a condition', () => {
	const situation = readSituation({AGENT_ROOM_TASK: 't-1', AGENT_ROOM_ATTEMPT: '2', AGENT_ROOM_ROUND: '1'}, 'it conflicts in `a`', '/w');

	test('holds when everything in it holds, a list as one of them', async () => {
		expect(await matches(undefined, situation, noDiff)).toBe(true);
		expect(await matches({attempt: [1, 2], task: 't-1', round: 1, briefHas: 'conflicts in'}, situation, noDiff)).toBe(true);
		expect(await matches({attempt: 1, task: 't-1'}, situation, noDiff)).toBe(false);
		expect(await matches({briefHas: 'tests failed'}, situation, noDiff)).toBe(false);
	});

	test('reads the diff only when it is about it', async () => {
		const fail = async (): Promise<string> => Promise.reject(new Error('was read'));
		expect(await matches({attempt: 1, diffHas: 'x'}, situation, fail)).toBe(false);
		expect(await matches({diffLacks: '+test'}, situation, async () => '+code')).toBe(true);
		expect(await matches({diffLacks: '+test'}, situation, async () => '+test')).toBe(false);
	});

	test('the first script that fits is chosen, and without one the role’s own default', async () => {
		const script = {scripts: [{when: {task: 't-2'}, steps: [{say: 'two'}]}, {steps: [{say: 'any'}]}]};
		expect(await chooseSteps(script, situation, noDiff)).toEqual([{say: 'any'}]);
		const reviewer = readSituation({AGENT_ROOM_STAGE: 'review'}, '', '/w');
		expect((await chooseSteps(undefined, reviewer, noDiff)).at(-1)).toMatchObject({done: {verdict: 'approve'}});
	});
});
