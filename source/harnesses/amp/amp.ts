import type {Cli} from '../shared/cli.ts';
import {HEADLESS_ONLY} from '../shared/headless.ts';

/** Amp, headless only, written from its manual. Never run: it needs its own paid service. */
export const amp: Cli = {
	...HEADLESS_ONLY,
	name: 'amp',
	title: 'Amp',
	package: '@sourcegraph/amp',
	verified: '',
	tellsNoUsage: true,
	login: 'amp login',
	home: [
		{below: '.local/share/amp', live: ['secrets.json']},
		{below: '.config/amp', shown: ['settings.json']},
	],
	hosts: ['ampcode.com', '*.ampcode.com'],
	loginEnvironment: ['AMP_API_KEY', 'AMP_URL'],
	loginSigns: {environment: ['AMP_API_KEY'], files: ['~/.local/share/amp/secrets.json']},
	launch: ({program, prompt, permissions}) => ({
		command: [...program, ...(permissions === 'full' ? ['--dangerously-allow-all'] : []), '--execute', prompt],
		environment: {},
		files: [],
	}),
	readLine: line => ({readings: [], text: line}),
};
