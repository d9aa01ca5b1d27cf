import {readFileSync, realpathSync, statSync} from 'node:fs';
import {dirname, resolve, sep} from 'node:path';
import {type Config, configSchema} from '../core/config.ts';
import {unknownPlaceholder} from '../roles/placeholders.ts';
import {roleNamed} from '../roles/roles.ts';
import {CommandError} from './command-error.ts';
import type {ConfigFile} from './config-file.ts';
import {didYouMean} from './did-you-mean.ts';
import {EXIT} from './exit-code.ts';

const LARGEST = 200_000;

const refuse = (path: string, message: string, hint: string): CommandError =>
	new CommandError('config', `${path}: ${message}`, hint, EXIT.usage);

/** A brief of one line that ends like a text file names one. */
const isFileName = (brief: string): boolean => /^[^\n{}]+\.(?:md|txt)$/.test(brief.trim());

const readBrief = (file: string, of: string, path: string, within: string): string => {
	const missing = (why: string): CommandError =>
		refuse(path, `the brief \`${file}\` of \`${of}\` ${why}.`, 'A path beside the configuration.');
	const found = resolve(dirname(path), file);
	const stat = statSync(found, {throwIfNoEntry: false});
	if (!stat?.isFile()) throw missing('is not a file');
	if (stat.size > LARGEST) throw missing('is too large');
	// What came with the repository names nothing outside of it.
	if (within !== '' && !realpathSync(found).startsWith(realpathSync(within) + sep)) throw missing('is outside of the repository');
	return readFileSync(found, 'utf8');
};

/**
 * A configuration file with the briefs that it names read from their files. They are instructions to agents, so they are part of what a person trusts:
 * a changed byte of one asks again. Refuses (exit 2) what is no file, what is outside of `within` (the repository that the file came with, '' for the
 * person's own), and a placeholder that there is not.
 */
export const withBriefs = (file: ConfigFile, within: string): ConfigFile => {
	const {roles} = configSchema.parse(file.raw);
	const contents: string[] = [];
	const read = Object.entries(roles).map(([name, role]) => {
		if (role.brief === undefined) return [name, role] as const;
		const isFile = isFileName(role.brief);
		const brief = isFile ? readBrief(role.brief.trim(), name, file.path, within) : role.brief;
		const unknown = unknownPlaceholder(brief);
		if (unknown) throw refuse(file.path, `the brief of \`${name}\` names \`{${unknown.name}}\`, which there is not.`, unknown.hint);
		if (isFile) contents.push(`${name}\0${brief}`);
		return [name, {...role, brief}] as const;
	});
	if (read.length === 0) return file;
	return {...file, raw: {...file.raw, roles: Object.fromEntries(read)}, content: [file.content, ...contents].join('\0')};
};

/** What a configuration may say of roles: of one of the eight its brief and its short name alone. A near miss of one is a typing mistake. */
export const checkRoles = ({roles, team}: Config, path: string, known: readonly string[]): void => {
	for (const [name, {stages}] of Object.entries(roles)) {
		if (roleNamed(name)) {
			if (stages)
				throw refuse(path, `the stages of \`${name}\` are not to be chosen.`, 'A role of your own has stages: choose another name.');
			continue;
		}
		const meant = team.some(({role}) => role === name) ? '' : didYouMean(name, known);
		if (meant) throw refuse(path, `unknown role \`${name}\` in \`roles\`.`, meant);
	}
};
