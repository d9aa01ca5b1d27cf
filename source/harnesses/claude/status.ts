import type {Reading, Usage} from '../../core/session.ts';
import {field, textField} from '../fields.ts';

/** A sum of money that Claude tells in dollars, in millionths. */
export const microsOf = (value: unknown): number =>
	typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.round(value * 1e6) : 0;

/** What the status line is told: what the session has cost since it began, and how full its context is. Its tokens are those of the last reply. */
export const statusOf = (payload: unknown): Pick<Reading, 'usage'> => {
	const window = field(payload, 'context_window');
	const percent = field(window, 'used_percentage');
	const model = textField(payload, 'model', 'id');
	const usage: Usage = {
		micros: microsOf(field(payload, 'cost', 'total_cost_usd')),
		tokensIn: 0,
		tokensOut: 0,
		isTotal: true,
		...(typeof percent === 'number' && percent >= 0 ? {context: Math.min(1, percent / 100)} : {}),
		...(model === undefined ? {} : {model}),
	};
	return {usage};
};
