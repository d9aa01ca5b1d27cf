import {type StartedGit, startGit} from './start.ts';

/** One git process that is asked about objects, one after the other; it starts with the first question. Undefined: missing, or git has ended. */
export type CatFile = {
	info(name: string): Promise<Info | undefined>;
	/** The object's content. Ask for its size first. */
	content(name: string): Promise<Buffer | undefined>;
	close(): void;
};

type Info = {readonly id: string; readonly kind: string; readonly size: number};
type Answer = Info & {readonly content: Buffer};

const NEWLINE = 10;

export const openCatFile = (folder: string, environment: Readonly<Record<string, string>>): CatFile => {
	let started: StartedGit | undefined;
	let isOver = false;
	let held: Buffer[] = [];
	let size = 0;
	/** Bytes without which the answer cannot be whole. */
	let needed = 1;
	let asked: {readonly hasContent: boolean; readonly answer: (answer: Answer | undefined) => void} | undefined;

	const settle = (answer: Answer | undefined): void => {
		const was = asked;
		[held, size, needed, asked] = [[], 0, 1, undefined];
		was?.answer(answer);
	};
	/** The answer in what came so far; undefined: not yet whole. */
	const readAnswer = (hasContent: boolean): {readonly answer: Answer | undefined} | undefined => {
		const bytes = Buffer.concat(held);
		const end = bytes.indexOf(NEWLINE);
		held = [bytes];
		needed = size + 1;
		if (end < 0) return undefined;
		const [, id = '', kind = '', length = ''] = /^([0-9a-f]+) (\w+) (\d+)$/.exec(bytes.toString('latin1', 0, end)) ?? [];
		if (id === '') return {answer: undefined};
		const info = {id, kind, size: Number(length)};
		if (!hasContent) return {answer: {...info, content: Buffer.alloc(0)}};
		needed = end + 1 + info.size + 1;
		return size < needed ? undefined : {answer: {...info, content: bytes.subarray(end + 1, needed - 1)}};
	};
	const look = (): void => {
		const found = asked && size >= needed ? readAnswer(asked.hasContent) : undefined;
		if (found) settle(found.answer);
	};
	const end = (): void => {
		isOver = true;
		settle(undefined);
	};
	const start = (): StartedGit => {
		const git = startGit(folder, ['cat-file', '--batch-command'], environment);
		git.on('error', end).on('close', end);
		git.stdin.on('error', end);
		git.stdout.on('data', (chunk: Buffer) => {
			held.push(chunk);
			size += chunk.length;
			look();
		});
		return git;
	};
	const ask = (command: 'info' | 'contents', name: string): Promise<Answer | undefined> =>
		new Promise(answer => {
			if (isOver) return answer(undefined);
			started ??= start();
			asked = {hasContent: command === 'contents', answer};
			started.stdin.write(`${command} ${name}\n`);
		});
	return {
		info: name => ask('info', name),
		content: async name => (await ask('contents', name))?.content,
		close: () => {
			isOver = true;
			started?.kill();
		},
	};
};
