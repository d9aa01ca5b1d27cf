import type {Flag} from './command.ts';

/** Flags that every command takes. */
export const GLOBAL_FLAGS = {
	repo: {type: 'string', value: 'DIR', summary: 'repository to work on (default: the current folder)'},
	redis: {type: 'string', value: 'URL', summary: 'use this Redis instead of the embedded one'},
	namespace: {type: 'string', value: 'NAME', summary: 'prefix of the Redis keys (default: workflow)'},
	config: {type: 'string', value: 'FILE', summary: 'read this file instead of agent-room.yaml'},
	trust: {type: 'boolean', summary: "trust the commands in the repository's config"},
	json: {type: 'boolean', summary: 'print JSON, one documented object a line'},
	help: {type: 'boolean', summary: 'show help'},
	version: {type: 'boolean', summary: 'show the version'},
} as const satisfies Record<string, Flag>;
