import {execFile} from 'node:child_process';
import type {TerminalControl} from './control.ts';

const TIMEOUT_MS = 2000;

/**
 * What the tmux around this terminal does with sequences for the terminal outside of it, what that one is called, and whether whoever attached
 * to it last came over SSH. Undefined outside of tmux, and where tmux does not answer.
 */
export const readTmuxFacts = (environment: NodeJS.ProcessEnv): Promise<Extract<TerminalControl, {type: 'tmux'}> | undefined> =>
	new Promise(resolve => {
		if (!environment.TMUX) return resolve(undefined);
		// A session knows the environment of its newest client (`update-environment`).
		const asked = '#{SSH_CONNECTION}\n#{client_termname} #{client_termtype}';
		const words = ['show-options', '-Apv', 'allow-passthrough', ';', 'display-message', '-p', asked];
		execFile('tmux', words, {env: environment, timeout: TIMEOUT_MS}, (error, stdout) => {
			const [passes = '', ssh = '', ...name] = stdout.split('\n');
			const passthrough = passes === 'on' || passes === 'all';
			resolve(error ? undefined : {type: 'tmux', passthrough, isRemote: ssh !== '', terminal: name.join(' ').trim().slice(0, 100)});
		});
	});
