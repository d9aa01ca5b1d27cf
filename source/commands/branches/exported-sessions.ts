import {execFile} from 'node:child_process';
import {existsSync} from 'node:fs';
import {promisify} from 'node:util';
import type {Cli} from '../../harnesses/shared/cli.ts';
import type {SessionsByProgram} from '../../harnesses/shared/sessions.ts';
import {isOpenFrom} from '../../os/at-work.ts';
import {findOnPath} from '../../os/find-program.ts';
import {keepExported, openedBy, type UserSession} from '../../room/prepare/sessions.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Time limit of one call, ms. */
const PATIENCE_MS = 30_000;
const MOST_BYTES = 256 * 1024 * 1024;

const isRunning = (cli: Cli, cwd: string, environment: Environment): boolean => isOpenFrom(openedBy(cli, environment), cwd);

/** What a CLI's program prints in a folder; '' if there is no such program, or it failed. */
const printedBy = async (cli: Cli, args: readonly string[], folder: string, environment: Environment): Promise<string> => {
	const program = findOnPath(cli.name, environment.PATH ?? '');
	if (!program) return '';
	// opencode takes the folder from this variable, not from the system.
	const env = {...environment, PWD: folder};
	const options = {cwd: folder, env, timeout: PATIENCE_MS, maxBuffer: MOST_BYTES} as const;
	return promisify(execFile)(program, args, options).then(
		({stdout}) => stdout,
		() => '',
	);
};

/** Sessions of a repository that a CLI keeps in no files; [] if its program is missing, or lists none that can be read. */
export const listedSessions = async (cli: Cli, repository: string, environment: Environment) => {
	const by: SessionsByProgram | undefined = cli.sessions?.byProgram;
	// Its program takes seconds to start: who has never used it does not wait for that.
	if (!by || !existsSync(openedBy(cli, environment))) return [];
	const rows = by.readList(await printedBy(cli, by.list, repository, environment));
	return rows.map(row => {
		const session: UserSession = {...row, cli: cli.name, file: openedBy(cli, environment)};
		return {...session, isRunning: isRunning(cli, row.cwd, environment)};
	});
};

/** Keeps the export of such a session for the agent that continues it; false if its program does not export it. */
export const keepExport = async (
	cli: Cli,
	{id, cwd}: Pick<UserSession, 'id' | 'cwd'>,
	{environment, stateFolder}: {readonly environment: Environment; readonly stateFolder: string},
): Promise<boolean> => {
	const by = cli.sessions?.byProgram;
	const text = by?.toKeep(await printedBy(cli, by.export(id), cwd, environment), id);
	if (text === undefined) return false;
	keepExported(cli, id, text, stateFolder);
	return true;
};
