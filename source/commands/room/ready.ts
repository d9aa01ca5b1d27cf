import {createOwnTty, type TtyOutput} from '../../attach/tty.ts';
import {startWatcher} from '../../attach/watcher.ts';
import {createTokenizer} from '../../terminal/input/tokenizer.ts';
import {createKeymap, keyLabel} from '../../ui/keymap/keymap.ts';
import {START_KEYS} from '../../ui/keymap/row.ts';
import {capabilitiesOf} from '../../ui/view/capabilities.ts';
import {isBlocked, missingIn, type Ready, type ReadyCheck, readyRows} from '../../ui/view/ready.ts';
import type {Place} from '../config/place.ts';
import type {Invocation} from '../parse/command.ts';
import {failureOf} from '../parse/print.ts';
import {startChecks} from '../setup/doctor.ts';
import type {Check} from '../setup/doctor-clis.ts';
import {init} from '../setup/init.ts';
import {whatStarts} from './what-starts.ts';

/** The user's choice in a repository without a room. */
export type Wish = 'open' | 'new-task' | 'demo' | 'leave';

/** Without these no room can open; it reports everything else itself. */
const NEEDED: readonly string[] = ['node', 'git', 'redis', 'terminal', 'repository', 'state'];
const LEAVING = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGQUIT'] as const;

const asReady = ({name, result, text, fix, isAbsent}: Check): ReadyCheck => ({
	name,
	mark: isAbsent ? 'absent' : result === 'bad' && !NEEDED.includes(name) ? 'warn' : result,
	text,
	fix,
});

const withoutColours = (text: string): string =>
	text.replace(/\x1b\[([\d;]*)m/g, (_, parameters: string) => {
		const kept = parameters.split(';').filter(parameter => ['0', '1', '2', '4', '7'].includes(parameter));
		return kept.length > 0 ? `\x1b[${kept.join(';')}m` : '';
	});

const noteOf = (action: string | undefined, key: string): string =>
	action === 'new-task' ? 'The room cannot open yet: fix what is marked ✗, then press c.' : `${key} does nothing here: see the keys below.`;

/**
 * The screen before a repository's first room: checks its requirements, shows each as soon as known, and starts nothing but what a key asks
 * for. Resolves with the user's choice, with the tty restored.
 */
export const ready = async (invocation: Invocation, place: Place): Promise<Wish> => {
	const {stdin} = process;
	const stdout = process.stdout as TtyOutput;
	const keymap = createKeymap(START_KEYS);
	const capabilities = capabilitiesOf(invocation.environment as Readonly<Record<string, string>>);
	const quick: Invocation = {...invocation, flags: {...invocation.flags, quick: true}};
	let state: Ready = {repository: place.repository.name, checks: [], starts: '', note: ''};
	let isAsked = false;
	const tty = createOwnTty({stdin, stdout, watcher: await startWatcher(stdout.fd)});
	const draw = (): void => {
		if (!tty.isOurs()) return;
		const rows = readyRows(state, {columns: stdout.columns, rows: stdout.rows, keymap, capabilities});
		const text = rows.map((row, index) => `\x1b[${index + 1};1H${row}`).join('');
		stdout.write(capabilities.colors === 'none' ? withoutColours(text) : text);
	};
	let round = 0;
	const look = (): void => {
		const started = startChecks(quick);
		const mine = ++round;
		isAsked = false;
		const found = new Map<string, readonly ReadyCheck[]>(
			started.map(({name}) => [name, [{name, mark: 'waits', text: 'checking…', fix: ''}]]),
		);
		const show = (): void => {
			state = {...state, checks: [...found.values()].flat()};
			draw();
		};
		show();
		whatStarts(invocation, place).then(
			starts => {
				if (mine !== round) return;
				state = {...state, starts};
				draw();
			},
			// A file that cannot be read is a check.
			() => undefined,
		);
		for (const {name, found: answer} of started)
			void answer
				.catch((error: unknown): readonly Check[] => [{name, result: 'bad', text: failureOf(error).message, fix: failureOf(error).hint}])
				.then(checks => {
					if (mine !== round) return;
					found.set(name, checks.map(asReady));
					show();
				});
	};
	const writeConfig = async (): Promise<void> => {
		const lines: string[] = [];
		try {
			await init({...quick, flags: {repo: invocation.flags.repo}, print: line => void lines.push(line)});
		} catch (error) {
			lines.push(failureOf(error).message);
		}
		state = {...state, note: lines.map(line => (/[.!?]$/.test(line) ? line : `${line}.`)).join(' ')};
		look();
	};

	/** Opens nothing useless before you have said so twice. */
	const mayOpen = (key: string): boolean => {
		const missing = missingIn(state);
		if (missing === '' || isAsked) return true;
		isAsked = true;
		tell(`${missing} i writes agent-room.yaml; ${key} again opens the room without it.`);
		return false;
	};
	const tell = (note: string): void => {
		state = {...state, note};
		draw();
	};

	const {promise, resolve} = Promise.withResolvers<Wish>();
	const tokenizer = createTokenizer({escapeMs: capabilities.escapeMs});
	let flush: NodeJS.Timeout | undefined;
	const onTokens = (tokens: ReturnType<typeof tokenizer.feed>): void => {
		for (const token of tokens) {
			if (token.type !== 'key') continue;
			const action = keymap.find('start', token.key)?.action;
			if (action === 'check' || (action === 'open' && isBlocked(state))) look();
			else if (action === 'init') void writeConfig();
			else if (action === 'demo' || action === 'leave') resolve(action);
			else if (action === 'open' || (action === 'new-task' && !isBlocked(state))) {
				if (mayOpen(keyLabel(token.key, capabilities.isAscii))) resolve(action);
			} else tell(action === 'back' ? '' : noteOf(action, keyLabel(token.key, capabilities.isAscii)));
		}
	};
	const onData = (bytes: Buffer): void => {
		clearTimeout(flush);
		onTokens(tokenizer.feed(bytes));
		if (tokenizer.hasPending) flush = setTimeout(() => onTokens(tokenizer.flush()), tokenizer.escapeMs);
	};
	const leave = (): void => resolve('leave');
	tty.enter();
	stdin.on('data', onData);
	stdin.once('end', leave);
	stdout.on('resize', draw);
	for (const signal of LEAVING) process.once(signal, leave);
	process.once('exit', tty.leave);
	look();
	const wish = await promise;
	round = -1;
	clearTimeout(flush);
	stdin.off('data', onData);
	stdin.off('end', leave);
	stdout.off('resize', draw);
	for (const signal of LEAVING) process.off(signal, leave);
	process.off('exit', tty.leave);
	tty.leave();
	return wish;
};
