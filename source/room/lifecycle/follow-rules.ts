import {pricesAfter} from '../../core/config/rules.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {ConfigSource} from '../parts/options.ts';
import type {Room} from '../parts/parts.ts';

const BANNER = 'rules';
const MOST = 200;

/**
 * Takes up the user's rules file whenever it has changed: running agents are read with it from then on. No agent can write it, so it needs no
 * trust. One that cannot be used is told and changes nothing.
 */
export const followRules =
	({facts, record}: Pick<Room, 'facts' | 'record'>, source: ConfigSource | undefined) =>
	async (): Promise<void> => {
		try {
			const found = await source?.newRules();
			if (!found) return;
			const {rules: before, ...options} = facts.options;
			const prices = pricesAfter(facts.config.prices, before, found.rules);
			facts.take({...options, config: {...facts.config, prices}, ...(found.rules ? {rules: found.rules} : {})});
			record.setBanner(BANNER, undefined);
			facts.log(found.rules ? `the rules file of ${found.rules.dated} was taken` : 'the rules file is gone: the built-in rules hold');
		} catch (error) {
			const text = cleanText(String((error as Error).message), MOST);
			record.setBanner(BANNER, {severity: 'warning', text: `The rules file has changed and cannot be used: ${text}`});
		}
	};
