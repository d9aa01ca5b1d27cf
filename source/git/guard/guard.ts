import {existsSync, mkdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {homedir} from 'node:os';
import {join, resolve} from 'node:path';
import {git} from '../process/run.ts';
import type {Repository} from '../repository/repository.ts';
import {lookOf} from '../repository/settings.ts';
import {AFTER_INDEX, CHAIN_AFTER_INDEX, GUARD_FILES} from './hooks.ts';

/** Written atomically: an agent's git may be about to run it. */
const writeScript = (folder: string, name: string, content: string): void => {
	const file = join(folder, name);
	if (existsSync(file) && readFileSync(file, 'utf8') === content) return;
	writeFileSync(`${file}.new-${process.pid}`, content, {mode: 0o755});
	renameSync(`${file}.new-${process.pid}`, file);
};

/**
 * Writes hooks that stop an agent's git from moving foreign refs (the base, the user's repository, any branch for a read-only role) and
 * from pushing other branches than its task's. They prevent accidents. An agent that clears its environment bypasses them for its own
 * repository only: what merges is decided elsewhere.
 */
export const writeRefGuard = (folder: string): void => {
	mkdirSync(folder, {recursive: true, mode: 0o700});
	for (const [name, content] of GUARD_FILES) writeScript(folder, name, content);
};

/**
 * Variables that make every git process of an attempt run the guard, in other repositories without effect. Changes no configuration.
 * `inherited` are the process's other variables.
 */
export const guardEnvironment = async (options: {
	readonly repository: Repository;
	readonly folder: string;
	readonly worktree: string;
	readonly inherited?: Readonly<Record<string, string | undefined>>;
}): Promise<Record<string, string>> => {
	const {repository, folder, worktree, inherited = {}} = options;
	const own = await ownHooks(repository);
	if (existsSync(resolve(worktree, own, AFTER_INDEX))) writeScript(folder, AFTER_INDEX, CHAIN_AFTER_INDEX);
	// Inherited configuration stays; ours follows it, and the last one counts.
	const given = Number.parseInt(inherited.GIT_CONFIG_COUNT ?? '', 10);
	const count = Number.isSafeInteger(given) && given > 0 ? given : 0;
	return {
		GIT_CONFIG_COUNT: String(count + 1),
		[`GIT_CONFIG_KEY_${count}`]: 'core.hooksPath',
		[`GIT_CONFIG_VALUE_${count}`]: folder,
		GIT_NO_REPLACE_OBJECTS: '1',
		AGENT_ROOM_GIT: join(worktree, '.git'),
		AGENT_ROOM_PERSON_GIT: repository.commonDir,
		AGENT_ROOM_HOOKS: own,
	};
};

/** Files of a configuration as they were, and the folder of hooks that they name. */
type KnownHooks = {readonly files: readonly string[]; readonly look: string; readonly own: string};
const known = new Map<string, KnownHooks>();

const looksOf = (files: readonly string[]): string => files.map(lookOf).join('\n');

/** Where git looks for configuration, whether it is there yet or not. */
const usualFiles = (commonDir: string): readonly string[] => [
	'/etc/gitconfig',
	join(homedir(), '.gitconfig'),
	join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'git', 'config'),
	join(commonDir, 'config'),
	join(commonDir, 'config.worktree'),
];

/**
 * Where the user's git looks for hooks; a relative path is of a worktree's top. Ignores agents' configuration. Asked again when a file changes
 * that said it, and each time where files include others.
 */
const ownHooks = async (repository: Repository): Promise<string> => {
	const {root, commonDir} = repository;
	const before = known.get(commonDir);
	if (before && looksOf(before.files) === before.look) return before.own;
	const usual = usualFiles(commonDir);
	const look = looksOf(usual);
	const {stdout} = await git(root, ['config', '--show-scope', '--show-origin', '--list', '-z'], {accept: [1]});
	const fields = stdout.split('\0');
	const entries = fields
		.slice(0, -1)
		.flatMap((scope, at) => (at % 3 === 0 ? [{scope, origin: fields[at + 1] ?? '', entry: fields[at + 2] ?? ''}] : []));
	// Our git always disables hooks, so the config files are read without that.
	const written = entries.filter(({scope}) => scope !== 'command');
	const isNamed = written.some(({entry}) => /^core\.hookspath(?:\n|$)/.test(entry));
	const own = (isNamed && (await namedHooks(root))) || join(commonDir, 'hooks');
	const others = written.flatMap(({origin}) => (origin.startsWith('file:') ? [resolve(root, origin.slice('file:'.length))] : []));
	const isAlone = !written.some(({entry}) => /^include(?:if)?\./.test(entry));
	// What was changed while git read it is not known.
	if (isAlone && looksOf(usual) === look) {
		const files = [...new Set([...usual, ...others])];
		known.set(commonDir, {files, look: looksOf(files), own});
	} else known.delete(commonDir);
	return own;
};

/** The last folder that a configuration file names, as git reads paths. */
const namedHooks = async (root: string): Promise<string> => {
	const {code, stdout} = await git(root, ['config', '--show-scope', '--type=path', '--get-all', 'core.hooksPath'], {accept: [1]});
	const scoped = stdout.split('\n').flatMap(line => {
		const [scope, ...path] = line.split('\t');
		return scope && scope !== 'command' ? [path.join('\t')] : [];
	});
	return (code === 0 && scoped.at(-1)) || '';
};
