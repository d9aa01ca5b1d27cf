import {expect} from 'vitest';
import {APPROVES, DEV_1, openEngine} from '../../helpers/engine.ts';
import {playsCodex} from '../../helpers/plays-codex.ts';
import {testSideBySide} from '../../helpers/side-by-side.ts';

const openWith = (script: string) =>
	openEngine({
		agents: {developer: playsCodex(script), 'code-sentinel': APPROVES},
		clis: {developer: {cli: 'codex'}},
	});

type Opened = Awaited<ReturnType<typeof openWith>>;
const receipts = (room: Opened): readonly string[] => room.events.filter(({type}) => type.startsWith('prompt_')).map(({type}) => type);
const END = 'commit one\nagent-room report done\nturn_ends done\nsleep 60';
/** The screen of Codex at rest, with this in its input. */
const atRest = (input: string): string =>
	`printf '\\033[2J\\033[HCodex\\n\\n› %s\\033[sAsk Codex to do anything\\n\\n  gpt · ? for shortcuts\\n\\033[u' "${input}"\nIFS= read -r line\nprintf '%s\\n' "$line" >>"$D/typed"`;

testSideBySide('a prompt that stands in the input without its Enter gets it', async () => {
	const room = await openWith(`hook SessionStart\n${atRest('$PROMPT')}\ntaken\n${END}`);
	await room.must({type: 'add-task', title: 'One', id: 't-1'});
	await room.when('it is merged', () => room.task('t-1').state === 'merged');
	expect(room.read('typed')).toBe('');
	expect(receipts(room)).toEqual(['prompt_proved']);
});

testSideBySide('a prompt that was lost is pasted into the empty input', async () => {
	const room = await openWith(`hook SessionStart\n${atRest('')}\ntaken\n${END}`);
	await room.must({type: 'add-task', title: 'One', id: 't-1'});
	await room.when('it is merged', () => room.task('t-1').state === 'merged');
	expect(room.read('typed')).toBe(`\u001b[200~${room.read('prompts')}\u001b[201~`);
	expect(receipts(room)).toEqual(['prompt_proved']);
});

testSideBySide(
	'where the screen says nothing that is understood nothing is typed: it is unknown, a person is asked, and can hand it over again',
	async () => {
		const room = await openWith(
			`hook SessionStart\necho "Do you want to go to the moon?"\nIFS= read -r line\necho "$line" >"$D/typed"\ntaken\n${END}`,
		);
		await room.must({type: 'add-task', title: 'One', id: 't-1'});
		await room.when('a person is asked', () => room.agent(DEV_1).question.startsWith('Prompt not confirmed'));
		expect(room.read('typed')).toBe('');
		await room.when('it is recorded', () => receipts(room).length > 0);
		expect(receipts(room)).toEqual(['prompt_unknown']);
		expect(room.task('t-1')).toMatchObject({state: 'leased', failures: 0});
		const {questionId} = room.agent(DEV_1);
		await room.must({type: 'answer', agent: DEV_1, questionId, choice: 1});
		await room.when('it is merged', () => room.task('t-1').state === 'merged');
		expect(receipts(room)).toEqual(['prompt_unknown', 'prompt_proved']);
	},
);

testSideBySide(
	'a person is asked again as long as nothing arrives; what they bring about in the pane themselves is a proof too',
	async () => {
		const room = await openWith(
			`hook SessionStart\necho "Do you want to go to the moon?"\nwhile [ ! -e "$D/go" ]; do sleep 0.1; done\ntaken\n${END}`,
		);
		const asked = (before = ''): boolean => !['', before].includes(room.agent(DEV_1).questionId);
		await room.must({type: 'add-task', title: 'One', id: 't-1'});
		await room.when('a person is asked', () => asked());
		const {questionId} = room.agent(DEV_1);
		await room.must({type: 'answer', agent: DEV_1, questionId, choice: 1});
		await room.when('and again', () => asked(questionId));
		room.touch('go');
		await room.when('it is merged', () => room.task('t-1').state === 'merged');
		expect(receipts(room)).toEqual(['prompt_unknown', 'prompt_unknown', 'prompt_proved']);
	},
);
