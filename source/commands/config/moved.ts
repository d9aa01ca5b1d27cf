import {createInterface} from 'node:readline/promises';
import {EXIT, type Invocation, isSet, notReady, type RunCommand} from '../parse/command.ts';
import {plainJson, plainLine} from '../parse/print.ts';
import {findMovedRoom, type MovedRoom, settleMove} from './place.ts';

const ask = async ({from}: MovedRoom): Promise<'continue' | 'new' | 'leave'> => {
	const terminal = createInterface({input: process.stdin, output: process.stdout});
	try {
		process.stdout.write(`The room of ${plainLine(from)} has lost its repository, which began with the same commit as this one.\n`);
		const answer = (await terminal.question('Continue that room here, with its tasks? [y: continue, n: start an empty one] ')).trim();
		return /^y(?:es)?$/i.test(answer) ? 'continue' : /^no?$/i.test(answer) ? 'new' : 'leave';
	} finally {
		terminal.close();
	}
};

/** Asks at the terminal whether a moved repository continues with its room, and does that. Refuses (exit 3) without an answer. */
export const askMoved = async (invocation: Invocation, moved: MovedRoom): Promise<void> => {
	const answer = await ask(moved);
	if (answer === 'leave') throw notReady('declined', 'Nothing was changed.', '');
	settleMove(invocation, answer === 'continue' ? moved : undefined);
};

/** `agent-room moved [--yes | --new]`: continues the room that a moved repository had at its old place, or starts an empty one. */
export const moved: RunCommand = async invocation => {
	const found = findMovedRoom(invocation);
	if (!found) throw notReady('not-moved', 'No room has lost its repository to this one.', 'Open this one with `agent-room`.');
	const isNew = isSet(invocation, 'new');
	if (isNew || isSet(invocation, 'yes')) settleMove(invocation, isNew ? undefined : found);
	else if (process.stdin.isTTY && process.stdout.isTTY) await askMoved(invocation, found);
	else throw notReady('no-terminal', 'No terminal to ask in.', 'Use `agent-room moved --yes`, or `--new` for an empty room.');
	if (isSet(invocation, 'json')) invocation.print(plainJson({from: found.from, isNew}));
	else invocation.print(isNew ? 'This repository has an empty room of its own.' : plainLine(`The room of ${found.from} continues here.`));
	return EXIT.ok;
};
