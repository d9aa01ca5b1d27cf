import {execFile} from 'node:child_process';
import type {TerminalControl} from './control.ts';

const TIMEOUT_MS = 2000;

/**
 * What the tmux around this terminal does with sequences for the terminal outside of it, and what that one is called. Undefined outside of
 * tmux, and where tmux does not answer.
 */
export const readTmuxFacts = (environment: NodeJS.ProcessEnv): Promise<Extract<TerminalControl, {type: 'tmux'}> | undefined> =>
	new Promise(resolve => {
		if (!environment.TMUX) return resolve(undefined);
		const words = ['show-options', '-Apv', 'allow-passthrough', ';', 'display-message', '-p', '#{client_termname} #{client_termtype}'];
		execFile('tmux', words, {env: environment, timeout: TIMEOUT_MS}, (error, stdout) => {
			const [passes = '', ...name] = stdout.split('\n');
			resolve(
				error ? undefined : {type: 'tmux', passthrough: passes === 'on' || passes === 'all', terminal: name.join(' ').trim().slice(0, 100)},
			);
		});
	});
