import {join} from 'node:path';
import {hostSchema} from '../../source/core/protocol/output-schema.ts';
import {root} from './program.ts';
import type {Story} from './room.ts';
import {createTeamStory} from './team-story.ts';

const agent = JSON.stringify([join(root, 'test', 'fixtures', 'agent.sh')]);
/** A team whose merges are pushed, of one developer that is a shell program. */
export const teamConfig = `base: main
merge: push
test: 'true'
lease: 3s
backoff: 100ms
review: off
env: [STORY]
harnesses:
  mine: {command: ${agent}, finish: exit}
team:
  - {role: developer, harness: mine, count: 1}
`;

export type Host = ReturnType<typeof hostSchema.parse>;
/** The machines of a team, as `hosts --json` lists them. */
export const hostsOf = async (story: Story, redis: string): Promise<readonly Host[]> =>
	(await story.must('hosts', '--json', '--redis', redis))
		.trim()
		.split('\n')
		.filter(Boolean)
		.map(line => hostSchema.parse(JSON.parse(line)));

/** Two machines with one Redis and one bare remote. */
export const createTeam = (config = teamConfig): ReturnType<typeof createTeamStory> => createTeamStory(config);
