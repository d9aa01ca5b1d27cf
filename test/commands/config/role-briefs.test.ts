import {mkdirSync, realpathSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {loadConfiguration} from '../../../source/commands/config/load.ts';
import {type Configuration, trustContent} from '../../../source/commands/config/trust.ts';
import {CommandError} from '../../../source/commands/parse/command.ts';
import {planTeam} from '../../../source/room/team/team.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';

const open = () => {
	const folder = realpathSync(temporaryFolder('b'));
	const [root, state, own] = ['repo', 'state', 'config/agent-room'].map(name => join(folder, name)) as [string, string, string];
	for (const made of [root, state, own]) mkdirSync(made, {recursive: true});
	const load = (): Promise<Configuration> =>
		loadConfiguration({
			root,
			stateFolder: state,
			folder,
			named: '',
			trust: false,
			environment: {XDG_CONFIG_HOME: join(folder, 'config')},
		});
	const refusal = async (): Promise<CommandError> => {
		try {
			await load();
		} catch (error) {
			if (error instanceof CommandError) return error;
			throw error;
		}
		throw new Error('accepted');
	};
	return {
		load,
		refusal,
		root,
		folder,
		trust: async () => trustContent(state, (await load()).file?.content ?? ''),
		write: (text: string) => writeFileSync(join(root, 'agent-room.yaml'), text),
		writeOwn: (text: string) => writeFileSync(join(own, 'config.yaml'), text),
		file: (name: string, text: string) => writeFileSync(join(folder, name), text),
	};
};

describe('a brief in the configuration', () => {
	test('is a text or a file beside it; it is part of what is trusted, to the byte', async () => {
		const {load, trust, write, file} = open();
		write('roles:\n  developer: {prompt: briefs.md}\n  code-sentinel: {prompt: "Look at {diff} and say."}\n');
		file('repo/briefs.md', '# {title}\n\nMind the gap.\n');
		expect(await load()).toMatchObject({
			isTrusted: false,
			changes: [
				{name: 'prompt of developer', would: '# {title} (3 lines)', whole: '# {title}\n\nMind the gap.\n'},
				{name: 'prompt of code-sentinel', would: 'Look at {diff} and say.', whole: ''},
			],
			allowed: {roles: {}},
		});
		await trust();
		expect(await load()).toMatchObject({isTrusted: true, allowed: {roles: {developer: {prompt: '# {title}\n\nMind the gap.\n'}}}});
		file('repo/briefs.md', '# {title}\n\nMind the gaps.\n');
		expect((await load()).isTrusted).toBe(false);
	});

	test('names only what there is, and the nearest otherwise', async () => {
		const {refusal, write, root, file} = open();
		write('roles: {developer: {prompt: "Do {acceptence}."}}');
		expect(await refusal()).toMatchObject({
			exitCode: 2,
			message: `${join(root, 'agent-room.yaml')}: the prompt of \`developer\` names \`{acceptence}\`, which does not exist.`,
			hint: 'Did you mean `{acceptance}`?',
		});
		write('roles: {developer: {prompt: no-such.md}}');
		expect((await refusal()).message).toContain('the prompt `no-such.md` of `developer` is not a file');
		file('secret.md', 'x');
		write('roles: {developer: {prompt: ../secret.md}}');
		expect((await refusal()).message).toContain('is outside of the repository');
		symlinkSync('../secret.md', join(root, 'link.md'));
		write('roles: {developer: {prompt: link.md}}');
		expect((await refusal()).message).toContain(`\`${join(root, 'link.md')}\` is a link to \`../secret.md\``);
	});

	test('of the person holds for all repositories, beside their file, and gives way to theirs', async () => {
		const {load, write, writeOwn, file} = open();
		file('config/agent-room/mine.md', 'Mine: {description}');
		writeOwn('roles: {developer: {prompt: mine.md}, code-sentinel: {prompt: "Also mine."}}');
		expect(await load()).toMatchObject({isTrusted: true, config: {roles: {developer: {prompt: 'Mine: {description}'}}}});
		write('roles: {developer: {prompt: Theirs.}}');
		expect((await load()).config.roles).toMatchObject({developer: {prompt: 'Theirs.'}, 'code-sentinel': {prompt: 'Also mine.'}});
	});
});

describe('a role in the configuration', () => {
	test('of one’s own has stages, a short name and a brief; its agents get them', async () => {
		const {load, write} = open();
		write(
			'roles:\n  frontend: {prefix: fe, prompt: "Draw {title}."}\n  handbook: {stages: [document]}\nteam:\n  - {role: frontend, harness: scripted, count: 2}\n  - {role: handbook, harness: scripted}\n',
		);
		const scripted = {name: 'scripted', command: ['true'], finish: 'exit'} as const;
		const team = planTeam((await load()).config, {scripted}).filter(({program}) => program === undefined);
		expect(team.map(({id, role, stages, writes}) => ({id, role, stages, writes}))).toEqual([
			{id: 'agent:fe:001', role: 'frontend', stages: ['develop'], writes: true},
			{id: 'agent:fe:002', role: 'frontend', stages: ['develop'], writes: true},
			{id: 'agent:handb:001', role: 'handbook', stages: ['document'], writes: true},
		]);
		expect(team[0]?.prompt).toBe('Draw {title}.');
		expect(team[2]?.prompt).toContain('document what was built');
	});

	test('is refused where it is a typing mistake, or would change what one of the eight may do', async () => {
		const {refusal, write} = open();
		write('roles: {develper: {prompt: x}}');
		expect(await refusal()).toMatchObject({
			message: expect.stringContaining('unknown role `develper` in `roles`'),
			hint: 'Did you mean `developer`?',
		});
		write('roles: {code-sentinel: {stages: [develop]}}');
		expect((await refusal()).message).toContain('the stages of `code-sentinel` cannot be changed');
		write('roles: {mine: {stages: [merge]}}');
		expect((await refusal()).message).toContain('roles.mine.stages[0]');
		for (const outside of ['/etc/passwd', '../x', 'a/../../x', ':!a', '!a']) {
			write(`protectedPaths: [${JSON.stringify(outside)}]`);
			expect((await refusal()).message).toContain('protectedPaths[0]');
		}
	});
});
