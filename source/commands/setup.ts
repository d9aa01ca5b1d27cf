import {spawn} from 'node:child_process';
import {createInterface} from 'node:readline/promises';
import {findServerBinary} from '../redis/find-binary.ts';
import {findInstaller, installServer, type Wanted} from '../redis/setup.ts';
import {type Invocation, isSet, type RunCommand} from './command.ts';
import {CommandError, notReady} from './command-error.ts';
import {findProgram} from './default-team.ts';
import {EXIT} from './exit-code.ts';
import {plainJson} from './plain-text.ts';

const missingOf = ({environment}: Invocation): readonly Wanted[] => [
	...(findServerBinary(environment) ? [] : (['redis'] as const)),
	...(findProgram('git', environment.PATH ?? '') ? [] : (['git'] as const)),
];

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
	const text = installed.length > 0 ? `Installed: ${installed.join(', ')}.` : 'Redis and git are here already.';
	invocation.print(isSet(invocation, 'json') ? plainJson({installed}) : text);
	return EXIT.ok;
};

/** `agent-room setup [--yes]`: installs redis-server and git with the platform's package manager where they are missing; asks first. */
export const setup: RunCommand = async invocation => {
	const wanted = missingOf(invocation);
	if (wanted.length === 0) return finish(invocation, []);
	const installer = findInstaller({wanted, path: invocation.environment.PATH ?? ''});
	if (!installer)
		throw notReady(
			'no-installer',
			`No package manager that I know can install ${wanted.join(' and ')} here.`,
			'Install Redis >= 7.0 or Valkey, and git, by hand.',
		);
	if (!isSet(invocation, 'yes') && !(await agrees(installer.commands))) throw notReady('declined', 'Nothing was installed.', '');
	const result = await installServer({installer, run: runHere});
	if (!result.ok)
		throw new CommandError('install-failed', `\`${result.command.join(' ')}\` ended with ${result.code}.`, 'Its output is above.');
	const left = missingOf(invocation);
	if (left.length > 0)
		throw new CommandError('install-failed', `${installer.name} ran, but ${left.join(' and ')} is still missing.`, 'Install it by hand.');
	return finish(invocation, wanted);
};
