/** What adds one of a kind: new files with their text, and rows in files that are there, each put before a text that is in there once. */
export type Addition = {
	readonly files: Readonly<Record<string, string>>;
	readonly rows: Readonly<Record<string, ReadonlyArray<readonly [before: string, row: string]>>>;
};

const ROLE = `import type {Role} from '../core/task/stages.ts';

export const RELEASE_WRITER: Role = {
	name: 'release-writer',
	prefix: 'rel',
	stages: ['develop'],
	writes: true,
	prompt: '# {title}\\n\\nYou write the release notes.\\n\\n{description}\\n',
};
`;

const HARNESS = `import type {Cli} from '../shared/cli.ts';
import {HEADLESS_ONLY} from '../shared/headless.ts';

export const parrot: Cli = {
	...HEADLESS_ONLY,
	name: 'parrot',
	title: 'Parrot',
	package: 'parrot',
	verified: '',
	login: 'parrot login',
	home: [],
	hosts: [],
	loginEnvironment: [],
	launch: ({program, prompt}) => ({command: [...program, prompt], environment: {}, files: []}),
	readLine: line => ({readings: [], text: line}),
};
`;

const SCRIPT = `--- salute: greets somebody.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 name
---
--- Replies: a greeting

return 'hello, ' .. ARGV[2]
`;

const DIALOG = `import {answered, type DialogKind} from '../hooks/kinds.ts';
import {Confirm, type DialogOf, Offers, Say, useDialog} from '../parts/dialog.tsx';

declare module '../keymap/row.ts' {
	interface OwnDialogs {
		greeting: {readonly name: string};
	}
}

const greeting = (_drawing: unknown, {name}: DialogOf<'greeting'>) => name;

const GreetingDialog = () => {
	const name = useDialog('greeting', greeting);
	return (
		name !== undefined && (
			<Confirm title="A greeting">
				<Say>{\`hello, \${name}\`}</Say>
				<Offers of="greeting" />
			</Confirm>
		)
	);
};

export const GREETING: DialogKind<DialogOf<'greeting'>> = {
	mode: 'GREETING',
	title: 'greeting',
	keys: [{scope: 'greeting', keys: ['esc'], action: 'close', label: 'close', help: 'close', group: '', order: 1}],
	opens: {
		key: {scope: 'room', keys: ['&'], action: 'greeting', label: '', help: 'greet the repository', group: 'ROOM'},
		first: (_state, {snapshot}) => ({kind: 'greeting', name: snapshot.repository.name}),
	},
	update: answered(() => undefined),
	Part: GreetingDialog,
};
`;

const PAGE = `import type {Drawing} from '../../draw/context.ts';
import type {PageKind} from '../../hooks/kinds.ts';
import {usePage} from '../../hooks/page.ts';
import {Panel} from '../../parts/panel.tsx';
import {T} from '../../parts/tone.tsx';
import {NO_OVERFLOW} from '../../state/descriptor.ts';
import type {Page} from '../../state/pages.ts';
import {span} from '../../text/text.ts';

declare module '../../keymap/row.ts' {
	interface OwnPages {
		census: {readonly isCounted: boolean};
	}
}
type Census = Extract<Page, {kind: 'census'}>;

const census = ({layout, snapshot}: Drawing, {isCounted}: Census) => ({
	columns: layout.columns,
	rows: layout.rows - 2 - layout.attention.length,
	told: isCounted ? \`\${snapshot.team.agents.size} agents\` : 'not counted yet',
});

const CensusPanels = () => {
	const page = usePage('census', census);
	return (
		page && (
			<Panel columns={page.columns} rows={page.rows} title={[span('Census')]} isHeavy>
				<T>{page.told}</T>
			</Panel>
		)
	);
};

export const CENSUS: PageKind<Census> = {
	word: 'CENSUS',
	title: 'census',
	keys: [{scope: 'census', keys: ['c'], action: 'count', label: 'count', help: 'count them', group: 'SEE', order: 1}],
	opens: {
		key: {scope: 'room', keys: ['_'], action: 'census', label: '', help: 'who there is', group: 'SEE'},
		first: () => ({kind: 'census', isCounted: false}),
	},
	orders: {count: (state, page) => ({state: {...state, pages: [...state.pages.slice(0, -1), {...page, isCounted: true}]}, commands: []})},
	move: page => page,
	content: () => ({header: [span(' agent-room › census')], overflow: NO_OVERFLOW}),
	Part: CensusPanels,
};
`;

const PANEL = `import type {RoomSnapshot} from '../../store/room.ts';
import {selectedOf} from '../state/rows.ts';
import type {ViewState} from '../state/state.ts';
import {span} from '../text/text.ts';
import {type ListKind, leadOf} from './list.ts';

declare module '../text/layout.ts' {
	interface OwnPanels {
		7: 'roles';
	}
}

const roles = (_state: ViewState, {team}: RoomSnapshot) => [...new Set([...team.agents.values()].map(({role}) => role))];

export const ROLES: ListKind = {
	name: 'Roles',
	rows: roles,
	content: ({state, snapshot}) => {
		const rows = roles(state, snapshot);
		const selected = selectedOf(7, rows, state);
		const lines = rows.map(role => [span(\`\${leadOf(role === selected, [], role)}the \${role}\`)]);
		return {lines, selected: rows.indexOf(selected), total: rows.length, first: 0};
	},
	total: (_drawing, content) => content().total,
};
`;

const CALL = `import {connectRedis} from './source/redis/connection.ts';
import {argumentList, loadScript} from './source/redis/scripts/table.ts';

const connection = await connectRedis({socketPath: process.argv[2] ?? ''});
console.log(await connection.run(loadScript('salute'), ['x:events'], argumentList('salute', 'x', '', {name: 'somebody'})));
connection.close();
`;

/** One of each kind, by the name that the guide's page has for it. */
export const ADDITIONS: Readonly<Record<string, Addition>> = {
	role: {
		files: {'source/roles/release-writer.ts': ROLE},
		rows: {
			'source/roles/roles.ts': [
				["import {SECURITY_AUDITOR} from './security-auditor.ts';", "import {RELEASE_WRITER} from './release-writer.ts';\n"],
				['\tDOCUMENTATION_WRITER,\n];', '\tRELEASE_WRITER,\n'],
			],
		},
	},
	harness: {
		files: {'source/harnesses/parrot/parrot.ts': HARNESS},
		rows: {
			'source/harnesses/clis.ts': [
				["import {qwen} from './qwen/qwen.ts';", "import {parrot} from './parrot/parrot.ts';\n"],
				['cline, amp};', 'parrot, '],
			],
		},
	},
	action: {
		files: {},
		rows: {
			'source/core/protocol/action.ts': [["\tplain('pause-all'),", "\tz.object({type: z.literal('salute'), name}),\n"]],
			'source/core/authority/table.ts': [["\t'pause-all': PERSON,", '\tsalute: PERSON,\n']],
			'source/room/orders/perform.ts': [["\t'pause-all': pauseAll,", '\tsalute: async (_room, {name}) => done(`hello, ${name}`),\n']],
		},
	},
	command: {
		files: {},
		rows: {
			'source/commands/rows/work.ts': [
				[
					"\t{\n\t\tname: 'request-changes',",
					"\t{\n\t\tname: 'salute',\n\t\tgroup: 'tasks',\n\t\targuments: 'NAME',\n\t\ttakes: [1, 1],\n\t\tsummary: 'greet somebody',\n\t\tflags: {},\n\t\texamples: ['agent-room salute world'],\n\t\taction: given => ({type: 'salute', name: argument(given)}),\n\t},\n",
				],
			],
		},
	},
	dialog: {
		files: {'source/ui/dialogs/greeting.tsx': DIALOG},
		rows: {
			'source/ui/screen/registry.ts': [
				["import {FIND, LOG} from '../dialogs/log.tsx';", "import {GREETING} from '../dialogs/greeting.tsx';\n"],
				["\t'kill-all': KILL_ALL,", '\tgreeting: GREETING,\n'],
			],
		},
	},
	key: {
		files: {},
		rows: {
			'source/ui/screen/named-orders.ts': [
				[
					"\t{\n\t\tscope: 'room',\n\t\tkeys: [],\n\t\taction: 'detach-all',",
					"\t{\n\t\tscope: 'room',\n\t\tkeys: ['='],\n\t\taction: 'wave',\n\t\tlabel: '',\n\t\thelp: 'wave to everybody',\n\t\tgroup: 'ROOM',\n\t\trun: (state, {now}) => unchanged(say(state, 'everybody waves back', now)),\n\t},\n",
				],
			],
		},
	},
	panel: {
		files: {'source/ui/panels/roles.ts': PANEL},
		rows: {
			'source/ui/panels/panels.ts': [
				["import {QUEUE} from './queue.ts';", "import {ROLES} from './roles.ts';\n"],
				['};\n\nexport const LISTS', ', 7: ROLES'],
			],
		},
	},
	page: {
		files: {'source/ui/pages/census/census.tsx': PAGE},
		rows: {
			'source/ui/screen/registry.ts': [
				['import {EventsPanels, eventsPage}', "import {CENSUS} from '../pages/census/census.tsx';\n"],
				["\ttask: {\n\t\tword: 'TASK',", '\tcensus: CENSUS,\n'],
			],
		},
	},
	theme: {
		files: {},
		rows: {'source/core/config/themes.ts': [['\tmono: {dark', '\tneon: {dark: ANSI, light: DALTONIZED_LIGHT},\n']]},
	},
	script: {
		files: {'lua/salute.lua': SCRIPT},
		rows: {'source/redis/scripts/table.ts': [['\tsubmit: [', "\tsalute: ['name'],\n"]]},
	},
};

/** What calls the script: no part of what is added. */
export const CALL_OF_SCRIPT = CALL;
