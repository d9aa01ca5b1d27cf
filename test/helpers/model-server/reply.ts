import type {Step} from './script.ts';
import type {Asked} from './talk.ts';
import {type Call, callFor} from './tools.ts';

/** One reply of the model. `words` are sent one by one where they are to drip. */
export type Reply = {readonly words: readonly string[]; readonly everyMs: number; readonly calls: readonly Call[]};

const wants = (step: Step): string | undefined => {
	if ('call' in step) return step.call;
	return Object.keys(step).find(name => ['run', 'read', 'write', 'edit'].includes(name));
};

/** Makes the steps one reply. `problems` gets what could not be done, for the message of a failing test. */
export const replyOf = (steps: readonly Step[], asked: Asked, problems: string[]): Reply => {
	const words: string[] = [];
	const calls: Call[] = [];
	let everyMs = 0;
	for (const step of steps) {
		if ('say' in step) words.push(step.say);
		else if ('drip' in step) {
			words.push(...step.drip.split(/(?<= )/));
			everyMs = step.everyMs;
		} else {
			const call = callFor(step, asked);
			const wanted = wants(step);
			if (call) calls.push(call);
			else if ('answer' in step) words.push(JSON.stringify(step.answer));
			else if (wanted) {
				const problem = `No tool for \`${wanted}\` is offered, only ${asked.tools.map(tool => tool.space + tool.name).join(', ') || 'none'}.`;
				problems.push(problem);
				words.push(problem);
			}
		}
	}
	return {words, everyMs, calls};
};

/** The smallest value that a JSON schema takes: what side requests for a decision are answered with. */
export const valueFor = (schema: unknown): unknown => {
	if (typeof schema !== 'object' || schema === null) return '';
	const {type, enum: values, properties, default: given} = schema as Record<string, unknown>;
	if (given !== undefined) return given;
	if (Array.isArray(values)) return values[0];
	const kind = String(Array.isArray(type) ? type[0] : type).toLowerCase();
	if (kind === 'object' || properties)
		return Object.fromEntries(
			Object.entries((properties ?? {}) as Record<string, unknown>).map(([name, value]) => [name, valueFor(value)]),
		);
	return {array: [], number: 1, integer: 1, boolean: false}[kind] ?? '';
};
