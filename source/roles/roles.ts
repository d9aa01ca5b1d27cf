import type {Role, RoleChange} from '../core/task/stages.ts';
import type {Stage} from '../core/task/task.ts';
import {CODE_SENTINEL} from './code-sentinel.ts';
import {CONFLICT_RESOLVER} from './conflict-resolver.ts';
import {DEVELOPER} from './developer.ts';
import {DOCUMENTATION_WRITER} from './documentation-writer.ts';
import {ORCHESTRATOR} from './orchestrator.ts';
import {REPOSITORY_GUARDIAN, TEST_ORCHESTRATOR} from './programs.ts';
import {SECURITY_AUDITOR} from './security-auditor.ts';

/** The eight built-in roles; a configuration changes their briefs and adds others. */
export const ROLES: readonly Role[] = [
	ORCHESTRATOR,
	DEVELOPER,
	CODE_SENTINEL,
	SECURITY_AUDITOR,
	TEST_ORCHESTRATOR,
	CONFLICT_RESOLVER,
	REPOSITORY_GUARDIAN,
	DOCUMENTATION_WRITER,
];

export const roleNamed = (name: string): Role | undefined => ROLES.find(role => role.name === name);

/** Stages whose commits are merged. */
export const WRITING_STAGES: readonly Stage[] = ['develop', 'document', 'resolve'];

const ownRole = (name: string, {prefix, stages = ['develop'], prompt}: RoleChange): Role => ({
	name,
	prefix: prefix ?? (name.replace(/[^a-z]/g, '').slice(0, 5) || 'agent'),
	stages,
	writes: stages.some(stage => WRITING_STAGES.includes(stage)),
	prompt: prompt ?? (stages.includes('develop') ? DEVELOPER : stages.includes('document') ? DOCUMENTATION_WRITER : ORCHESTRATOR).prompt,
});

/** A role as configured; a custom role without settings develops. A configuration cannot change the rights of the built-in ones. */
export const roleIn = (name: string, changes: Readonly<Record<string, RoleChange>>): Role => {
	const known = roleNamed(name);
	const change = Object.hasOwn(changes, name) ? (changes[name] ?? {}) : {};
	return known ? {...known, prefix: change.prefix ?? known.prefix, prompt: change.prompt ?? known.prompt} : ownRole(name, change);
};
