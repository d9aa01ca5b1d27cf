import {stringify} from 'yaml';
import type {Config} from '../../core/config/config.ts';
import {DURATIONS} from '../../core/config/values.ts';
import {formatDuration, formatSize, readSize} from '../../core/text/format.ts';
import {PLACEHOLDERS} from '../../roles/placeholders.ts';
import {ROLES, roleIn} from '../../roles/roles.ts';
import {EXIT, isSet, notReady, type RunCommand, textFlag, wrongUsage} from '../parse/command.ts';
import {didYouMean} from '../parse/parse.ts';
import {plainJson, plainLine, plainLines, tableText} from '../parse/print.ts';
import {configJsonSchema} from './file.ts';
import {configPath, configurationOf, userConfigPath} from './load.ts';
import {findPlace} from './place.ts';
import {takeUpConfig} from './take-up.ts';
import {changeLines, trustContent} from './trust.ts';

/** A size text that parses to exactly this value. */
const sizeText = (bytes: number): string => (readSize(formatSize(bytes)) === bytes ? formatSize(bytes) : `${bytes / 1e6}MB`);

const asWritten = (config: Config): Record<string, unknown> => {
	const {memory, disk, ...limits} = config.limits;
	return {
		...Object.fromEntries(
			Object.entries(config).map(([key, value]) => [
				key,
				DURATIONS.includes(key) && typeof value === 'number' ? formatDuration(value) : value,
			]),
		),
		limits: {
			...(memory === undefined ? {} : {memory: sizeText(memory)}),
			...limits,
			...(disk === undefined ? {} : {disk: sizeText(disk)}),
		},
	};
};

/**
 * `config print`: all values in effect with defaults, and what an untrusted file would change; as YAML that can be read back, or JSON with
 * --json, durations in ms.
 */
const print: RunCommand = async invocation => {
	const {allowed, isTrusted, ignored, changes, file, userFile} = await configurationOf(invocation, findPlace(invocation));
	if (isSet(invocation, 'json')) {
		const files = [file?.path, userFile?.path].filter(path => path !== undefined);
		invocation.print(plainJson({config: allowed, isTrusted, ...(isTrusted ? {} : {changes}), files}));
		return EXIT.ok;
	}
	for (const used of [file, userFile]) if (used && !ignored.includes(used)) invocation.print(`# ${plainLine(used.path)}`);
	for (const {path} of ignored)
		invocation.print(`# not trusted, so nothing in it takes effect: ${plainLine(path)} (\`agent-room config trust\`)`);
	if (!isTrusted) for (const line of changeLines(changes)) invocation.print(`#   ${line}`);
	invocation.print(plainLines(stringify(asWritten(allowed))).trimEnd());
	return EXIT.ok;
};

/** `config path`: where the files are looked for, existing or not. */
const path: RunCommand = async invocation => {
	const own = configPath({
		root: findPlace(invocation).repository.root,
		folder: invocation.folder,
		named: textFlag(invocation, 'config') || invocation.environment.AGENT_ROOM_CONFIG || '',
	});
	const user = userConfigPath(invocation.environment);
	if (isSet(invocation, 'json')) invocation.print(plainJson({repository: own, user}));
	else for (const line of [own, user]) invocation.print(plainLine(line));
	return EXIT.ok;
};

/** `config schema`: the JSON schema, for editors. */
const schema: RunCommand = async invocation => {
	invocation.print(isSet(invocation, 'json') ? JSON.stringify(configJsonSchema()) : JSON.stringify(configJsonSchema(), undefined, '\t'));
	return EXIT.ok;
};

/** `config trust`: trusts the repository's file until it changes. */
const trust: RunCommand = async invocation => {
	const place = findPlace(invocation);
	const {file, ignored, changes} = await configurationOf(invocation, place);
	if (!file && ignored.length === 0) throw notReady('no-config', 'There is no agent-room.yaml here.', 'Write one with `agent-room init`.');
	const trusted = ignored.length > 0 ? ignored : file ? [file] : [];
	for (const {content} of trusted) trustContent(place.stateFolder, content);
	const paths = trusted.map(({path}) => path);
	const taken = await takeUpConfig(invocation, place);
	if (isSet(invocation, 'json')) invocation.print(plainJson({path: paths[0], changes}));
	else {
		for (const path of paths) invocation.print(`Trusted this version of ${plainLine(path)}.`);
		for (const line of changeLines(changes)) invocation.print(line);
		for (const line of taken) invocation.print(line);
	}
	return EXIT.ok;
};

/** `config prompt ROLE`: prints the template of a role's briefs, to write your own from; without a role the placeholders. */
const prompt: RunCommand = async invocation => {
	const [, name] = invocation.input;
	if (name === undefined) {
		const rows = Object.entries(PLACEHOLDERS).map(([placeholder, meaning]) => [`{${placeholder}}`, meaning]);
		if (isSet(invocation, 'json')) invocation.print(plainJson(PLACEHOLDERS));
		else for (const line of tableText(rows, 120)) invocation.print(line);
		return EXIT.ok;
	}
	const {allowed} = await configurationOf(invocation, findPlace(invocation));
	const names = [...ROLES.map(role => role.name), ...Object.keys(allowed.roles)];
	if (!names.includes(name)) throw wrongUsage(`Unknown role \`${name}\`.`, didYouMean(name, names, `One of ${names.join(', ')}.`));
	const role = roleIn(name, allowed.roles);
	invocation.print(isSet(invocation, 'json') ? plainJson({role: name, prompt: role.prompt}) : plainLines(role.prompt).trimEnd());
	return EXIT.ok;
};

const PARTS: Readonly<Record<string, RunCommand>> = {print, path, schema, trust, prompt};

export const config: RunCommand = async invocation => {
	const [name = ''] = invocation.input;
	const part = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
	if (part && part !== prompt && invocation.input.length > 1)
		throw wrongUsage(`\`config ${name}\` takes no more arguments.`, 'See `agent-room help config`.');
	if (!part)
		throw wrongUsage(
			`Unknown argument \`${name}\` of \`config\`.`,
			didYouMean(name, Object.keys(PARTS), 'Use print, path, schema, trust or prompt.'),
		);
	return part(invocation);
};
