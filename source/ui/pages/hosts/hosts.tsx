import {Box} from 'ink';
import {agentName} from '../../../core/agent/agent.ts';
import {roleLabel} from '../../../core/agent/role-label.ts';
import {isThere, runsText, stateText} from '../../../core/protocol/hosts.ts';
import type {HostLine, HostsPage as Hosts} from '../../../core/protocol/output-schema.ts';
import {type Drawing, onceFor, teamNow} from '../../draw/context.ts';
import type {PageKind} from '../../hooks/kinds.ts';
import {usePage} from '../../hooks/page.ts';
import {age, ageOf, clock} from '../../model/time.ts';
import {boxData, PanelOf} from '../../parts/box.tsx';
import {moved, NO_OVERFLOW, type PageContent} from '../../state/descriptor.ts';
import {focusOn} from '../../state/focus.ts';
import {type Context, refuse, unchanged} from '../../state/message.ts';
import type {Page} from '../../state/pages.ts';
import {lookOf, type ViewState} from '../../state/state.ts';
import {field, paragraph} from '../../text/blocks.ts';
import {type BoxContent, windowStart} from '../../text/box.ts';
import {cell, dropRight, type Line, lineWidth, said, span, spread, type Tone, widthOf} from '../../text/text.ts';

declare module '../../keymap/row.ts' {
	interface OwnPages {
		/** The machines of the team; `selected`: the life of a room, '' for the first. */
		hosts: {readonly selected: string};
	}
}
type HostsPage = Extract<Page, {kind: 'hosts'}>;

const hostsOf = (state: ViewState): readonly HostLine[] => lookOf(state, 'hosts', '')?.hosts ?? [];
const chosenIn = (hosts: readonly HostLine[], {selected}: HostsPage): HostLine | undefined =>
	hosts.find(({room}) => room === selected) ?? hosts[0];

const TONES: Readonly<Record<HostLine['state'], Tone>> = {
	up: 'good',
	draining: 'warning',
	silent: 'warning',
	gone: 'danger',
	stopped: 'dim',
};
const gigabytes = (bytes: number): string => (bytes > 0 ? `${(bytes / 2 ** 30).toFixed(1)} GB` : '');

type Told = {readonly text: string; readonly tone?: Tone};
/** Columns of the table; those with a `least` width of the screen are left out below it. */
const COLUMNS: ReadonlyArray<{
	readonly name: string;
	readonly columns: number;
	readonly least: number;
	readonly of: (host: HostLine, at: number) => Told;
}> = [
	{name: 'state', columns: 9, least: 0, of: ({state, leads}) => ({text: leads ? `${state} *` : state, tone: TONES[state]})},
	{name: 'agents', columns: 8, least: 40, of: host => ({text: isThere(host) ? `${host.working} of ${host.agents}` : ''})},
	{
		name: 'load',
		columns: 5,
		least: 50,
		of: host => ({text: isThere(host) && host.beatAt > 0 ? `${host.load}%` : '', tone: host.load > 100 ? 'warning' : 'plain'}),
	},
	{name: 'free', columns: 8, least: 60, of: host => ({text: isThere(host) ? gigabytes(host.memory) : ''})},
	{
		name: 'beat',
		columns: 5,
		least: 40,
		of: ({beatAt, state}, at) => ({text: ageOf(beatAt, at), tone: state === 'up' ? 'dim' : TONES[state]}),
	},
	{name: 'version', columns: 9, least: 70, of: ({version}) => ({text: version, tone: 'dim'})},
];

const tableOf = (hosts: readonly HostLine[], chosen: HostLine | undefined, at: number, columns: number) => {
	const shown = COLUMNS.filter(({least}) => columns + 2 >= least);
	const names = Math.min(24, Math.max(7, ...hosts.slice(0, 300).map(({host}) => widthOf(said(host)))));
	const fixed = shown.reduce((sum, column) => sum + column.columns + 1, 0);
	const left = Math.max(0, columns - 2 - names - fixed - 1);
	const hasRuns = left >= 16;
	const titles = shown.map(({name, columns: width}) => ` ${cell(name, width)}`).join('');
	const head: Line = [span(`  ${cell('machine', names)}${titles}${hasRuns ? ` ${cell('runs', left)}` : ''}`, 'dim')];
	const lineOf = (host: HostLine): Line => [
		span(host.room === chosen?.room ? '▸ ' : '  '),
		span(cell(host.host, names), isThere(host) ? 'strong' : 'dim'),
		...shown.flatMap(({columns: width, of}) => {
			const {text, tone} = of(host, at);
			return [span(' '), span(cell(text, width), tone ?? 'plain')];
		}),
		...(hasRuns ? [span(` ${cell(runsText(host), left)}`, 'dim')] : []),
	];
	return {head, lineOf};
};

const ALONE =
	'Only this machine. To add one, start a worker in a clone there: `agent-room worker --redis URL --team developer:8`. This room must run on the same Redis (`--redis`). `agent-room help teams` explains it.';

/** Why no machine is listed. */
const nobody = (page: Hosts | undefined, {snapshot}: Drawing): string =>
	page
		? 'No room has joined yet.'
		: snapshot.redis.isConnected
			? 'Reading…'
			: 'Redis is disconnected. The machines appear when it is back.';

const listBox = (drawing: Drawing, page: HostsPage, rect: BoxContent['rect']): BoxContent => {
	const {state} = drawing;
	const hosts = hostsOf(state);
	const chosen = chosenIn(hosts, page);
	const columns = rect.columns - 2;
	const {head, lineOf} = tableOf(hosts, chosen, teamNow(drawing), columns);
	const alone = hosts.filter(isThere).length === 1 ? [[], ...paragraph(ALONE, columns, 4, 'dim')] : [];
	const height = Math.max(1, rect.rows - 3 - (rect.rows - 3 - alone.length > hosts.length ? alone.length : 0));
	const at = chosen ? hosts.indexOf(chosen) : -1;
	const from = windowStart(hosts.length, height, Math.max(0, at));
	const shown = hosts.slice(from, from + height);
	return {
		rect,
		title: [span(`Machines ${hosts.filter(isThere).length}`, 'strong')],
		titleRight: hosts.some(({leads}) => leads) ? [span('* leads', 'dim')] : [],
		footer: hosts.length > height ? [span(`${from + 1}-${from + shown.length} of ${hosts.length}`, 'dim')] : [],
		lines:
			hosts.length > 0
				? [head, ...shown.map(lineOf), ...alone]
				: [[], ...paragraph(nobody(lookOf(state, 'hosts', ''), drawing), columns, 4, 'dim')],
		selected: hosts.length > 0 ? 1 + at - from : -1,
		isHeavy: !state.dialog,
		tone: 'plain',
	};
};

/** The chosen machine: what it is, what it may run, and what its agents do. */
const chosenBox = (host: HostLine, drawing: Drawing, rect: BoxContent['rect']): BoxContent => {
	const {agents} = drawing.snapshot.team;
	const now = teamNow(drawing);
	const columns = rect.columns - 2;
	const own = [...agents.values()].filter(({room, status}) => room === host.room && status !== 'stopped');
	const runs = host.runs.map(({role, harness, agents: count}) => `${count} ${roleLabel(role)}${harness ? ` (${harness})` : ''}`).join(', ');
	const working = own.filter(({task}) => task !== '').map(({id, task}) => `${agentName(id)} ${task}`);
	const since = host.joinedAt > 0 ? `${age(now - host.joinedAt)} ago` : '';
	return {
		rect,
		title: [span(said(host.host, 40), 'strong')],
		lines: [
			...field('state', `${stateText(host)}${host.leads ? ' the team' : ''}${since ? `, joined ${since}` : ''}`, columns, {most: 1}),
			...field('version', host.version, columns, {most: 1}),
			...field('may run', runs, columns, {most: 6}),
			...field('offers', host.offers.join(', '), columns, {most: 2}),
			...field('running', working.join(', ') || (isThere(host) ? 'nothing' : ''), columns, {most: 8}),
			...field('room', host.room, columns, {most: 1, tone: 'dim'}),
		],
		selected: -1,
		isHeavy: false,
		tone: 'plain',
	};
};

const panels = onceFor((drawing, page: HostsPage) => {
	const {layout, now, state} = drawing;
	const {columns} = layout;
	const hosts = hostsOf(state);
	const chosen = chosenIn(hosts, page);
	const body = layout.rows - 2 - Math.max(1, layout.attention.length);
	const below = chosen && body >= 14 ? Math.min(12, Math.floor(body * 0.45)) : 0;
	const count = (wanted: HostLine['state'], word: string, tone: Tone): readonly Line[] => {
		const number = hosts.filter(host => host.state === wanted).length;
		return number > 0 ? [[span(`${number} ${word}`, tone)]] : [];
	};
	const name: Line = [span(columns >= 100 ? ' agent-room › machines  ' : ' machines  ', 'strong')];
	const end: Line = [span(`  ${clock(now)} `)];
	const parts = [
		...count('up', 'up', 'good'),
		...count('draining', 'draining', 'warning'),
		...count('silent', 'silent', 'warning'),
		...count('gone', 'gone', 'danger'),
		...count('stopped', 'stopped', 'dim'),
	];
	const header = spread([...name, ...dropRight(parts, columns - lineWidth(name) - lineWidth(end), '   ')], end, columns);
	const whole = {x: 0, y: 1, columns, rows: body};
	return {
		header,
		list: listBox(drawing, page, {...whole, rows: body - below}),
		chosen: chosen && below > 0 ? chosenBox(chosen, drawing, {...whole, y: 1 + body - below, rows: below}) : undefined,
	};
});

const shown = (drawing: Drawing, page: HostsPage) => {
	const {list, chosen} = panels(drawing, page);
	return {list: boxData(list), chosen: chosen && boxData(chosen)};
};

const HostsPanels = () => {
	const page = usePage('hosts', shown);
	return (
		page && (
			<Box flexDirection="column">
				<PanelOf box={page.list} />
				<PanelOf box={page.chosen} />
			</Box>
		)
	);
};

/** The machines of the team, those that work first, read from Redis while somebody looks. */
export const HOSTS: PageKind<HostsPage> = {
	word: 'MACHINES',
	title: 'machines',
	keys: [{scope: 'hosts', keys: ['enter'], action: 'open', label: 'its agents', help: 'list its agents', group: 'SEE', order: 1}],
	opens: {
		key: {
			...{scope: 'room', keys: ['S'], action: 'hosts', words: ['hosts', 'team', 'workers', 'servers']},
			...{label: 'machines', help: 'machines of the team', group: 'SEE'},
		},
		first: () => ({kind: 'hosts', selected: ''}),
	},
	orders: {
		open: (state, page, context: Context) => {
			const chosen = chosenIn(hostsOf(state), page);
			if (!chosen) return refuse(state, 'No machine is selected.', context);
			// A name with other characters is no word of a filter.
			const filter = `h:${chosen.host.replace(/[^A-Za-z0-9_.-]/g, '')}`;
			return unchanged({...focusOn(state, 1), filters: {...state.filters, 1: filter}});
		},
	},
	looksAt: () => [{what: 'hosts', task: ''}],
	move: (page, move, _context, state) => {
		const rooms = hostsOf(state).map(({room}) => room);
		const at = Math.max(0, rooms.indexOf(page.selected));
		return {...page, selected: rooms[moved(move, at, rooms.length - 1)] ?? ''};
	},
	content: (drawing, page): PageContent => ({header: panels(drawing, page).header, overflow: NO_OVERFLOW}),
	Part: HostsPanels,
};
