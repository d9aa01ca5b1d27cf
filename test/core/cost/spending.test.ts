import {expect, test} from 'vitest';
import {priceOf} from '../../../source/core/cost/prices.ts';
import {microsOf} from '../../../source/core/cost/spending.ts';

const usage = {micros: 0, tokensIn: 1_000_000, tokensOut: 100_000, isTotal: true};

test('tokens of a known model cost its list price, those from the cache less', () => {
	expect(microsOf({...usage, model: 'gpt-5-codex'}, {})).toBe(1_250_000 + 1_000_000);
	expect(microsOf({...usage, model: 'gpt-5-codex', cached: 800_000}, {})).toBe(250_000 + 100_000 + 1_000_000);
	// What is read from the cache is a part of what is read.
	expect(microsOf({...usage, model: 'gpt-5-codex', cached: 5_000_000}, {})).toBe(125_000 + 1_000_000);
});

test('a dated name is the same model, another word is not, and what nobody has a price for costs nothing', () => {
	expect(priceOf('gemini-2.5-pro-preview-05-06', {})).toEqual(priceOf('gemini-2.5-pro', {}));
	expect(priceOf('openai/gpt-5-mini-2025-08-07', {})).toEqual(priceOf('gpt-5-mini', {}));
	for (const unknown of ['gpt-5-pro', 'gpt-55', 'claude-opus-5-9', 'scripted-1', '', 'constructor', 'toString'])
		expect(priceOf(unknown, {})).toBeUndefined();
	expect(microsOf({...usage, model: 'gpt-5-pro'}, {})).toBe(0);
	expect(microsOf(usage, {})).toBe(0);
});

test('what a program says itself counts as it is, and a person’s own price comes before the list', () => {
	expect(microsOf({...usage, micros: 41.6, model: 'gpt-5'}, {})).toBe(42);
	expect(microsOf({...usage, model: 'gpt-5-2025-08-07'}, {'gpt-5': {in: 3, out: 1}})).toBe(3_100_000);
	expect(microsOf({...usage, model: 'local/llama'}, {'local/llama': {in: 0, out: 0}})).toBe(0);
	expect(microsOf({...usage, cached: 1_000_000, model: 'mine'}, {mine: {in: 5, out: 0}})).toBe(500_000);
});
