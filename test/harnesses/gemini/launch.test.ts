import {describe, expect, test} from 'vitest';
import {gemini} from '../../../source/harnesses/gemini/launch.ts';
import {launchContext} from '../../helpers/launch.ts';

describe('the launch of Gemini CLI', () => {
	const context = launchContext({
		prompt: '-- Read the file.',
		program: ['gemini'],
		hook: ["/bin/it's", 'hook.js'],
		allowed: ['npm test -- "a" [b]'],
		environment: {HOME: '/home/ada', AGENT_ROOM_BRIEF_FILE: '/state/sessions/t-a1/told/brief.md'},
	});

	test('has a home of its own, in which the person’s lies by links', () => {
		const {environment, overlays, files} = gemini.launch(context);
		expect(environment.GEMINI_CLI_HOME).toBe('/state/sessions/t-a1/home');
		expect(overlays?.map(({of}) => of)).toEqual(['/home/ada/.gemini', '/home/ada/.gemini/extensions']);
		const own = files.map(({name}) => name).filter(name => name.startsWith('home/'));
		expect(own.every(name => name.startsWith('home/.gemini/extensions/agent-room/'))).toBe(true);
	});

	test('takes trust as given only where the repository brings nothing that runs by itself', () => {
		expect(gemini.launch(context).command).toContain('--skip-trust');
		const {command, environment} = gemini.launch({...context, foundSettings: ['.gemini']});
		expect(command.filter(argument => /trust|include/.test(argument))).toEqual([]);
		expect(environment.GEMINI_CLI_TRUSTED_FOLDERS_PATH).toBeUndefined();
	});

	test('tells its usage in a file of the session, unless the person has telemetry of their own', () => {
		expect(gemini.launch(context).environment).toMatchObject({
			GEMINI_TELEMETRY_OUTFILE: `/state/sessions/t-a1/${gemini.logs?.()[0]?.name}`,
			GEMINI_DEBUG_LOG_FILE: `/state/sessions/t-a1/${gemini.logs?.()[1]?.name}`,
			GEMINI_TELEMETRY_LOG_PROMPTS: 'false',
		});
		const own = [
			{userSettings: '{"telemetry": {"enabled": true}} // mine'},
			{environment: {...context.environment, GEMINI_TELEMETRY_ENABLED: '1'}},
			{foundSettings: ['.gemini']},
		];
		for (const given of own)
			expect(Object.keys(gemini.launch({...context, ...given}).environment).filter(name => name.includes('TELEMETRY'))).toEqual([]);
	});

	test('goes on with a copy of a session of the person from its file', () => {
		const {command} = gemini.launch({...context, fork: '1a2b3c4d', forkFile: '/home/ada/.gemini/tmp/p/chats/session-1-1a2b3c4d.jsonl'});
		expect(command).toContain('--session-file=/home/ada/.gemini/tmp/p/chats/session-1-1a2b3c4d.jsonl');
		expect(command.join(' ')).not.toContain('--session-id');
	});

	test('quotes the hooks for the shell that they run in', () => {
		const text = gemini.launch(context).files.find(({name}) => name.endsWith('hooks.json'))?.text ?? '';
		expect(text).toContain(JSON.stringify("'/bin/it'\\''s' 'hook.js' 'BeforeTool'").slice(1, -1));
	});

	test('begins a session or goes on with it, in a pane or without', () => {
		expect(gemini.launch(context).command).toEqual(
			expect.arrayContaining(['--approval-mode=auto_edit', '--session-id=new', '--prompt-interactive=-- Read the file.']),
		);
		const resumed = gemini.launch({...context, mode: 'headless', resume: 'old', permissions: 'full', writes: false});
		expect(resumed.command).toEqual(expect.arrayContaining(['--approval-mode=yolo', '--resume=old', '--output-format=stream-json']));
		expect(resumed.files.find(({name}) => name === 'policy.toml')?.text).toContain(
			'toolName = ["replace", "write_file"]\ndecision = "deny"',
		);
	});
});
