import {expect} from 'vitest';
import {expectGreenBase} from '../helpers/base-history.ts';
import {createCliStory, testOn} from '../helpers/cli.ts';
import {eventsOf, merged, takenBy} from '../helpers/cli-room.ts';
import {members, verdict} from '../helpers/model-server/member.ts';
import type {Turn} from '../helpers/model-server/script.ts';

const TEAM = `test: sh check.sh
plan: auto
protectedPaths: [login.txt]
backoff: 200ms
team:
  - {role: orchestrator, harness: claude}
  - {role: developer, harness: codex, mode: headless, count: 2}
  - {role: code-sentinel, harness: claude}
  - {role: security-auditor, harness: claude}
  - {role: conflict-resolver, harness: claude, mode: headless}
  - {role: documentation-writer, harness: codex, mode: headless}
`;
const CHECK = '[ ! -e login.txt ] || grep -qx "at most 5 a minute" login.txt\n';

const task = {acceptance: [], after: [], priority: 50, needs: [], paths: [], role: '', audit: false};
/** Nobody in the team has what it needs: the room refuses it. */
const BAD = {summary: 'One task.', tasks: [{...task, id: 'limit', title: 'Limit', description: 'Do it.', needs: ['cobol']}], cancel: []};
/** Both change the same line of the README. */
const GOOD = {
	summary: 'The limit, and a greeting beside it.',
	tasks: [
		{...task, id: 'limit', title: 'Limit the log-in', description: 'Set the limit.', acceptance: ['Six are refused.']},
		{...task, id: 'greet', title: 'Greet the world', description: 'Set the greeting.'},
	],
	cancel: [],
};
const MUST_FIX = {file: 'login.txt', line: 1, severity: 'must-fix', text: 'say per what: a minute'};

/** Does something by a command, commits it and hands it in. */
const commit = (command: string, message: string): readonly Turn[] => [
	{run: `${command}`},
	{run: `agent-room report commit "${message}"`},
	{run: 'agent-room report done'},
	{say: 'It is handed in.'},
];

testOn(
	['claude', 'codex'],
	'real agents in all roles: a plan by structured answer that is sent back once, changes requested, an audit, a conflict, the documentation',
	async () => {
		const story = await createCliStory(
			TEAM,
			members([
				{when: '# Plan: ', turns: (_, description) => [{run: 'git ls-files'}, {answer: description.includes('cobol') ? GOOD : BAD}]},
				{when: '# Security review: ', turns: verdict('approve')},
				{
					when: '# Review: ',
					turns: (talk, description) =>
						/\+at most 5$/m.test(description) ? verdict('changes', [MUST_FIX])(talk) : verdict('approve')(talk),
				},
				{when: '# Resolve a conflict: ', turns: commit('printf "hello, limit\\nhello, world\\n" >README.md', 'Keep both')},
				{when: 'document what was built', turns: commit('echo "Five a minute." >DOCS.md', 'Tell of the limit')},
				{when: 'say per what', turns: commit('echo "at most 5 a minute" >login.txt', 'Say per what')},
				{when: 'Set the limit.', turns: commit('echo "at most 5" >login.txt && echo "hello, limit" >README.md', 'Limit the log-in')},
				{when: 'Set the greeting.', turns: commit('echo "hello, world" >README.md', 'Greet')},
			]),
			{'check.sh': CHECK},
		);
		const terminal = story.open();
		await terminal.waitFor('orc-1', {timeoutMs: 30_000});
		await story.must('add', '--feature', 'Limit the log-in', '--id', 'login');
		await merged(story, ['limit', 'greet', 'login-docs'], terminal, 150_000);
		const events = await eventsOf(story);
		expect(takenBy(events, 'login')).toEqual(['orc plan', 'orc plan']);
		const taken = ['limit', 'greet', 'login-docs'].flatMap(id => takenBy(events, id));
		const counted = (what: string): number => taken.filter(one => one === what).length;
		expect(counted('dev develop')).toBe(3);
		expect(counted('fix resolve')).toBe(1);
		expect(counted('doc document')).toBe(1);
		expect(counted('sec audit')).toBeGreaterThan(0);
		expect(events.filter(({type}) => /^task_(failed|reclaimed|released)/.test(type))).toEqual([]);
		expectGreenBase(story.repository, 'sh check.sh', ['limit', 'greet', 'login-docs']);
		expect(story.git('show', 'main:login.txt')).toBe('at most 5 a minute');
		expect(story.git('show', 'main:README.md').split('\n').toSorted()).toEqual(['hello, limit', 'hello, world']);
		story.expectUntouched();
	},
);
