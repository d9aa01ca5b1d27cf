import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Step} from '../../../source/programs/scripted/script.ts';
import {runApart} from '../../helpers/apart.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {cleanEnvironment, node, type Running, root, startRoomProgram} from '../../helpers/program.ts';
import {openTerminal, type TestTerminal} from '../../helpers/screen.ts';

/** A small repository on a task's branch, and the scripted agent that works in it. */
export type TerminalTools = {
	readonly folder: string;
	git(...args: readonly string[]): string;
	read(file: string): string;
	write(file: string, text: string): void;
	/** Starts it with pipes, as `run` does. */
	start(steps: readonly Step[] | object, environment?: NodeJS.ProcessEnv): Running;
	/** Starts it in a terminal, as a pane does. */
	open(steps: readonly Step[], environment?: NodeJS.ProcessEnv): TestTerminal;
};

export const createTerminalTools = (): TerminalTools => {
	const base = temporaryFolder('desk');
	const folder = join(base, 'w');
	const scriptFile = join(base, 'script.json');
	const git = (...args: readonly string[]): string =>
		runApart('git', ['-c', 'user.name=p', '-c', 'user.email=p@x', ...args], {cwd: folder, env: cleanEnvironment()}).toString();
	const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);
	runApart('git', ['init', '-q', '-b', 'main', folder]);
	write('README.md', '# desk\n\nStatus: new.\n');
	git('add', '-A');
	git('commit', '-qm', 'Begin');
	git('checkout', '-qb', 'agent/t-1-a1');
	const environment = (steps: readonly Step[] | object, more: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
		writeFileSync(scriptFile, JSON.stringify(Array.isArray(steps) ? {scripts: [{steps}]} : steps));
		return {
			AGENT_ROOM_AGENT: 'agent:dev:001',
			AGENT_ROOM_TASK: 't-1',
			AGENT_ROOM_TITLE: 'Say hello',
			AGENT_ROOM_TOKEN: '7:n',
			AGENT_ROOM_BASE: 'main',
			AGENT_ROOM_WORKTREE: folder,
			AGENT_ROOM_SCRIPT: scriptFile,
			...more,
		};
	};
	return {
		folder,
		git,
		read: file => readFileSync(join(folder, file), 'utf8'),
		write,
		start: (steps, more = {}) => startRoomProgram('scripted', environment(steps, more)),
		open: (steps, more = {}) =>
			openTerminal({
				command: [node, join(root, 'dist', 'program.js'), 'scripted'],
				columns: 80,
				rows: 24,
				cwd: folder,
				env: cleanEnvironment(environment(steps, more)),
			}),
	};
};
