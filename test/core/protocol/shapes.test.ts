import {globSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, expectTypeOf, test} from 'vitest';
import type {Agent} from '../../../source/core/agent/agent.ts';
import type {Feature} from '../../../source/core/plan/feature.ts';
import type {AgentLine, StatusLine, TaskDetail, TaskLine} from '../../../source/core/protocol/output-schema.ts';
import type {Task, WholeTask} from '../../../source/core/task/task.ts';
import type {Control} from '../../../source/core/team/snapshot.ts';
import type {Counts} from '../../../source/core/team/window.ts';

const source = join(import.meta.dirname, '../../../source');

describe('a shape', () => {
	test('is stated once: its type comes from its schema, and none is written beside it', () => {
		const files = globSync('**/*.{ts,tsx}', {cwd: source}).map(file => ({file, text: readFileSync(join(source, file), 'utf8')}));
		expect(files.filter(({text}) => /\bInferred<typeof /.test(text)).length).toBeGreaterThan(8);
		expect(files.filter(({text}) => /\bsatisfies z\.ZodType</.test(text)).map(({file}) => file)).toEqual([]);
	});

	test('that `--json` prints has every field of what it is printed from, save a token and the end of a log', () => {
		expectTypeOf<keyof TaskLine>().toEqualTypeOf<Exclude<keyof Task, 'token' | 'last'> | 'why'>();
		expectTypeOf<keyof TaskDetail>().toEqualTypeOf<Exclude<keyof WholeTask, 'token' | 'last'> | 'why'>();
		expectTypeOf<keyof AgentLine>().toEqualTypeOf<Exclude<keyof Agent, 'token'> | 'name'>();
		expectTypeOf<keyof StatusLine['control']>().toEqualTypeOf<keyof Control>();
		expectTypeOf<keyof StatusLine['counts']>().toEqualTypeOf<keyof Counts>();
		expectTypeOf<keyof StatusLine['features'][number]>().toEqualTypeOf<keyof Feature>();
	});
});
