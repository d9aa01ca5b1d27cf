import type {LaunchContext} from '../cli.ts';
import {settings, type TomlValue} from './toml.ts';

/** Name of the permission profile of a run. */
const PROFILE = 'agent-room';

/** Where a commit in a linked worktree writes: its own git folder, and of the shared one only what a commit of one branch needs. */
const committing = ({commonDir, gitDir}: LaunchContext): readonly string[] => [
	gitDir,
	`${commonDir}/objects`,
	`${commonDir}/refs`,
	`${commonDir}/logs`,
];

/** Scratch space of those who may write nothing else. */
export const SCRATCH = 'tmp';

const profile = (context: LaunchContext): TomlValue => {
	const isWriting = context.writes && context.permissions === 'edit';
	const writable = isWriting ? committing(context) : [`${context.folder}/${SCRATCH}`];
	return {
		extends: isWriting ? ':workspace' : ':read-only',
		// Hooks and configuration of the shared git folder are code that runs elsewhere: read only, also where the repository lies in /tmp.
		filesystem: {[context.commonDir]: 'read', ...Object.fromEntries(writable.map(path => [path, 'write']))},
		// Without the network a command reaches no socket at all, not even the room's (its sandbox refuses `connect`): `agent-room report`
		// could not be heard, nor could tests that open a port.
		network: {enabled: true},
	};
};

/**
 * What a run may do. `ask`, and roles that only read: read everything, write only their scratch folder. `edit`: write in the worktree
 * and commit there. Both by the sandbox, whatever the person's own configuration says; what goes beyond is asked for where there is a
 * screen to ask on, and refused where there is none. `full`: Codex's own switch, only for those who write.
 */
export const rights = (context: LaunchContext): readonly string[] => {
	if (context.permissions === 'full' && context.writes) return ['--dangerously-bypass-approvals-and-sandbox'];
	return [
		...settings({[`permissions.${PROFILE}`]: profile(context), default_permissions: PROFILE}),
		...settings({approval_policy: context.mode === 'headless' ? 'never' : 'on-request'}),
	];
};

/** Are its commands held by the sandbox to reading? */
export const isReading = ({permissions, writes}: LaunchContext): boolean => !writes || permissions === 'ask';
