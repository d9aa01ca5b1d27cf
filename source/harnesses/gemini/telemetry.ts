import type {Reading} from '../../core/session/reading.ts';
import {countField, field, parseObject, textField} from '../shared/fields.ts';

/** Longer records are skipped: those of replies are short. */
const LONGEST = 64 * 1024;

/** One reply of a model: also of a side request, which the session file does not name. */
const replyOf = (text: string): readonly Reading[] => {
	const told = field(parseObject(text), 'attributes');
	if (textField(told, 'event.name') !== 'gemini_cli.api_response') return [];
	const count = (name: string): number => countField(told, `${name}_token_count`) ?? 0;
	const model = textField(told, 'model');
	const usage = {
		micros: 0,
		tokensIn: count('input'),
		tokensOut: count('output') + count('thoughts'),
		isTotal: false,
		cached: count('cached_content'),
		...(model ? {model} : {}),
	};
	return [{source: 'stream', sign: 'telemetry api_response', usage}];
};

/** Reads the lines of Gemini's telemetry file: records as indented JSON, one after the other. */
export const createTelemetryReader = (): ((line: string) => readonly Reading[]) => {
	let lines: string[] = [];
	let size = 0;
	return line => {
		if (line === '{') [lines, size] = [[], 0];
		size += line.length;
		if (size <= LONGEST) lines.push(line);
		if (line !== '}') return [];
		const text = size <= LONGEST ? lines.join('\n') : '';
		[lines, size] = [[], 0];
		return replyOf(text);
	};
};
