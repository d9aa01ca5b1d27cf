import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {openRepository, resolveBase} from '../git/repository.ts';
import {isSet, type RunCommand} from './command.ts';
import {CommandError} from './command-error.ts';
import {readConfigFile} from './config-file.ts';
import {fitTeam} from './default-team.ts';
import {EXIT} from './exit-code.ts';
import {guessTest} from './guess-test.ts';
import {initText} from './init-text.ts';
import {findPlace} from './place.ts';
import {plainJson} from './plain-text.ts';
import {trustContent} from './trust.ts';

/** `agent-room init`: writes a commented `agent-room.yaml` that fits the repository and trusts it. Never overwrites one. */
export const init: RunCommand = async invocation => {
	const place = findPlace(invocation);
	const repository = await openRepository(place.repository.root);
	const path = join(place.repository.root, 'agent-room.yaml');
	const guess = guessTest(place.repository.root);
	const {team} = fitTeam(invocation.environment.PATH ?? '', 'required');
	const text = initText({base: await resolveBase(repository), guess, team});
	try {
		writeFileSync(path, text, {flag: 'wx'});
	} catch (error) {
		if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
		throw new CommandError('exists', `\`${path}\` is there already.`, '`agent-room config print` shows what it means.');
	}
	const written = readConfigFile(path);
	if (written) trustContent(place.stateFolder, written.content);
	if (isSet(invocation, 'json')) invocation.print(plainJson({path, test: guess.test, setup: guess.setup, team}));
	else {
		invocation.print(`Wrote ${path}.`);
		invocation.print(
			guess.test ? `Test command: ${guess.test}` : 'No test command was found: set `test:` there, or nothing will be merged.',
		);
		if (team.length === 0) invocation.print('No agent program was found on the PATH: name yours under `team:` and `harnesses:` there.');
	}
	return EXIT.ok;
};
