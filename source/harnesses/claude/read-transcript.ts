import type {Reading, Usage} from '../../core/session.ts';
import {countField, field, listField, parseObject, textField} from '../fields.ts';
import {failureOf} from './trouble.ts';

/** Tokens of one reply; of those that went in, what came out of the provider's cache is told apart. */
export const tokensOf = (usage: unknown): Omit<Usage, 'micros' | 'isTotal'> => {
	const cached = countField(usage, 'cache_read_input_tokens') ?? 0;
	return {
		tokensIn: (countField(usage, 'input_tokens') ?? 0) + (countField(usage, 'cache_creation_input_tokens') ?? 0) + cached,
		tokensOut: countField(usage, 'output_tokens') ?? 0,
		cached,
	};
};

const INTERRUPTED = /^\[Request interrupted by user/;

/**
 * The file of the session tells what no hook does: the tokens of a reply, and that a turn was interrupted. A reply has a line for each of
 * its parts, all with the same tokens: they are counted once, with the first. Its money is told by the status line.
 */
export const readTranscript = (line: string): readonly Reading[] => {
	const told = parseObject(line);
	const type = textField(told, 'type');
	const message = field(told, 'message');
	if (type === 'assistant') {
		if (field(told, 'isApiErrorMessage') === true) {
			const text = textField(listField(message, 'content')[0], 'text') ?? '';
			const failure = failureOf(textField(told, 'error') ?? '', text);
			return failure.state === 'idle' ? [] : [{source: 'stream', sign: 'transcript, error of the API', ...failure}];
		}
		if (field(told, 'apiBlockIndex') !== 0 || textField(message, 'model') === '<synthetic>') return [];
		return [{source: 'stream', sign: 'transcript, a reply', usage: {micros: 0, isTotal: false, ...tokensOf(field(message, 'usage'))}}];
	}
	if (type !== 'user') return [];
	const isInterrupted = listField(message, 'content').some(part => INTERRUPTED.test(textField(part, 'text') ?? ''));
	return isInterrupted ? [{source: 'stream', sign: 'transcript, interrupted', state: 'idle', reason: 'interrupted'}] : [];
};
