import {type ChildProcessByStdio, spawn} from 'node:child_process';
import type {Readable, Writable} from 'node:stream';
import {gitArguments, gitEnvironment} from './environment.ts';

/** A git process that is used by its streams. */
export type StartedGit = ChildProcessByStdio<Writable, Readable, null>;

/** One that takes longer hangs. */
const PATIENCE_MS = 600_000;

export const startGit = (folder: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): StartedGit =>
	spawn('git', gitArguments(args), {
		cwd: folder,
		env: {...gitEnvironment(), ...more},
		stdio: ['pipe', 'pipe', 'ignore'],
		timeout: PATIENCE_MS,
	});
