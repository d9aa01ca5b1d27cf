import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import type {Cli} from '../../harnesses/shared/cli.ts';
import type {SessionsByProgram} from '../../harnesses/shared/sessions.ts';
import {isOpenFrom} from '../../os/at-work.ts';
import {findOnPath} from '../../os/find-program.ts';
import {keepTold, openedBy, type UserSession} from '../../room/prepare/sessions.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A program that takes longer is left alone, ms. */
const PATIENCE_MS = 30_000;
const MOST_BYTES = 256 * 1024 * 1024;

const isRunning = (cli: Cli, cwd: string, environment: Environment): boolean => isOpenFrom(openedBy(cli, environment), cwd);

/** What a CLI's program prints in a folder; '' if there is no such program, or it failed. */
const printedBy = async (cli: Cli, args: readonly string[], folder: string, environment: Environment): Promise<string> => {
	const program = findOnPath(cli.name, environment.PATH ?? '');
	if (!program) return '';
	// opencode believes the shell's word about the folder, not the system's.
	const env = {...environment, PWD: folder};
	const options = {cwd: folder, env, timeout: PATIENCE_MS, maxBuffer: MOST_BYTES} as const;
	return promisify(execFile)(program, args, options).then(
		({stdout}) => stdout,
		() => '',
	);
};

/** The sessions of a repository that a CLI keeps in no files, as its own program lists them. */
export const toldSessions = async (cli: Cli, repository: string, environment: Environment) => {
	const by: SessionsByProgram | undefined = cli.sessions?.byProgram;
	if (!by) return [];
	const rows = by.readList(await printedBy(cli, by.list, repository, environment));
	return rows.map(row => {
		const session: UserSession = {...row, cli: cli.name, file: openedBy(cli, environment)};
		return {...session, isRunning: isRunning(cli, row.cwd, environment)};
	});
};

/** Keeps all of such a session for the agent that continues it; false if its program does not tell it. */
export const keepSessionTold = async (
	cli: Cli,
	{id, cwd}: Pick<UserSession, 'id' | 'cwd'>,
	{environment, stateFolder}: {readonly environment: Environment; readonly stateFolder: string},
): Promise<boolean> => {
	const by = cli.sessions?.byProgram;
	const text = by?.toKeep(await printedBy(cli, by.tell(id), cwd, environment), id);
	if (text === undefined) return false;
	keepTold(cli, id, text, stateFolder);
	return true;
};
