import type {Cli} from '../shared/cli.ts';
import {HEADLESS_ONLY} from '../shared/headless.ts';

/** Cline, headless only, written from its manual. The meaning of its lines is unverified, so they are only shown. */
export const cline: Cli = {
	...HEADLESS_ONLY,
	name: 'cline',
	title: 'Cline',
	package: 'cline',
	verified: '',
	login: 'cline auth',
	home: [{below: '.cline', copied: ['data/secrets.json', 'data/globalState.json']}],
	hosts: ['*.cline.bot', 'openrouter.ai', 'api.anthropic.com'],
	loginEnvironment: ['OPENROUTER_API_KEY'],
	launch: ({program, prompt}) => ({command: [...program, '--json', prompt], environment: {}, files: []}),
	readLine: line => ({readings: [], text: line}),
};
