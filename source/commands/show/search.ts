import {closeSync, existsSync, openSync, readdirSync, readSync, statSync} from 'node:fs';
import {join} from 'node:path';
import type {FoundLine} from '../../core/protocol/output-schema.ts';
import {counted} from '../../core/text/format.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {findPlace} from '../config/place.ts';
import {EXIT, isSet, type RunCommand, wrongUsage} from '../parse/command.ts';
import {plainJson, plainLine} from '../parse/print.ts';

/** Lines that are printed, and characters of one; of a log as much as the room writes. */
const MOST_FOUND = 200;
const SHOWN = 400;
const LARGEST_LOG = 8 * 1024 * 1024;

/** Where a new line begins on a screen: also where a program moves its cursor to a row. */
const BREAK = /\r\n|[\n\r]|\u001b\[[0-9;]*[Hf]/;
/** Programs with a screen move right instead of writing blanks. */
const BLANK = /\u001b\[[0-9]*C/g;

const read = (file: string): string => {
	const handle = openSync(file, 'r');
	try {
		const bytes = Buffer.alloc(Math.min(LARGEST_LOG, statSync(file).size));
		return bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, 0)).toString();
	} finally {
		closeSync(handle);
	}
};

/** Lines of a log with all words, whatever their case, each once; `line` counts from 1. */
export const linesWith = (text: string, words: readonly string[]): readonly {readonly line: number; readonly text: string}[] => {
	const found = new Map<string, number>();
	for (const [at, raw] of text.split(BREAK).entries()) {
		const clean = cleanText(raw.slice(0, SHOWN * 10).replace(BLANK, ' ')).trim();
		const small = clean.toLowerCase();
		if (clean !== '' && words.every(word => small.includes(word)) && !found.has(clean)) found.set(clean, at + 1);
	}
	return [...found].map(([clean, line]) => ({line, text: clean.slice(0, SHOWN).toWellFormed()}));
};

/** `agent-room search WORDS`: lines with all words in what agents and tests printed, newest log first. */
export const search: RunCommand = async invocation => {
	const words = invocation.input.flatMap(word => word.toLowerCase().split(/\s+/)).filter(Boolean);
	if (words.length === 0) throw wrongUsage('Missing words to search for.', 'Example: agent-room search "cannot find module"');
	const folder = join(findPlace(invocation).stateFolder, 'logs');
	const logs = (existsSync(folder) ? readdirSync(folder) : [])
		.filter(name => name.endsWith('.log'))
		.map(name => ({name, at: statSync(join(folder, name), {throwIfNoEntry: false})?.mtimeMs ?? 0}))
		.toSorted((a, b) => b.at - a.at);
	let shown = 0;
	for (const {name} of logs) {
		const file = join(folder, name);
		// A log may be cleared while others are read.
		for (const {line, text} of existsSync(file) ? linesWith(read(file), words) : []) {
			if (shown === MOST_FOUND) {
				invocation.note(`Only the first ${MOST_FOUND} lines: add words to find fewer.`);
				return EXIT.ok;
			}
			shown++;
			const found: FoundLine = {log: name, line, text};
			invocation.print(isSet(invocation, 'json') ? plainJson(found) : plainLine(`${name}:${line}: ${text}`));
		}
	}
	if (shown === 0) invocation.note(`No line with all these words in ${counted(logs.length, 'log')}.`);
	return EXIT.ok;
};
