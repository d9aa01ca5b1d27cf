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

const wantedBy = (invocation: Invocation): readonly Wanted[] => ['redis', 'git', ...extrasOf(invocation)];

const PROGRAMS: Readonly<Record<Exclude<Wanted, 'redis'>, readonly string[]>> = {
	git: ['git'],
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
	const text = installed.length > 0 ? `Installed: ${inWords(installed)}.` : `Here already: ${inWords(wantedBy(invocation))}.`;
	invocation.print(isSet(invocation, 'json') ? plainJson({installed}) : text);
	return EXIT.ok;
};

/** `agent-room setup [--yes] [--with tmux,...]`: installs what is missing with the platform's package manager; asks first. */
export const setup: RunCommand = async invocation => {
	const wanted = missingOf(invocation);
	if (wanted.length === 0) return finish(invocation, []);
	const installer = findInstaller({wanted, path: invocation.environment.PATH ?? ''});
	if (!installer)
		throw notReady(
			'no-installer',
			`No package manager that I know can install ${inWords(wanted)} here.`,
			'Install Redis >= 7.0 or Valkey, and git, by hand.',
		);
	if (!installer.isAllowed)
		throw notReady(
			'needs-root',
			`${installer.name} has to install ${inWords(wanted)} as root, and there is no sudo here.`,
			`Run as root: ${installer.commands.map(command => command.join(' ')).join(' && ')}`,
		);
	if (!isSet(invocation, 'yes') && !(await agrees(installer.commands))) throw notReady('declined', 'Nothing was installed.', '');
	const result = await installServer({installer, run: runHere});
	if (!result.ok)
		throw new CommandError('install-failed', `\`${result.command.join(' ')}\` ended with ${result.code}.`, 'Its output is above.');
	const left = missingOf(invocation);
	if (left.length > 0)
		throw new CommandError('install-failed', `${installer.name} ran, but ${inWords(left)} is still missing.`, 'Install it by hand.');
	return finish(invocation, wanted);
};
