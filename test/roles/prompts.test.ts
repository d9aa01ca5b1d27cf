import fc from 'fast-check';
import {expect, test} from 'vitest';
import {STAGES} from '../../source/core/task/task.ts';
import {firstPrompt, nudgeText} from '../../source/roles/prompts.ts';

const prompt = {stage: 'develop', briefFile: '/s/brief.md', isResumed: false, reason: ''} as const;

test('the first prompt names the brief and how the stage ends', () => {
	expect(firstPrompt(prompt)).toBe(
		'Read the file /s/brief.md and do all that it says now. When all is done, commit, and run `agent-room report done`; if you cannot continue, run `agent-room report blocked`.',
	);
	expect(firstPrompt({...prompt, stage: 'review'})).toContain('one verdict with `agent-room report done --verdict`');
	expect(firstPrompt({...prompt, stage: 'review', hasAnswer: true})).not.toContain('agent-room report');
	expect(firstPrompt({...prompt, stage: 'develop', hasAnswer: true})).toContain('agent-room report done');
});

test('whoever goes on is told why, and reads the brief once more', () => {
	const text = firstPrompt({...prompt, isResumed: true, reason: 'your program was killed.'});
	expect(text).toMatch(/^You continue the same task \(your program was killed\)\. .*\/s\/brief\.md again/);
});

test('a prompt is one line of printable words, whatever the reason says', () => {
	fc.assert(
		fc.property(fc.string({unit: 'binary', maxLength: 2000}), fc.constantFrom(...STAGES), fc.boolean(), (reason, stage, isResumed) => {
			const text = firstPrompt({...prompt, stage, reason, isResumed, isHeadless: true});
			expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
			expect(text.length).toBeLessThan(1200);
		}),
	);
});

test('a reminder says what the room still waits for', () => {
	expect(nudgeText('develop')).toContain('agent-room report done');
	expect(nudgeText('review')).toContain('verdict');
	expect(nudgeText('review', true)).toContain('final answer');
	for (const stage of STAGES) expect(nudgeText(stage)).not.toContain('\n');
});
