import {expect, test} from 'vitest';
import {missingVariable, neededVariables} from '../../../source/harnesses/codex/set-up.ts';

test('Codex names the variable that its provider misses, and its settings say which one it is', () => {
	expect(missingVariable(['', 'ERROR: Missing environment variable: `SHOP_KEY`.'])).toBe('SHOP_KEY');
	expect(missingVariable(['Missing environment variable: `a b`'])).toBe('');
	const settings =
		'model_provider = "shop"\n\n[model_providers.other]\nenv_key = "OTHER"\n[model_providers.shop]\nname = "Shop"\nenv_key = "SHOP_KEY"\n';
	expect(neededVariables(settings)).toEqual(['SHOP_KEY']);
	expect(neededVariables(settings.replace('model_provider = "shop"\n', ''))).toEqual([]);
});
