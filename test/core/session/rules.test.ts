import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {configSchema} from '../../../source/core/config/config.ts';
import {pricesAfter, rulesFileSchema} from '../../../source/core/config/rules.ts';
import {cliRulesSchema, joinRules, matchRow, readByRules} from '../../../source/core/session/rules.ts';
import {CLIS} from '../../../source/harnesses/clis.ts';
import {withRules} from '../../../source/harnesses/shared/with-rules.ts';
import {root} from '../../helpers/program.ts';
import {processorMs} from '../../helpers/wait.ts';

const rules = (screen: readonly object[], hooks = {}) => cliRulesSchema.parse({screen, hooks});

describe('rules of an agent CLI', () => {
	test('are plain text with anything between, and a countdown', () => {
		expect(matchRow('retrying in {seconds}s', '  ⎿ 429 retrying in 25s · attempt 3/10')).toBe(25_000);
		expect(matchRow('retrying in {seconds}', 'retrying in 7')).toBe(7000);
		expect(matchRow('429*attempt', 'error 429 at attempt')).toBe(0);
		for (const row of ['retrying in a while', 'attempt 429']) expect(matchRow('retrying in {seconds}s', row)).toBeUndefined();
		expect(matchRow('429*attempt', 'attempt 429')).toBeUndefined();
	});

	test('take one pass over a row, whatever it holds', () => {
		const shows = `${'abc*'.repeat(8)}xyz`;
		const row = 'abc'.repeat(100_000);
		const tookMs = processorMs(() => {
			for (let times = 0; times < 100; times++) matchRow(shows, row);
		});
		expect(tookMs).toBeLessThan(1000);
	});

	test('say what a screen means, and never hide what its CLI asks', () => {
		const {claude} = CLIS;
		if (!claude) throw new Error('no claude');
		const read = withRules(claude, () => rules([{shows: 'Waiting for the cloud', state: 'rate-limited', reason: 'no capacity'}]));
		expect(read.readScreen(['', 'Waiting for the cloud…'])).toMatchObject({source: 'screen', state: 'rate-limited', reason: 'no capacity'});
		const dialog = readFileSync(join(root, 'test/fixtures/clis/claude/bash.120x40.txt'), 'utf8').split('\n');
		const own = claude.readScreen(dialog);
		expect(own?.state).toBe('needs-input');
		expect(withRules(claude, () => rules([{shows: 'Do you want to proceed', state: 'working'}])).readScreen(dialog)).toEqual(own);
		// An event that asks keeps its meaning; another may have a new name.
		const hooks = withRules(claude, () => rules([], {PermissionRequest: 'Stop', TurnEnded: 'Stop'}));
		expect(hooks.isQuestion('PermissionRequest')).toBe(true);
		expect(hooks.readHook('TurnEnded', {})).toEqual(claude.readHook('Stop', {}));
	});

	test('are those that hold at that moment, of the harness before those of the file', () => {
		const {claude} = CLIS;
		if (!claude) throw new Error('no claude');
		const own = rules([{shows: 'on standby', state: 'idle', reason: 'own'}], {Ended: 'Stop'});
		let file: ReturnType<typeof rules> | undefined;
		const read = withRules(claude, () => joinRules(own, file));
		expect(read.readScreen(['far away'])).toBeUndefined();
		file = rules(
			[
				{shows: 'far away', state: 'rate-limited'},
				{shows: 'on standby', state: 'working'},
			],
			{Ended: 'Notification'},
		);
		expect(read.readScreen(['far away'])).toMatchObject({state: 'rate-limited', sign: 'rule `far away`'});
		expect(read.readScreen(['on standby'])).toMatchObject({state: 'idle'});
		expect(read.readHook('Ended', {})).toEqual(claude.readHook('Stop', {}));
	});

	test('that are replaced take their prices along, and leave those of the configuration', () => {
		const file = (prices: object) => rulesFileSchema.parse({dated: '2026-12-02', prices});
		const [one, two, own] = [
			{in: 1, out: 1},
			{in: 2, out: 2},
			{in: 9, out: 9},
		];
		const before = file({'gpt-7': one, 'gpt-8': one, 'gpt-9': one});
		expect(pricesAfter({'gpt-7': one, 'gpt-8': own, 'gpt-9': one}, before, file({'gpt-7': two, 'gpt-8': two}))).toEqual({
			'gpt-7': two,
			'gpt-8': own,
		});
		expect(pricesAfter({'gpt-8': own}, undefined, undefined)).toEqual({'gpt-8': own});
	});

	test('are refused if they are no data, or would fit anything', () => {
		for (const shows of ['', '*', 'ab', '{seconds}s', `${'a b c '.repeat(50)}`, 'abc\u001b[2J', 'abc*'.repeat(9)])
			expect(() => rules([{shows, state: 'idle'}])).toThrow();
		expect(() => rules([{shows: 'abc', state: 'crashed'}])).toThrow();
		expect(() => configSchema.parse({harnesses: {x: {command: ['x'], rules: {screen: []}}}})).toThrow('need `cli`');
		expect(readByRules(rules([{shows: 'May I', state: 'needs-input'}]).screen, ['May I go on?'])?.question?.text).toBe('May I go on?');
	});
});
