import {expect, test} from 'vitest';
import {isPull, openPulling} from '../../helpers/pulling.ts';

test('what goes wrong at a forge or remote is said once, keeps only what needs it, and goes on when it is over', async () => {
	const {room, remote, forge, seen, add} = await openPulling();
	const banner = (): string => room.store.getSnapshot().banners.find(({id}) => id === 'forge')?.text ?? '';
	const told = (text: RegExp): number => room.events.filter(event => text.test(event.text)).length;
	const why = (id: string): string => room.task(id).waitReason;
	await add('one');
	await room.when('its pull request is open', () => isPull(room, 'one'));
	const {branch, head} = room.task('one').pull;

	// A forge that answers garbage, then one that needs a login: another task is written, reviewed and tested meanwhile.
	forge.set({fails: {message: 'HTTP 200', code: 0, body: '<html>\u001b[2J portal'}});
	await seen('garbage is said', 'one', () => /^Pull requests wait: `gh` did not answer with JSON: <html> portal/.test(banner()));
	forge.set({fails: {message: 'To get started with GitHub CLI, please run: gh auth login', code: 4}});
	await add('two');
	const loggedOut = /`gh` is not logged in: .*To get started with GitHub CLI, please run: gh auth login/;
	await room.when('another is tested', () => loggedOut.test(room.team().tasks.get('two')?.waitReason ?? ''));
	await room.when('it is said how', () => /^Pull requests wait: `gh` is not logged in: .* Log in there \(`gh auth login`/.test(banner()));
	forge.set({fails: undefined});
	await seen('the banner is gone', 'one', () => banner() === '');
	await seen('the other one is open', 'two', () => isPull(room, 'two'));
	expect(forge.state().pulls).toHaveLength(2);

	// Somebody forces another commit onto its branch, and takes it back.
	const git = (...args: readonly string[]): string => room.repository.git(args, remote.folder);
	git('update-ref', `refs/heads/${branch}`, git('commit-tree', '-p', 'main', '-m', 'theirs', 'main^{tree}'));
	await seen('it is said whose commit is there', 'one', () => /its branch holds \w{7}, which somebody else pushed$/.test(why('one')));
	git('update-ref', `refs/heads/${branch}`, head);
	await seen('it goes on', 'one', () => /^pull request #12: no checks yet$/.test(why('one')));
	expect(told(/its branch holds \w{7}/)).toBe(1);

	// Protected: the forge refuses the merge that you asked for, and takes it once it may be.
	forge.check(12, 'unit', 'SUCCESS');
	forge.set({protects: 'the base branch policy \u001b[2Jprohibits the merge'});
	await room.must({type: 'approve', task: 'one'});
	await seen('the refusal is said', 'one', () =>
		/^pull request #12 was not merged: .*the base branch policy prohibits the merge/.test(why('one')),
	);
	const before = forge.calls('"merge","12"');
	await seen('it was tried again', 'one', () => forge.calls('"merge","12"') > before + 1);
	expect(told(/^pull request #12 was not merged/)).toBe(1);

	forge.set({protects: undefined});
	await seen('it is merged', 'one', () => room.task('one').state === 'merged');

	// Closed, and opened again by hand; then it is gone from the forge altogether, and you have it made anew.
	forge.close(13);
	await seen('it asks', 'two', () => room.team().tasks.get('two')?.decision === 'closed');
	forge.reopen(13);
	await seen('it goes on', 'two', () => isPull(room, 'two') && room.task('two').pull.state === 'open');
	forge.set({pulls: []});
	await seen('it asks again', 'two', () => why('two') === 'pull request #13 is no longer on its forge');
	await room.must({type: 'approve', task: 'two'});
	await room.when('there is a new one', () => isPull(room, 'two') && forge.state().pulls.length === 1);

	// Somebody else changes the same lines of the base: its author gets the conflict.
	remote.push({'two.txt': 'theirs\n'});
	await seen('it is found', 'two', () => told(/^pull request #\d+ conflicts with origin\/main at \w{7}: tested again$/) === 1);
	await room.when('its author has it', () => room.task('two').conflictWith === remote.head());
	expect(room.events.some(({type}) => type === 'task_failed' || type === 'base_strayed')).toBe(false);
});
