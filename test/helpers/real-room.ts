import {mkdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {onTestFinished} from 'vitest';
import {type SessionLine, sessionSchema} from '../../source/core/session/words.ts';
import {stayOutOfDevices, temporaryFolder} from './cleanup.ts';
import {homeOf, realProgram} from './cli.ts';
import {APPROVES, DEV_1, type EngineOptions, openEngine, type TestRoom} from './engine.ts';
import type {Script} from './model-server/script.ts';
import {type ModelServer, startModelServer} from './model-server.ts';

/** The CLIs that have a screen of their own and signs that the room reads. */
export const SCREENED = ['claude', 'codex', 'gemini', 'opencode'] as const;
export type Screened = (typeof SCREENED)[number];

export type RealRoom = TestRoom & {
	readonly model: ModelServer;
	/** What the developer's screen shows, as lines. */
	screen(): string;
	/** Types into its pane, as a person does. */
	type(bytes: string): void;
	/** What `explain` tells of its program; undefined where none runs. */
	session(): Promise<SessionLine | undefined>;
	/** Whether the model got a request that this step answers. */
	isAsked(fits: (step: object) => boolean): boolean;
};

/** A room in this process whose one developer is a real CLI in its pane, on a scripted model; another program approves. */
export const openReal = async (cli: Screened, script: Script, further: Partial<EngineOptions> = {}): Promise<RealRoom> => {
	stayOutOfDevices();
	const model = await startModelServer({script});
	onTestFinished(() => model.close());
	const home = temporaryFolder('h');
	for (const [name, text] of Object.entries(homeOf(model.url))) {
		mkdirSync(dirname(join(home, name)), {recursive: true});
		writeFileSync(join(home, name), text);
	}
	const environment = {
		HOME: home,
		ANTHROPIC_BASE_URL: model.url,
		ANTHROPIC_AUTH_TOKEN: 'x',
		SCRIPTED_API_KEY: 'x',
		GEMINI_API_KEY: 'x',
		GOOGLE_GEMINI_BASE_URL: model.url,
		XDG_CONFIG_HOME: join(home, 'c'),
		OPENCODE_DISABLE_MODELS_FETCH: '1',
		// opencode installs a package of its own at its first start: here that fails at once.
		npm_config_registry: 'http://127.0.0.1:1/',
		npm_config_fetch_retries: '0',
	};
	const room = await openEngine({
		agents: {developer: '', 'code-sentinel': APPROVES},
		clis: {developer: {cli, command: [realProgram(cli)], environment}},
		...further,
	});
	return {
		...room,
		model,
		screen: () => {
			const screen = room.store.pane(DEV_1)?.screen;
			return screen ? Array.from({length: screen.rows}, (_, row) => screen.textOf(row)).join('\n') : '';
		},
		type: bytes => room.store.pane(DEV_1)?.write(Buffer.from(bytes)),
		session: async () => {
			const {data} = await room.call({op: 'explain', id: 'dev-1'});
			return sessionSchema.safeParse((data as {session?: unknown} | undefined)?.session).data;
		},
		isAsked: fits => model.requests.some(({steps}) => steps.some(fits)),
	};
};
