import {expect, test} from 'vitest';
import {agentRows} from '../../../source/ui/state/rows.ts';
import {drive} from '../fixtures/driver.ts';
import {agent, room} from '../fixtures/room.ts';

test('rows of agents are made once for a state, a snapshot and a moment, and anew for another of each', () => {
	const {state, snapshot, now} = drive(room({agents: [agent('dev', 1), agent('dev', 2)]}));
	const rows = agentRows(state, snapshot, now);
	expect(rows.map(({name}) => name)).toEqual(['dev-1', 'dev-2']);
	expect(agentRows(state, snapshot, now)).toBe(rows);
	expect(agentRows({...state, filters: {...state.filters, 1: 'dev-2'}}, snapshot, now).map(({name}) => name)).toEqual(['dev-2']);
	expect(agentRows(state, room({agents: [agent('dev', 3)]}), now).map(({name}) => name)).toEqual(['dev-3']);
	expect(agentRows(state, snapshot, now + 1000)).not.toBe(rows);
});
