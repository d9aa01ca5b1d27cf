import {describe, expect, test} from 'vitest';
import type {Principal} from '../../../source/core/authority/principal.ts';
import {ACTIONS, REPORTS, REQUESTS, refuseUnlessAllowed} from '../../../source/core/authority/table.ts';
import {type Action, actionSchema} from '../../../source/core/protocol/action.ts';
import {type Report, type Request, readRequest, requestWords} from '../../../source/core/protocol/request.ts';
import {STAGES} from '../../../source/core/task/task.ts';

const person: Principal = {kind: 'person', way: {by: 'terminal', terminal: 1}};
const speaker = {agent: 'agent:dev:001', task: 't-1', token: '7:x'};
const agentAt = (stage: string): Principal => ({kind: 'agent', ...speaker, stage});
const intruder: Principal = {kind: 'intruder', agent: 'agent:dev:001', pid: 4711};
const externalWorker: Principal = {kind: 'external'};

const isAllowed = (principal: Principal, request: Request): boolean => refuseUnlessAllowed(principal, request) === undefined;
const asRequest = (op: string, more: object = {}) => ({op, ...more}) as Request;
const order = (type: string): Request => asRequest('dispatch', {action: {type} as Action});
const reporting = (kind: string, as = speaker): Request => asRequest('report', {...as, kind: kind as Report['kind']});

const words = requestWords();

describe('the table of who may do what', () => {
	test('has a row for every request, action and report that the socket understands, and none besides', () => {
		expect(Object.keys(REQUESTS).toSorted()).toEqual([...words.requests].toSorted());
		expect(Object.keys(ACTIONS).toSorted()).toEqual([...words.actions].toSorted());
		expect(Object.keys(REPORTS).toSorted()).toEqual([...words.reports].toSorted());
		expect(actionSchema.options).toHaveLength(words.actions.length);
	});

	test('gives every action to a person and to nobody else', () => {
		const others = [...STAGES.map(agentAt), intruder, externalWorker];
		for (const type of words.actions) {
			expect(isAllowed(person, order(type))).toBe(true);
			expect(others.filter(other => isAllowed(other, order(type)))).toEqual([]);
		}
	});

	test('lets an agent report, of its own attempt, what its stage needs, and ask for nothing else', () => {
		const others = words.requests.filter(op => op !== 'report');
		const told = STAGES.map(stage => {
			expect(others.filter(op => isAllowed(agentAt(stage), asRequest(op, {action: {type: 'approve'}})))).toEqual([]);
			for (const wrong of [{agent: 'agent:rev:001'}, {task: 't-2'}, {token: '8:y'}, {token: ''}])
				expect(words.reports.filter(kind => isAllowed(agentAt(stage), reporting(kind, {...speaker, ...wrong})))).toEqual([]);
			return [stage, words.reports.filter(kind => isAllowed(agentAt(stage), reporting(kind))).join(' ')];
		});
		const everybody = 'progress blocked ask message inbox queue explain cost hook session tried';
		const reads = ['diff', 'log', 'show'];
		const of = (...more: readonly string[]): readonly string[] => [...more, ...everybody.split(' ')].toSorted();
		expect(Object.fromEntries(told.map(([stage, kinds]) => [stage, kinds?.split(' ').toSorted()]))).toEqual({
			plan: of('done', 'plan', ...reads),
			develop: of('done', 'lock', 'unlock', 'commit', ...reads),
			document: of('done', 'lock', 'unlock', 'commit', ...reads),
			resolve: of('done', 'lock', 'unlock', 'commit', ...reads),
			review: of('done', ...reads),
			audit: of('done', ...reads),
			test: of('tested'),
			merge: of(),
		});
	});

	test('lets whoever came by the socket of a person, and is none, learn that a room is there and no more', () => {
		for (const other of [intruder, externalWorker])
			expect(words.requests.filter(op => isAllowed(other, asRequest(op, {...speaker, kind: 'done', action: {type: 'approve'}})))).toEqual([
				'ping',
			]);
		expect(words.reports.filter(kind => isAllowed(person, reporting(kind)))).toEqual([]);
	});

	test('says who is refused and what', () => {
		expect(refuseUnlessAllowed(agentAt('develop'), order('approve'))).toMatchObject({
			code: 'refused',
			message: '`approve` is for humans only; dev-1 is an agent.',
		});
		expect(refuseUnlessAllowed(intruder, asRequest('attach'))).toMatchObject({
			message: '`attach` is for humans only; dev-1 is an agent.',
		});
		expect(refuseUnlessAllowed(agentAt('develop'), reporting('tested'))).toMatchObject({
			message: '`report tested` is not available in stage `develop`.',
		});
	});
});

test('what a newer program says is refused by the word that this room does not know, whole', () => {
	const problemOf = (value: object) => readRequest(JSON.stringify(value));
	const newer = 'it may come from a newer version';
	expect(problemOf({op: 'report', ...speaker, kind: 'sing', text: 'x'})).toEqual({problem: `unknown report \`sing\`; ${newer}`});
	expect(problemOf({op: 'report', ...speaker, kind: 'progress', text: 'x', mood: 1})).toEqual({
		problem: `unknown field \`mood\` of \`report progress\`; ${newer}`,
	});
	expect(problemOf({op: 'conduct'})).toEqual({problem: `unknown request \`conduct\`; ${newer}`});
	expect(problemOf({op: 'status', all: true})).toEqual({problem: `unknown field \`all\` of \`status\`; ${newer}`});
	expect(problemOf({op: 'dispatch', action: {type: 'sing'}})).toEqual({problem: `unknown action \`sing\`; ${newer}`});
	expect(problemOf({op: 'dispatch', action: {type: 'drain', on: true, '`\u001b[2J': 1}})).toEqual({
		problem: `unknown field \`??[2J\` of \`drain\`; ${newer}`,
	});
	for (const odd of [null, [], 7, 'x', {op: {}}, {op: '__proto__'}, {op: 'report', kind: '__proto__'}, {op: 'dispatch', action: null}])
		expect(readRequest(JSON.stringify(odd))).toMatchObject({problem: expect.stringContaining('unknown')});
});
