import {realpathSync} from 'node:fs';
import {homedir} from 'node:os';
import {join, resolve, sep} from 'node:path';
import {type Config, configSchema} from '../../core/config/config.ts';
import {ROLES} from '../../roles/roles.ts';
import {CommandError, EXIT, type Invocation, isSet, textFlag, wrongUsage} from '../parse/command.ts';
import {didYouMean} from '../parse/parse.ts';
import {checkKeys, checkRoles, commandsOf, withBriefs, withoutCommands} from './check.ts';
import {type ConfigFile, readConfigFile} from './file.ts';
import type {Place} from './place.ts';
import {KNOWN_HARNESSES} from './team.ts';
import {type Configuration, isContentTrusted, trustContent} from './trust.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The person's own file: `$XDG_CONFIG_HOME/agent-room/config.yaml`. */
export const userConfigPath = (environment: Environment): string => {
	const home = environment.XDG_CONFIG_HOME;
	return join(home?.startsWith('/') ? home : join(environment.HOME || homedir(), '.config'), 'agent-room', 'config.yaml');
};

/** The file of a repository, or the one that the person named. */
export const configPath = (options: {readonly root: string; readonly folder: string; readonly named: string}): string =>
	options.named ? resolve(options.folder, options.named) : join(options.root, 'agent-room.yaml');

const record = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value ? {...value} : {});

/** The repository's word over the person's, key by key; harnesses, roles, keys and notices are joined by name. */
const merge = (user: ConfigFile | undefined, own: ConfigFile | undefined): Config =>
	configSchema.parse({
		...user?.raw,
		...own?.raw,
		harnesses: {...record(user?.raw.harnesses), ...record(own?.raw.harnesses)},
		roles: {...record(user?.raw.roles), ...record(own?.raw.roles)},
		keys: {...record(user?.raw.keys), ...record(own?.raw.keys)},
		notify: {...record(user?.raw.notify), ...record(own?.raw.notify)},
	});

/** Roles and harnesses that nobody defined are typing mistakes; they are found when the file is read, not when an agent starts. */
const checkTeam = (config: Config, path: string): void => {
	const refuse = (message: string, hint: string): CommandError => new CommandError('config', `${path}: ${message}`, hint, EXIT.usage);
	const harnesses = [...Object.keys(config.harnesses), ...Object.keys(KNOWN_HARNESSES), 'scripted'];
	for (const {role, harness} of config.team) {
		const known = ROLES.find(candidate => candidate.name === role);
		if (!known && !/^[a-z][a-z0-9-]*$/.test(role))
			throw refuse(`\`${role}\` is not usable as a role.`, 'Lower-case letters, digits and dashes.');
		const meant = didYouMean(
			role,
			ROLES.map(candidate => candidate.name),
		);
		if (!known && meant && !Object.hasOwn(config.roles, role)) throw refuse(`unknown role \`${role}\`.`, meant);
		if (known?.program) continue;
		if (harness === undefined) throw refuse(`the role \`${role}\` has no harness.`, `One of: ${harnesses.join(', ')}.`);
		if (!harnesses.includes(harness))
			throw refuse(`unknown harness \`${harness}\`.`, didYouMean(harness, harnesses, `Known: ${harnesses.join(', ')}.`));
	}
};

/** A file inside the repository came with it, whoever names it; one outside is the person's own. */
const isOfRepository = (path: string, root: string): boolean => {
	const real = realpathSync(path);
	return real === root || real.startsWith(root + sep);
};

/**
 * Reads the configuration of a repository: its `agent-room.yaml` (or `named`) over the person's own file over the defaults. Commands
 * from the repository may run only where a person trusted the content: before, by `trust` (--trust) or by `AGENT_ROOM_TRUST=1`,
 * both of which are remembered. Reading runs nothing. Refuses (exit 2) with file, line and key.
 */
export const loadConfiguration = (options: {
	readonly root: string;
	readonly stateFolder: string;
	readonly folder: string;
	readonly named: string;
	readonly trust: boolean;
	readonly environment: Environment;
}): Configuration => {
	const named = options.named || options.environment.AGENT_ROOM_CONFIG || '';
	const path = configPath({...options, named});
	const found = readConfigFile(path);
	if (named && !found) throw wrongUsage(`There is no file \`${path}\`.`, 'It was named by --config or AGENT_ROOM_CONFIG.');
	const paths = {project: path, user: userConfigPath(options.environment)};
	const own = readConfigFile(paths.user);
	const isTheirs = found !== undefined && isOfRepository(found.path, realpathSync(options.root));
	const file = found && withBriefs(found, isTheirs ? options.root : '');
	const userFile = own && withBriefs(own, '');
	const config = merge(userFile, file);
	const names = ROLES.map(({name}) => name);
	checkRoles(config, file?.path ?? userFile?.path ?? 'the configuration', names);
	checkTeam(config, file?.path ?? userFile?.path ?? 'the configuration');
	checkKeys(config.keys, [file, userFile]);
	const commands = commandsOf(file ? configSchema.parse(file.raw) : configSchema.parse({}));
	const mustBeTrusted = isTheirs && commands.length > 0;
	if (file && mustBeTrusted && (options.trust || options.environment.AGENT_ROOM_TRUST === '1'))
		trustContent(options.stateFolder, file.content);
	const isTrusted = !mustBeTrusted || (file !== undefined && isContentTrusted(options.stateFolder, file.content));
	return {config, allowed: isTrusted ? config : withoutCommands(config), isTrusted, commands, file, userFile, paths};
};

/** The configuration that a command's flags and environment mean. */
export const configurationOf = (invocation: Invocation, place: Place): Configuration =>
	loadConfiguration({
		root: place.repository.root,
		stateFolder: place.stateFolder,
		folder: invocation.folder,
		named: textFlag(invocation, 'config'),
		trust: isSet(invocation, 'trust'),
		environment: invocation.environment,
	});
