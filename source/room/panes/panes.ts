import {userInfo} from 'node:os';
import {agentName} from '../../core/agent/agent.ts';
import type {LineSent} from '../../core/team/panes.ts';
import type {PaneHandle, PaneInfo} from '../../store/room.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {Room} from '../parts/parts.ts';
import {createSending, createTaking, type TypeLine} from './keys.ts';
import {createPaneShow} from './show.ts';
import {createPaneWatch} from './watch.ts';

/** Panes of the team's other rooms, and this room's panes as others see them. */
export type TeamPanes = {
	/** The pane of an agent of another room; undefined if it has none. */
	pane(agent: string): PaneHandle | undefined;
	/** Of all agents of other rooms. */
	infos(): readonly PaneInfo[];
	/**
	 * Sends a line for an agent of another room, which types it; resolves to what became of it. Undefined if no such agent is elsewhere. A
	 * refusal of that room is shown at the pane too.
	 */
	typeLine(agent: string, text: string): Promise<LineSent> | undefined;
	/** Takes a message of this room's channel; `typeLine` types into a pane of this room. */
	heard(message: string, typeLine: TypeLine): void;
	close(): void;
};

/** A user id without a name must not prevent typing. */
const userName = (): string => {
	try {
		return userInfo().username;
	} catch {
		return 'somebody';
	}
};

type Parts = Pick<Room, 'facts' | 'record' | 'slots'> & {readonly coordination: Room['link']['coordination']};

/** Lets the rooms of a team show each other's panes. */
export const createTeamPanes = ({facts, record, slots, coordination}: Parts): TeamPanes => {
	const {roomId} = facts;
	const isTypingOff = facts.config.remoteTyping === 'off';
	const show = createPaneShow({coordination, slots, roomId, isTypingOff});
	const take = createTaking({coordination, slots, roomId, show, isTypingOff, log: facts.log});
	const person = `${userName()}@${facts.self.host}`;
	const sending = createSending({coordination, roomId, person, onProblem: (agent, problem) => watch.setProblem(agent, problem)});
	const watch = createPaneWatch({
		...{coordination, roomId, onChange: record.touch, nameOf: agentName},
		...{type: sending.type, resize: sending.resize, onUntyped: sending.untyped},
	});
	const isElsewhere = (agent: string): boolean => {
		const found = record.team().agents.get(agent);
		return found !== undefined && found.room.startsWith('room:') && found.room !== roomId && !slots.get(agent);
	};
	return {
		pane: agent => (isElsewhere(agent) ? watch.pane(agent) : undefined),
		infos: () =>
			[...record.team().agents.values()]
				.filter(({id, status}) => isElsewhere(id) && status !== 'stopped' && status !== 'unreachable')
				.map(({id: agent, task, statusAt}): PaneInfo => {
					const sight = watch.sight(agent);
					if (!sight?.elsewhere.isShown) {
						const elsewhere = sight?.elsewhere ?? {isShown: false, isTypingOff: false, problem: ''};
						return {agent, lastLine: '', outputAt: statusAt, columns: 80, rows: 24, isRunning: task !== '', elsewhere};
					}
					const {columns, rows} = sight.screen;
					const lastLine = cleanText(sight.screen.tail(1)[0]?.trim() ?? '', 300);
					return {agent, lastLine, outputAt: sight.outputAt, columns, rows, isRunning: sight.run !== '', elsewhere: sight.elsewhere};
				}),
		typeLine: (agent, text) => {
			if (!isElsewhere(agent)) return undefined;
			const {run = '', seen = 0} = watch.sight(agent) ?? {};
			return sending.line({agent, run, seen}, text);
		},
		heard: (message, typeLine) => {
			const [, word, agent = '', rest = ''] = /^(watch|frame|answer) (\S{1,200}) (.*)$/s.exec(message) ?? [];
			if (message === 'typed') take(typeLine);
			else if (word === 'watch') show.watched(agent, Math.max(0, Number(rest) || 0));
			else if (word === 'frame') watch.take(agent, rest);
			else if (word === 'answer') {
				const [, number, why = ''] = /^(\d{1,15}) (.*)$/s.exec(rest) ?? [];
				if (number !== undefined) sending.answered(agent, Number(number), why);
			}
		},
		close: () => {
			show.close();
			watch.close();
		},
	};
};
