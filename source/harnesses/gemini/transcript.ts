import type {Reading} from '../../core/session/reading.ts';
import {INTERRUPTED} from '../../core/session/session.ts';
import {countField, field, firstLine, parseObject, textField} from '../shared/fields.ts';
import {failureOf} from './stream.ts';

/**
 * Reads a line of `~/.gemini/tmp/<project>/chats/session-*.jsonl` for what no hook reports: failed requests, cancelled turns (also by a
 * denied permission), and the tokens of each answer.
 */
export const readTranscript = (line: string): readonly Reading[] => {
	const entry = parseObject(line);
	if (!entry) return [];
	const content = textField(entry, 'content');
	switch (textField(entry, 'type')) {
		case 'info':
			if (content === undefined || !OVER.test(content)) return [];
			return [
				{
					source: 'stream',
					sign: `transcript ${firstLine(content, 60)}`,
					state: 'idle',
					...(CANCELLED.test(content) ? {reason: INTERRUPTED, cutOff: 'human' as const} : {}),
				},
			];
		case 'error':
			return content === undefined ? [] : [{source: 'stream', sign: 'transcript error', cutOff: 'error', ...failureOf(content)}];
		case 'gemini':
			return answered(entry, content);
		default:
			return [];
	}
};

/** The end of a turn that neither completed nor failed. */
const OVER = /^(?:Request cancelled\.|Agent execution stopped: )/;
const CANCELLED = /^Request cancelled\./;

/** An answer is written when complete and again with its tool results: only the first counts. */
const answered = (entry: object, content: string | undefined): readonly Reading[] => {
	if (field(entry, 'toolCalls') !== undefined) return [];
	const tokensIn = countField(entry, 'tokens', 'input');
	const tokensOut = countField(entry, 'tokens', 'output');
	const thoughts = countField(entry, 'tokens', 'thoughts') ?? 0;
	const cached = countField(entry, 'tokens', 'cached') ?? 0;
	const model = textField(entry, 'model');
	if (content === undefined && tokensIn === undefined) return [];
	return [
		{
			source: 'stream',
			sign: 'transcript answer',
			...(content ? {said: content} : {}),
			...(tokensIn === undefined || tokensOut === undefined
				? {}
				: {usage: {micros: 0, tokensIn, tokensOut: tokensOut + thoughts, isTotal: false, cached, ...(model ? {model} : {})}}),
		},
	];
};
