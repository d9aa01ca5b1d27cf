import {until, type World} from './world.ts';

/** A stretch of a task's way. Its window is what the act causes, until it is over. */
export type Section = {
	/** Brings the task to the edge of the window; the room runs when it begins. */
	readonly before: (world: World, task: string) => Promise<void>;
	readonly act: (world: World, task: string) => Promise<void>;
	readonly isOver: (world: World, task: string) => boolean | Promise<boolean>;
};

const LONG_MS = 20_000;

const isWorking = (world: World, task: string, attempt: number): boolean => world.told(`working-${task}-${attempt}`) !== '';
/** The newest attempt that was seen at work. */
const attemptOf = (world: World, task: string): number => {
	let attempt = 0;
	while (isWorking(world, task, attempt + 1)) attempt++;
	return attempt;
};

/** Adds a task until the room has it: who was told of no acceptance adds it again. */
export const add = async (world: World, task: string): Promise<void> => {
	await world.command('add', `Write ${task}`, '--id', task);
};

const hold = async (world: World, task: string): Promise<void> => {
	world.set(`wait-${task}`);
	await add(world, task);
	if (!(await until(() => isWorking(world, task, 1), LONG_MS))) throw new Error(`${task} was not taken up\n${world.account()}`);
};

/** How many attempts had begun when the window opened. */
const begun = new WeakMap<World, number>();

const killAgent = (world: World, task: string): void => {
	const attempt = attemptOf(world, task);
	begun.set(world, attempt);
	process.kill(Number(world.told(`working-${task}-${attempt}`)), 'SIGKILL');
};
const isWorkingAgain = (world: World, task: string): boolean => attemptOf(world, task) > (begun.get(world) ?? 0);

export const SECTIONS = {
	/** From the command that adds a task until its agent works. */
	claim: {
		before: async (world, task) => world.set(`wait-${task}`),
		act: add,
		isOver: (world, task) => isWorking(world, task, 1),
	},
	/** The agent dies; its work is saved and goes on in the next attempt. */
	save: {before: hold, act: async (world, task) => killAgent(world, task), isOver: isWorkingAgain},
	/** `report done`, until the task is another stage's. */
	'hand-in': {
		before: async (world, task) => {
			world.set('hold-test');
			world.unset('testing');
			await hold(world, task);
		},
		act: async (world, task) => world.unset(`wait-${task}`),
		isOver: world => world.has('testing'),
	},
	/** From the end of its tests until the base has moved, the room says so, and the worktree is gone. */
	landing: {
		before: async (world, task) => {
			world.set('hold-test');
			world.unset('testing');
			await add(world, task);
			if (!(await until(() => world.has('testing'), LONG_MS))) throw new Error(`${task} was not tested\n${world.account()}`);
		},
		act: async world => world.unset('hold-test'),
		isOver: async (world, task) =>
			world.worktrees().length === 0 && (await world.status())?.tasks.some(({id, state}) => id === task && state === 'merged') === true,
	},
	/** Redis is emptied under the room, and a person has it rebuilt. */
	rebuild: {
		before: async (world, task) => {
			await hold(world, task);
			// The journal is a moment behind Redis: what it has not read is not promised.
			if (!(await until(() => world.isKept(`${task}-a1`), LONG_MS))) throw new Error(`the journal never had the worktree of ${task}`);
		},
		act: async world => {
			// Killed while it writes that down, it answers nothing any more.
			await world.emptyRedis().catch(error => {
				if (world.trap.hit() === 0) throw error;
			});
			// The room finds out a moment later; before, there is nothing to rebuild.
			await until(async () => world.room() === undefined || world.trap.hit() > 0 || (await world.command('rebuild')).code === 0, LONG_MS);
		},
		isOver: async (world, task) => (await world.status())?.tasks.some(({id}) => id === task) === true,
	},
	/** After a kill with an agent at work: from the start of the room until the agent's work goes on. */
	start: {
		before: async (world, task) => {
			await hold(world, task);
			begun.set(world, attemptOf(world, task));
			await world.kill();
		},
		act: async world => world.start(),
		isOver: isWorkingAgain,
	},
	/** `agent-room stop` with an agent at work, until the room has ended. */
	stop: {
		before: hold,
		act: async world => void (await world.command('stop')),
		isOver: world => world.room() === undefined,
	},
} as const satisfies Readonly<Record<string, Section>>;

export type SectionName = keyof typeof SECTIONS;
export const SECTION_NAMES = Object.keys(SECTIONS) as readonly SectionName[];
