import {spawn} from 'node:child_process';
import {createInterface} from 'node:readline/promises';
import {findServerBinary} from '../../os/find-program.ts';
import {findInstaller, installServer, type Wanted} from '../../redis/server/install.ts';
import {findProgram} from '../config/team.ts';
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
		throw wrongUsage(`\`--with\` knows no \`${unknown}\`.`, didYouMean(unknown, EXTRAS, `It knows ${inWords(EXTRAS)}.`));
	return EXTRAS.filter(extra => asked.includes(extra));
};

/** The sandbox is wanted wherever there is one; a room opens without, and says so. */
const wantedBy = (invocation: Invocation): readonly Wanted[] => [
	...(['redis', 'git'] as const),
	...(process.platform === 'linux' ? (['bubblewrap'] as const) : []),
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

/** Either server will do for the room (`redis`), and either of their programs for a person. */
const isHere = (name: Wanted, {environment}: Invocation): boolean =>
	name === 'redis'
		? findServerBinary(environment) !== undefined
		: PROGRAMS[name].some(program => findProgram(program, environment.PATH ?? '') !== undefined);

const missingOf = (invocation: Invocation): readonly Wanted[] => wantedBy(invocation).filter(name => !isHere(name, invocation));

/** Runs one command on this terminal, its output on stderr so that stdout stays ours; resolves with its exit code. */
const runHere = ([program = '', ...args]: readonly string[]): Promise<number> =>
	new Promise(resolve => {
		const child = spawn(program, args, {stdio: ['inherit', process.stderr, process.stderr]});
		child.once('error', () => resolve(127));
		child.once('exit', code => resolve(code ?? EXIT.failed));
	});

const agrees = async (commands: readonly (readonly string[])[]): Promise<boolean> => {
	if (!process.stdin.isTTY || !process.stdout.isTTY)
		throw notReady('nobody-to-ask', 'There is nobody to ask.', '`agent-room setup --yes` does not ask.');
	const terminal = createInterface({input: process.stdin, output: process.stdout});
	try {
		for (const command of commands) process.stdout.write(`  ${command.join(' ')}\n`);
		process.stdout.write('Your distribution may also start a Redis service of its own; the room neither needs nor touches it.\n');
		return /^y(?:es)?$/i.test((await terminal.question('Run this? [y/N] ')).trim());
	} finally {
		terminal.close();
	}
};

const finish = (invocation: Invocation, installed: readonly Wanted[]): number => {
	const here = wantedBy(invocation).filter(name => isHere(name, invocation));
	const text = installed.length > 0 ? `Installed: ${inWords(installed)}.` : `Here already: ${inWords(here)}.`;
	invocation.print(isSet(invocation, 'json') ? plainJson({installed}) : text);
	return EXIT.ok;
};

/** What only surrounds agents, and could not be installed: no failure, but nothing that goes without a word. */
const withoutSandbox = (invocation: Invocation, why: string): void =>
	invocation.note(`bubblewrap was not installed: ${why}. Agents will run without a sandbox.`);

/** Installs with one run of the package manager; without the sandbox's program where that keeps the rest from being installed. */
const installAll = async (invocation: Invocation, wanted: readonly Wanted[]): Promise<void> => {
	const path = invocation.environment.PATH ?? '';
	const needed = wanted.filter(isNeeded);
	const installer = findInstaller({wanted, path});
	const refuse = (code: string, message: string, hint: string): void => {
		if (needed.length > 0) throw notReady(code, message, hint);
		withoutSandbox(invocation, `${message.replace(/\.$/, '')} (${hint.replace(/\.$/, '')})`);
	};
	if (!installer)
		return refuse(
			'no-installer',
			`No package manager that I know can install ${inWords(wanted)} here.`,
			'Install Redis >= 7.0 or Valkey, git and bubblewrap by hand.',
		);
	if (!installer.isAllowed)
		return refuse(
			'needs-root',
			`${installer.name} has to install ${inWords(wanted)} as root, and there is no sudo here.`,
			`Run as root: ${installer.commands.map(command => command.join(' ')).join(' && ')}`,
		);
	if (!isSet(invocation, 'yes') && !(await agrees(installer.commands))) throw notReady('declined', 'Nothing was installed.', '');
	const result = await installServer({installer, run: runHere});
	if (result.ok) return;
	const again = needed.length > 0 && needed.length < wanted.length ? findInstaller({wanted: needed, path}) : undefined;
	const second = again && (await installServer({installer: again, run: runHere}));
	if (second?.ok || needed.length === 0) return;
	const {command, code} = second && !second.ok ? second : result;
	throw new CommandError('install-failed', `\`${command.join(' ')}\` ended with ${code}.`, 'Its output is above.');
};

/** `agent-room setup [--yes] [--with tmux,...]`: installs what is missing with the platform's package manager; asks first. */
export const setup: RunCommand = async invocation => {
	const wanted = missingOf(invocation);
	if (wanted.length === 0) return finish(invocation, []);
	await installAll(invocation, wanted);
	const left = missingOf(invocation);
	const missing = left.filter(isNeeded);
	if (missing.length > 0)
		throw new CommandError('install-failed', `The package manager ran, but ${inWords(missing)} is still missing.`, 'Install it by hand.');
	if (left.length > 0 && wanted.length > left.length) withoutSandbox(invocation, 'the package manager has none');
	return finish(
		invocation,
		wanted.filter(name => !left.includes(name)),
	);
};
