import {expect} from 'vitest';
import {costSchema} from '../../source/core/protocol/cost.ts';
import {createCliStory, testOn} from '../helpers/cli.ts';
import {merged} from '../helpers/cli-room.ts';
import {members, verdict} from '../helpers/model-server/member.ts';

const TEAM = `test: sh check.sh
prices: {gpt-6-sol: {in: 10, out: 20}}
team:
  - {role: developer, harness: claude}
  - {role: developer, harness: codex, mode: headless, capabilities: [codex]}
  - {role: code-sentinel, harness: claude}
`;

testOn(
	['claude', 'codex'],
	'what real agents used up is counted once by agent, task and feature: in money where they tell it, else in tokens at a price',
	async () => {
		const write = (id: string) => [
			{run: `echo ${id} >${id}.txt && agent-room report commit "Write ${id}"`},
			{run: 'agent-room report done'},
			{say: 'It is handed in.'},
		];
		const story = await createCliStory(
			TEAM,
			members([
				{when: '# Review: ', turns: verdict('approve')},
				{when: 'task `one`', turns: write('one')},
				{when: 'task `two`', turns: write('two')},
			]),
			{'check.sh': 'true\n'},
		);
		const terminal = story.open();
		await terminal.waitFor('dev-2', {timeoutMs: 30_000});
		await story.must('add', 'Write one', '--id', 'one', '--of', 'words');
		await story.must('add', 'Write two', '--id', 'two', '--of', 'words', '--needs', 'codex');
		await merged(story, ['one', 'two'], terminal, 90_000);
		const cost = costSchema.parse(JSON.parse(await story.must('cost', '--json')));
		const of = (id: string) => cost.agents.find(agent => agent.id === id);
		// Four replies of a model that says of each what it took; Codex tells no money.
		expect(of('agent:dev:002')).toMatchObject({tokensIn: 4000, tokensOut: 200, spent: 4000 * 10 + 200 * 20});
		expect(of('agent:rev:001')).toMatchObject({tokensIn: 6000, tokensOut: 300});
		// With the last word of the one with a screen, which comes after its report.
		expect(of('agent:dev:001')).toMatchObject({tokensIn: 4000, tokensOut: 200});
		for (const agent of cost.agents) expect(agent.spent).toBeGreaterThan(0);
		const sum = (rows: readonly {readonly spent: number; readonly tokensIn: number}[]) => [
			rows.reduce((total, {spent}) => total + spent, 0),
			rows.reduce((total, {tokensIn}) => total + tokensIn, 0),
		];
		for (const rows of [cost.agents, cost.features, cost.tasks]) expect(sum(rows)).toEqual([cost.spent, cost.tokensIn]);
		expect(cost.features).toHaveLength(1);
		terminal.type('c');
		await terminal.waitFor('COST │');
		for (const row of [/by task +by agent +by account +by feature/, /two ✓? +\$0\.0\d +dev-2 +\$0\.04 .*words +\$0\.\d\d/])
			expect(terminal.text()).toMatch(row);
		story.expectUntouched();
	},
);
