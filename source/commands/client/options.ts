import {join, relative} from 'node:path';
import type {Config} from '../../core/config/config.ts';
import type {Repository} from '../../git/repository/repository.ts';
import {type Harness, scriptedHarness} from '../../harnesses/shared/harness.ts';
import type {RoomOptions} from '../../room/parts/options.ts';
import type {Place} from '../config/place.ts';
import {fitTeam, KNOWN_HARNESSES, readTeam} from '../config/team.ts';
import type {Configuration} from '../config/trust.ts';
import {packageRoot} from '../parse/command.ts';
import {settingsOf} from './settings.ts';

/** All harnesses: built-in ones, overridden by configured ones. */
const harnessesOf = (config: Config, paths: {readonly node: string; readonly program: string}): Readonly<Record<string, Harness>> => ({
	...KNOWN_HARNESSES,
	scripted: scriptedHarness(paths),
	...Object.fromEntries(
		Object.entries(config.harnesses).map(([name, {command, finish = 'exit', cli, ...further}]) => [
			name,
			{name, command: command ?? [cli ?? ''], finish, ...(cli ? {cli} : {}), ...further},
		]),
	),
});

/**
 * Options of a room, from what is configured and trusted. Without a team, installed CLIs make one; `note` says which and why. An untrusted
 * config gives a room without commands and agents.
 */
export const roomOptions = (asked: {
	readonly repository: Repository;
	readonly place: Pick<Place, 'stateFolder' | 'namespace' | 'redisUrl' | 'redisAccess'>;
	readonly configuration: Configuration;
	readonly base: string;
	readonly path: string;
	readonly isForeground: boolean;
	readonly untilEmpty: boolean;
	/** The program that the room keeps (`keepProgram`); by default the package itself. */
	readonly program?: string;
	/** For a worker: its agents, by `--team`; '' for the configured team. */
	readonly worker?: {readonly team: string};
}): {readonly options: RoomOptions; readonly note: string} => {
	const {configuration, place} = asked;
	const installed = packageRoot();
	const root = asked.program ?? installed;
	const programFile = join(root, 'dist', 'program.js');
	const isFitted = configuration.isTrusted && configuration.allowed.team.length === 0;
	const fitted = isFitted ? fitTeam(asked.path, configuration.allowed.review) : {team: configuration.allowed.team, note: ''};
	const team = asked.worker?.team ? readTeam(asked.worker.team, fitted.team) : fitted.team;
	const config = {...configuration.allowed, base: asked.base, team: [...team]};
	return {
		note: fitted.note,
		options: {
			repository: asked.repository.root,
			found: {commonDir: asked.repository.commonDir, name: asked.repository.name},
			stateFolder: place.stateFolder,
			config,
			settings: settingsOf(configuration, config),
			configFiles: [configuration.paths.project, ...(configuration.file?.names ?? [])]
				.map(file => relative(asked.repository.root, file))
				.filter(file => file !== '' && !file.startsWith('..')),
			isTrusted: configuration.isTrusted,
			harnesses: harnessesOf(config, {node: process.execPath, program: programFile}),
			...(configuration.rules ? {rules: configuration.rules} : {}),
			notes: fitted.note ? [fitted.note] : [],
			namespace: place.namespace,
			...(place.redisUrl ? {redisUrl: place.redisUrl, redisAccess: place.redisAccess} : {}),
			isForeground: asked.isForeground,
			untilEmpty: asked.untilEmpty,
			...(asked.worker ? {isWorker: true} : {}),
			node: process.execPath,
			installed,
			binFile: join(root, 'bin', 'agent-room.js'),
			programFile,
		},
	};
};
