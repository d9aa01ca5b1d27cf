import {expect, onTestFinished, test} from 'vitest';
import type {Principal} from '../../../source/core/authority/principal.ts';
import {createRefusals, triedAsOther, triedAsYou} from '../../../source/room/requests/refused.ts';
import {waitFor} from '../../wait-for.ts';

const agent: Principal = {kind: 'agent', agent: 'agent:dev:001', task: 't-1', token: '1:x', stage: 'develop'};

/** Refusals whose minute is so long, ms; `notes` are what came into the record, `banners` what stands on the screen. */
const open = (windowMs: number) => {
	const notes: string[] = [];
	const banners = new Map<string, string>();
	const refusals = createRefusals(
		{
			link: {coordination: {appendEvent: async ({text}: {text: string}) => void notes.push(text)}},
			record: {setBanner: (id: string, banner?: {text: string}) => void banners.set(id, banner?.text ?? '')},
			slots: {pane: () => undefined},
			facts: {log: () => undefined},
		} as unknown as Parameters<typeof createRefusals>[0],
		{windowMs},
	);
	onTestFinished(refusals.close);
	return {refusals, notes, banners};
};

test('ten thousand orders of one agent within a minute are two lines: the first, and how many came after it', async () => {
	const {refusals, notes, banners} = open(100);
	for (let times = 0; times < 10_000; times++) refusals.tell(triedAsYou(agent, 'approve', 'attempt'));
	const tried = 'tried to act as you: `approve` through the socket of its attempt';
	expect(notes).toEqual([`${tried}: refused`]);
	expect(banners.get('alarm:agent:dev:001')).toBe(`dev-1 ${tried}: refused.`);
	await waitFor('the minute is over', () => notes.length > 1);
	expect(notes).toEqual([`${tried}: refused`, `${tried}: refused, 9999 more times in a minute`]);
});

test('an agent that finds a new word each time gets no more than fifty lines, and another agent its own', () => {
	const {refusals, notes} = open(60_000);
	for (let times = 0; times < 10_000; times++) refusals.tell(triedAsOther('agent:dev:001', `reported as ${times}`));
	expect(notes).toHaveLength(51);
	expect(notes.at(-1)).toBe('tried something that it may not do: refused');
	refusals.tell(triedAsOther('agent:dev:002', 'reported as dev-1'));
	expect(notes.at(-1)).toBe('reported as dev-1: refused');
});
