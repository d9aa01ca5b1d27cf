import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {standingFor} from '../helpers/cases.ts';
import {temporaryFolder} from '../helpers/cleanup.ts';
import {root} from '../helpers/program.ts';
import {AIMS, type Aim} from './attack.ts';
import {ATTACKS} from './attacks/all.ts';
import {wrongIn} from './judge.ts';
import {attack} from './once.ts';

/** One of each kind that takes little time; the whole list is `npm run redteam`. */
const SHORT = [
	...['home-01', 'checkout-01', 'others-01', 'others-02', 'environment-01', 'state-01', 'redis-02', 'socket-05', 'base-03', 'base-06'],
	...['plant-01', 'plant-03', 'plant-16', 'program-01', 'person-07', 'process-06'],
];

test.for(standingFor(['on', 'off'] as const, sandbox => sandbox === 'on'))(
	'with the sandbox %s, a hostile agent beside four that work comes as far as the guide says',
	async (sandbox, {signal}) => {
		const attacks = ATTACKS.filter(({id}) => SHORT.includes(id));
		const said: string[] = [];
		const {verdict, words} = await attack({
			parent: temporaryFolder('red'),
			root,
			node: process.execPath,
			sandbox,
			known: {sandbox: true, limits: false},
			attacks,
			print: line => said.push(line),
			signal,
		});
		const account = `${said.join('\n')}\n${words}`;
		expect(wrongIn(sandbox, verdict, attacks), account).toEqual([]);
		if (sandbox === 'on') expect(verdict.broken, account).toEqual([]);
	},
);

test('the judge imports nothing of the room', () => {
	const imports = ['judge.ts', 'attack.ts', 'world.ts'].flatMap(name => [
		...readFileSync(join(import.meta.dirname, name), 'utf8').matchAll(/from '(.*?)'/g),
	]);
	expect(imports.map(([, name = '']) => name).filter(name => !/^node:|^\.\/(?:attack|world)\.ts$/.test(name))).toEqual([]);
});

test('the guide has a row for each aim, and says of each whether it is stopped', () => {
	const guide = readFileSync(join(root, 'source', 'guide', 'security.md'), 'utf8');
	const rows = new Map(
		[...guide.matchAll(/^\| (.+?) +\| (.+?) +\| (.+?) +\|$/gm)].map(([, aim = '', on = '', off = '']) => [aim, {on, off}]),
	);
	for (const aim of Object.keys(AIMS) as Aim[]) {
		const list = ATTACKS.filter(one => one.aim === aim);
		const open = list.filter(one => one.isOpenWithout).length;
		const row = rows.get(AIMS[aim]);
		expect([aim, row?.on.split(/[:;,.]/)[0]]).toEqual([aim, 'stopped']);
		expect([aim, row?.off.split(/[:;,.]/)[0]]).toEqual([aim, open === 0 ? 'stopped' : open === list.length ? 'not stopped' : 'in part']);
	}
});
