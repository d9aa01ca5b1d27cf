import {execFile, spawn} from 'node:child_process';
import {createInterface} from 'node:readline/promises';
import {findOnPath} from '../../os/find-program.ts';
import {findInstaller, type Installer, installServer, type Wanted} from '../../os/packages/managers.ts';
import {ownPrograms, ownProgramsFolder, pathWithOwnPrograms, removeOwnPrograms} from '../../os/packages/own-programs.ts';
import {canUnpack, type RunCommand as RunCommands, UnpackFailed, unpackPrograms} from '../../os/packages/unpack.ts';
import {platform} from '../../os/platform.ts';
import {findServerBinary} from '../../redis/server/binary.ts';

import {CommandError, EXIT, type Invocation, isSet, notReady, type RunCommand, textFlag, wordsOf, wrongUsage} from '../parse/command.ts';
import {didYouMean} from '../parse/parse.ts';
import {plainJson} from '../parse/print.ts';

/** `redis, git and tmux`. */
const inWords = (names: readonly string[]): string => names.join(', ').replace(/, ([^,]*)$/, ' and $1');

const EXTRAS = ['redis-cli', 'tmux', 'ps', 'valkey', 'tcc'] as const satisfies readonly Wanted[];

const extrasOf = (invocation: Invocation): readonly Wanted[] => {
	const asked = wordsOf(textFlag(invocation, 'with'));
	const unknown = asked.find(name => !EXTRAS.some(extra => extra === name));
	if (unknown !== undefined)
		throw wrongUsage(`Unknown value \`${unknown}\` of \`--with\`.`, didYouMean(unknown, EXTRAS, `Use ${inWords(EXTRAS)}.`));
	return EXTRAS.filter(extra => asked.includes(extra));
};

/** Includes the sandbox where one exists; a room opens without it, and says so. */
const wantedBy = (invocation: Invocation): readonly Wanted[] => [
	...(['redis', 'git'] as const),
	...(platform.sandbox === 'bubblewrap' ? (['bubblewrap'] as const) : []),
	...extrasOf(invocation),
];
const isNeeded = (name: Wanted): boolean => name !== 'bubblewrap';

const PROGRAMS: Readonly<Record<Exclude<Wanted, 'redis'>, readonly string[]>> = {
	git: ['git'],
	bubblewrap: ['bwrap'],
	'redis-cli': ['redis-cli', 'valkey-cli'],
	tmux: ['tmux'],
	ps: ['ps'],
	valkey: ['valkey-server'],
	tcc: ['tcc'],
};

const SERVERS = ['redis-server', 'valkey-server'];

/** Either server suits the room (`redis`), and either CLI a human; unpacked ones count. */
const isHere = (name: Wanted, {environment}: Invocation): boolean => {
	const path = pathWithOwnPrograms(environment);
	return name === 'redis'
		? findServerBinary({...environment, PATH: path}) !== undefined
		: PROGRAMS[name].some(program => findOnPath(program, path) !== undefined);
};

const missingOf = (invocation: Invocation): readonly Wanted[] => wantedBy(invocation).filter(name => !isHere(name, invocation));

const runQuietly: RunCommands = ([program = '', ...args], {isLook} = {isLook: false}) =>
	new Promise(resolve => {
		const child = execFile(program, args, {maxBuffer: 16e6}, (error, stdout) => {
			resolve({code: error ? (typeof error.code === 'number' ? error.code : 127) : 0, stdout});
		});
		if (!isLook) child.stderr?.pipe(process.stderr, {end: false});
		child.stdin?.end();
	});

/** Runs a command on this terminal, its output on stderr so that stdout stays ours; resolves with its exit code. */
const runHere = ([program = '', ...args]: readonly string[]): Promise<number> =>
	new Promise(resolve => {
		const child = spawn(program, args, {stdio: ['inherit', process.stderr, process.stderr]});
		child.once('error', () => resolve(127));
		child.once('exit', code => resolve(code ?? EXIT.failed));
	});

const agrees = async (lines: readonly string[], question: string): Promise<boolean> => {
	if (!process.stdin.isTTY || !process.stdout.isTTY)
		throw notReady('no-terminal', 'No terminal to ask in.', 'To skip the question: `agent-room setup --yes`.');
	const terminal = createInterface({input: process.stdin, output: process.stdout});
	try {
		for (const line of lines) process.stdout.write(`${line}\n`);
		return /^y(?:es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
	} finally {
		terminal.close();
	}
};

const finish = (invocation: Invocation, installed: readonly Wanted[]): number => {
	const here = wantedBy(invocation).filter(name => isHere(name, invocation));
	const text = installed.length > 0 ? `Installed: ${inWords(installed)}.` : `Already installed: ${inWords(here)}.`;
	invocation.print(isSet(invocation, 'json') ? plainJson({installed}) : text);
	return EXIT.ok;
};

/** A missing sandbox is no failure, but is reported. */
const withoutSandbox = (invocation: Invocation, why: string): void =>
	invocation.note(`bubblewrap was not installed: ${why}. Agents will run without a sandbox.`);

/** Installs for all users, with the package manager as root. */
const installForAll = async (invocation: Invocation, installer: Installer, wanted: readonly Wanted[]): Promise<void> => {
	const needed = wanted.filter(isNeeded);
	if (!installer.isAllowed) {
		const [message, hint] = [
			`${installer.name} must install ${inWords(wanted)} as root, and sudo is missing.`,
			`Run as root: ${installer.commands.map(command => command.join(' ')).join(' && ')}`,
		];
		if (needed.length > 0) throw notReady('needs-root', message, hint);
		return withoutSandbox(invocation, `${message.replace(/\.$/, '')} (${hint})`);
	}
	const lines = installer.commands.map(command => `  ${command.join(' ')}`);
	const service = 'Your distribution may also start its own Redis service; agent-room does not use it.';
	if (!isSet(invocation, 'yes') && !(await agrees([...lines, service], 'Run this?')))
		throw notReady('declined', 'Nothing was installed.', '');
	const result = await installServer({installer, run: runHere});
	if (result.ok) return;
	const path = invocation.environment.PATH ?? '';
	const again = needed.length > 0 && needed.length < wanted.length ? findInstaller({wanted: needed, path}) : undefined;
	const second = again && (await installServer({installer: again, run: runHere}));
	if (second?.ok || needed.length === 0) return;
	const {command, code} = second && !second.ok ? second : result;
	throw new CommandError('install-failed', `\`${command.join(' ')}\` exited with ${code}.`, 'See its output above.');
};

const ownFolder = ({environment}: Invocation): string => {
	const folder = ownProgramsFolder(environment);
	if (folder === undefined)
		throw notReady(
			'no-home',
			'`HOME` is not set, so there is no folder to unpack into.',
			'To install for all users: `agent-room setup --system`.',
		);
	return folder;
};

/** Installs for this user: unpacks distribution packages in a private folder, without root or other changes. */
const installForOne = async (invocation: Invocation, {name: manager}: Installer, wanted: readonly Wanted[]): Promise<void> => {
	const folder = ownFolder(invocation);
	const path = invocation.environment.PATH ?? '';
	const packagesOf = (names: readonly Wanted[]): readonly string[] => findInstaller({wanted: names, path})?.packages ?? [];
	const lines = [`Packages of your distribution (${packagesOf(wanted).join(', ')}) are downloaded and unpacked below`, `  ${folder}`];
	if (!isSet(invocation, 'yes') && !(await agrees([...lines, 'Nothing else is changed.'], 'Do this?')))
		throw notReady('declined', 'Nothing was unpacked.', '');
	const unpack = (names: readonly Wanted[]) =>
		unpackPrograms({
			folder,
			manager,
			packages: packagesOf(names),
			programs: names.flatMap(name => (name === 'redis' ? SERVERS : PROGRAMS[name])),
			run: runQuietly,
		});
	const needed = wanted.filter(isNeeded);
	invocation.note(`Unpacking ${inWords(wanted)} below ${folder}.`);
	try {
		await unpack(wanted).catch(async error => {
			if (!(error instanceof UnpackFailed) || needed.length === 0 || needed.length === wanted.length) throw error;
			return unpack(needed);
		});
	} catch (error) {
		if (!(error instanceof UnpackFailed)) throw error;
		if (needed.length === 0) return withoutSandbox(invocation, error.message);
		throw new CommandError('install-failed', `${error.message}.`, 'To install for all users, as root: `agent-room setup --system`.');
	}
};

const install = async (invocation: Invocation, wanted: readonly Wanted[]): Promise<void> => {
	const installer = findInstaller({wanted, path: invocation.environment.PATH ?? ''});
	if (!installer) {
		const [message, hint] = [
			`No supported package manager can install ${inWords(wanted)} here.`,
			'Install Redis 7.0 or newer (or Valkey), git and bubblewrap manually.',
		];
		if (wanted.some(isNeeded)) throw notReady('no-installer', message, hint);
		return withoutSandbox(invocation, `${message.replace(/\.$/, '')} (${hint.replace(/\.$/, '')})`);
	}
	await (!isSet(invocation, 'system') && canUnpack(installer.name) ? installForOne : installForAll)(invocation, installer, wanted);
};

const list = (invocation: Invocation, folder: string): number => {
	const programs = ownPrograms(folder);
	const width = Math.max(0, ...programs.map(({name}) => name.length));
	const text =
		programs.length === 0
			? `Nothing is unpacked below ${folder}.`
			: programs.map(({name, file}) => `${name.padEnd(width)}  ${file}`).join('\n');
	invocation.print(isSet(invocation, 'json') ? plainJson({folder, programs}) : text);
	return EXIT.ok;
};

const remove = (invocation: Invocation, folder: string): number => {
	const programs = ownPrograms(folder);
	removeOwnPrograms(folder);
	const names = programs.map(({name}) => name);
	invocation.print(
		isSet(invocation, 'json')
			? plainJson({removed: names})
			: names.length === 0
				? `Nothing is unpacked below ${folder}.`
				: `Removed: ${inWords(names)}.`,
	);
	return EXIT.ok;
};

/** `agent-room setup`: installs what is missing, for this user unless `--system` is given; asks first. */
export const setup: RunCommand = async invocation => {
	const [what] = invocation.input;
	if (what !== undefined && (what !== 'redis' || !isSet(invocation, 'acl')))
		throw wrongUsage(`\`agent-room setup\` does not take \`${what}\`.`, 'Usage: agent-room setup, or agent-room setup redis --acl');
	if (isSet(invocation, 'acl')) return (await import('./acl.ts')).printAcl(invocation);
	if (isSet(invocation, 'list')) return list(invocation, ownFolder(invocation));
	if (isSet(invocation, 'remove')) return remove(invocation, ownFolder(invocation));
	const wanted = missingOf(invocation);
	if (wanted.length === 0) return finish(invocation, []);
	await install(invocation, wanted);
	const left = missingOf(invocation);
	const missing = left.filter(isNeeded);
	if (missing.length > 0)
		throw new CommandError(
			'install-failed',
			`The package manager ran, but ${inWords(missing)} ${missing.length === 1 ? 'is' : 'are'} still missing.`,
			'Install it manually.',
		);
	if (left.length > 0 && wanted.length > left.length) withoutSandbox(invocation, 'the package manager has no package');
	return finish(
		invocation,
		wanted.filter(name => !left.includes(name)),
	);
};
