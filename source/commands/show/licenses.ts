import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import type {LicenseLine} from '../../core/protocol/output-schema.ts';
import {EXIT, isSet, notReady, packageRoot, type RunCommand} from '../parse/command.ts';
import {plainJson, plainLines} from '../parse/print.ts';

/** Separates packages; the build refuses texts with such a line (`source/licenses.js`). */
const RULE = `\n\n${'='.repeat(80)}\n`;

/** A package: name and version, facts, a blank line, its texts. */
const readEntry = (entry: string): LicenseLine => {
	const end = entry.indexOf('\n\n');
	const [title = '', ...known] = entry.slice(0, end).split('\n');
	const fieldOf = (key: string): string => known.find(line => line.startsWith(`${key}: `))?.slice(key.length + 2) ?? '';
	const [name = '', version = ''] = title.split(' ');
	return {name, version, license: fieldOf('License'), author: fieldOf('Author'), source: fieldOf('Source'), text: entry.slice(end + 2)};
};

/** `agent-room licenses`: of every bundled package, as recorded by the build; with --json a package a line. */
export const licenses: RunCommand = async invocation => {
	const file = join(packageRoot(), 'dist', 'licenses.txt');
	if (!existsSync(file)) throw notReady('not-built', 'The list of licenses is missing.', 'In a checkout, run `npm run build`.');
	const text = readFileSync(file, 'utf8').trimEnd();
	if (isSet(invocation, 'json')) for (const entry of text.split(RULE).slice(1)) invocation.print(plainJson(readEntry(entry)));
	else invocation.print(plainLines(text));
	return EXIT.ok;
};
